// The one place that picks the real implementations; tests build a Wiring of their own.

import { type ClusterContext, clusterProviders } from './context.ts';
import { systemClock } from './engine/clock.ts';
import type { DockerSession, NoEngine } from './docker/session.ts';
import { exec } from './host/execa.ts';
import { stateHome } from './host/paths.ts';
import type { ToolOptions } from './tools/options.ts';

export function realWiring(env: NodeJS.ProcessEnv, cwd: string): ClusterContext {
  const tools: ToolOptions = { env, exec };
  let session: Promise<DockerSession | NoEngine> | undefined;
  const docker = (): Promise<DockerSession | NoEngine> =>
    (session ??= import('./docker/session.ts').then(({ tryDocker }) => tryDocker(env)));
  const wiring: ClusterContext = {
    env,
    cwd,
    exec,
    clock: systemClock,
    now: () => new Date(),
    tools,
    stateHome: stateHome(env),
    docker,
    async provider(name) {
      switch (name) {
        case 'embedded':
          return (await import('./providers/embedded/embedded.ts')).embeddedProvider({ exec, tools });
        case 'k3d':
          return (await import('./providers/k3d/k3d.ts')).k3dProvider({ exec, tools, docker });
        case 'existing': {
          const { existingProvider } = await import('./providers/existing/existing.ts');
          return existingProvider({ exec, env, home: stateHome(env), ownKubeconfigs: () => ownKubeconfigs(wiring) });
        }
      }
    },
  };
  return wiring;
}

/** Kubeconfigs of all clusters that hoist has made. */
async function ownKubeconfigs(wiring: ClusterContext): Promise<string[]> {
  const files = await Promise.all(
    clusterProviders
      .filter((name) => name !== 'existing')
      .map(async (name) => {
        const provider = await wiring.provider(name);
        // One that cannot be asked, as k3d without an engine, has none to list.
        const clusters = await provider.list().catch(() => []);
        return clusters.map((cluster) => provider.kubeconfigFile(cluster));
      }),
  );
  return files.flat();
}
