// What every use of k3d needs, whatever the plan: the engine, the cluster's files, the binary and its environment.

import { endpointEnv } from '../../docker/endpoint.ts';
import type { DockerSession } from '../../docker/session.ts';
import type { Exec } from '../../host/exec.ts';
import { locateTool } from '../../tools/locate.ts';
import { pinOf, type ToolOptions, toolFile } from '../../tools/options.ts';
import { k3dEnv } from './plan/k3d-commands.ts';
import type { K3dLayout } from './state.ts';

export interface K3dContext {
  readonly docker: DockerSession;
  readonly layout: K3dLayout;
  readonly exec: Exec;
  /** Path of the k3d binary. */
  readonly k3d: () => Promise<string>;
  /** For child processes. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** How child processes are run, and where tools are. */
export interface K3dTools {
  exec: Exec;
  tools: ToolOptions;
}

/** @param variables for k3d alone. */
export function k3dContext(
  layout: K3dLayout,
  docker: DockerSession,
  { exec, tools }: K3dTools,
  variables: Readonly<Record<string, string>> = {},
): K3dContext {
  return {
    docker,
    layout,
    exec,
    k3d: async () => (await locateTool('k3d', tools))?.path ?? toolFile(pinOf('k3d', tools), tools),
    // The run's own environment, which need not be that of this process: k3d replaces variables in configs by it.
    // k3d would merge into the kubeconfig named here, without the flag that leaves kubeconfigs alone.
    env: {
      ...tools.env,
      ...k3dEnv(tools.env, endpointEnv(docker.endpoint), `${layout.root}/kubeconfig-of-k3d`),
      ...variables,
    },
  };
}
