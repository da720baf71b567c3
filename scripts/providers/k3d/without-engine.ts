// A plan of a k3d cluster where no engine answers: shown all the same, with what cannot be known said.

import type { DockerClient } from '../../docker/client.ts';
import type { Endpoint } from '../../docker/endpoint.ts';
import { DockerError, DockerUnreachableError } from '../../docker/docker-errors.ts';
import type { DockerSession, NoEngine } from '../../docker/session.ts';
import { localMachine } from '../../host/machine.ts';
import type { ClusterPlan } from '../../plan/plan.ts';
import type { PreparedCluster } from '../provider.ts';
import type { K3dTools } from './context.ts';
import { describe } from './describe.ts';
import { prepareRun } from './prepare-run.ts';
import type { K3dLayout } from './state.ts';
import { clusterSteps } from './steps.ts';

/** @throws ConfigError as `prepareRun` does */
export async function planWithoutEngine(
  plan: ClusterPlan,
  layout: K3dLayout,
  { why, hint }: NoEngine,
  deps: K3dTools,
): Promise<PreparedCluster> {
  const run = await prepareRun(plan, layout, emptySession(deps.tools.env), deps);
  return {
    unknown: `${why}; shown as for a new cluster, with the size of this machine and every image to be pulled`,
    inspect: () => Promise.resolve({ kind: 'absent' }),
    describe: (situation) => describe(run, situation),
    async steps(inputs) {
      const steps = await clusterSteps(run, inputs, deps.tools);
      // These are never run; running them would have no effect.
      const refuse = (): never => {
        throw new DockerUnreachableError(why, { hint });
      };
      return steps.map((step) => ({ ...step, run: refuse }));
    },
  };
}

/** Of an engine on this machine that has nothing. */
function emptySession(env: DockerSession['env']): DockerSession {
  const { cpus, memoryBytes, source: sizeFrom } = localMachine();
  const endpoint: Endpoint = { host: 'unix:///var/run/docker.sock', source: 'default' };
  const engine: DockerClient = {
    endpoint,
    json: <T>({ path }: { path: string }) =>
      path === '/containers/json' ? Promise.resolve([] as T) : Promise.reject(nothing()),
    stream: () => Promise.reject(nothing()),
    close: () => undefined,
  };
  const texts = { name: '', serverVersion: '', operatingSystem: '', kernelVersion: '', cgroupDriver: '' };
  const proxies = { httpProxy: '', httpsProxy: '', noProxy: '', registryMirrors: [] };
  const rest = { storageDriver: '', rootDir: '', rootless: false, containersRunning: 0, cgroupVersion: 2 as const };
  const architecture = process.arch === 'arm64' ? 'aarch64' : 'x86_64';
  return { endpoint, engine, info: { ...texts, ...proxies, ...rest, architecture, cpus, memoryBytes, sizeFrom }, env };
}

const nothing = (): DockerError => new DockerError('it is not there', 404);
