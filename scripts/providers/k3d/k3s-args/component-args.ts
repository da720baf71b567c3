// The plan's arguments for the control plane's components, as k3s takes them.

import type { Argument, Component } from '../../../plan/tuning.ts';
import type { K3sArg } from './k3s-args.ts';
import type { Topology } from '../plan/node-filters.ts';

/** kwok is not there. */
const OPTIONS: Readonly<Partial<Record<Component, string>>> = {
  etcd: 'etcd-arg',
  apiserver: 'kube-apiserver-arg',
  controllerManager: 'kube-controller-manager-arg',
  scheduler: 'kube-scheduler-arg',
};

/** Arguments for all servers; a tuned one gives way where `given` sets the same flag. */
export function componentArgs(
  components: Readonly<Record<Component, readonly Argument[]>>,
  given: readonly K3sArg[],
  { servers }: Pick<Topology, 'servers'>,
): K3sArg[] {
  const args: K3sArg[] = [];
  for (const [component, option] of Object.entries(OPTIONS)) {
    if (component === 'etcd' && servers === 1) continue;
    for (const { flag, value, reason, source } of components[component as Component]) {
      if (source === 'tuned' && sets(given, `--${option}=${flag}=`)) continue;
      const where = source === 'user' ? `componentArgs.${component}.${flag}` : `tuned: ${reason}`;
      args.push({ arg: `--${option}=${flag}=${value}`, nodes: ['server:*'], where });
    }
  }
  return args;
}

/** What the user says of components that this cluster does not have. */
export function absentComponents(
  components: Readonly<Record<Component, readonly Argument[]>>,
  { servers }: Topology,
): string[] {
  const said = (component: Component, why: string): string[] =>
    components[component].some(({ source }) => source === 'user')
      ? [`componentArgs.${component} has no effect here: ${why}`]
      : [];
  return [
    ...(servers === 1 ? said('etcd', 'k3s with one server has no etcd') : []),
    ...said('kwok', "kwok is the embedded provider's"),
  ];
}

/** What is not wanted of k3s's packaged parts. */
export function disableArgs(disable: readonly string[]): K3sArg[] {
  return disable.map((item) => ({ arg: `--disable=${item}`, nodes: ['server:*'], where: 'k3d.disable' }));
}

/** Keeps each node's offer within its container's limits, unless the user reserves something himself. */
export function reserveArgs(
  reserved: { server: string | undefined; agent: string | undefined },
  { agents }: Topology,
  given: readonly K3sArg[],
): K3sArg[] {
  if (sets(given, '--kubelet-arg=system-reserved=')) return [];
  const arg = (value: string | undefined, nodes: string): K3sArg[] =>
    value === undefined
      ? []
      : [
          {
            arg: `--kubelet-arg=system-reserved=${value}`,
            nodes: [nodes],
            where: 'limits: a node offers what its container may use, not the whole machine',
          },
        ];
  return [...arg(reserved.server, 'server:*'), ...(agents > 0 ? arg(reserved.agent, 'agent:*') : [])];
}

function sets(given: readonly K3sArg[], prefix: string): boolean {
  return given.some(({ arg }) => arg.startsWith(prefix));
}
