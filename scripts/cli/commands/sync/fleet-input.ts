// The fleet that the operands and flags name.

import { resolve } from 'node:path';
import { UsageError } from '../../../base/errors.ts';
import { plain } from '../../../base/layout.ts';
import type { HostContext } from '../../../context.ts';
import { type FromFiles, fleetFromFiles } from '../../../fleet/sources/files.ts';
import { uidOf } from '../../../fleet/targets/cluster-deployment.ts';
import type { FleetCluster } from '../../../fleet/targets/types.ts';
import { kubeconfigPaths } from '../../../kube/kubeconfig/kubeconfig.ts';
import { readConnection } from '../../../kube/kubeconfig/read.ts';
import type { ContextFlag, FleetOptions } from './options.ts';

/** @throws ConfigError with everything that is wrong in the files; UsageError where no cluster is named */
export async function readFleet(
  operands: readonly string[],
  options: FleetOptions,
  context: HostContext,
): Promise<FromFiles> {
  const fleet = await fleetFromFiles({
    paths: operands.map((path) => resolve(context.cwd, path)),
    parameters: options.parameters,
    extra: options.contexts.map((flag) => contextCluster(flag, options, context)),
  });
  if (fleet.clusters.length === 0) {
    throw new UsageError('there is no cluster: the files hold no ClusterDeployment, and no --context is given');
  }
  return fleet;
}

/** What works and is hardly meant that way, a line each. */
export function warningLines({ warnings }: Pick<FromFiles, 'warnings'>): string {
  return warnings.map(({ where, message }) => `warning: ${plain(`${where}: ${message}`)}\n`).join('');
}

/** A context as a cluster of the namespace `contexts`. */
function contextCluster(
  { name, labels }: ContextFlag,
  { kubeconfig }: FleetOptions,
  context: HostContext,
): FleetCluster {
  const paths = kubeconfigPaths(context.env, kubeconfig === undefined ? undefined : resolve(context.cwd, kubeconfig));
  const id = `contexts/${name}`;
  let connection: ReturnType<FleetCluster['connection']> | undefined;
  return {
    id,
    namespace: 'contexts',
    name,
    uid: uidOf(id),
    labels,
    annotations: {},
    connection: () =>
      (connection ??= readConnection({ paths, context: name, exec: context.exec }).then((read) => read.connection)),
    where: `context ${name}`,
  };
}
