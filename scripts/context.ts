// What commands and capabilities are given of the world around them; scripts/wiring.ts has the real one, tests their own.

import type { DockerSession, NoEngine } from './docker/session.ts';
import type { Clock } from './engine/clock.ts';
import type { Exec } from './host/exec.ts';
import type { ProviderName } from './plan/provider-name.ts';
import type { Provider } from './providers/provider.ts';
import type { ToolOptions } from './tools/options.ts';

/** The machine and the user's environment: what any command needs. */
export interface HostContext {
  env: Readonly<Record<string, string | undefined>>;
  cwd: string;
  exec: Exec;
  clock: Clock;
  now: () => Date;
  /** Folder of hoist's own state. */
  stateHome: string;
}

/** What commands need that create or use clusters. */
export interface ClusterContext extends HostContext {
  tools: ToolOptions;
  /** The Docker engine, asked once; or the reason why there is none. */
  docker: () => Promise<DockerSession | NoEngine>;
  /** Providers are loaded when they are used. */
  provider(name: ProviderName): Promise<Provider>;
}

/** All providers that leave clusters behind which `status` and `down` care for. */
export const clusterProviders: readonly ProviderName[] = ['embedded', 'k3d', 'existing'];
