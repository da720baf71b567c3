// A kubeconfig of one context alone, for helm and for steps of the user: pure.

import { type KubeEntries } from '../../kube/kubeconfig/read.ts';
import { type Located, pathOf } from '../../kube/kubeconfig/load.ts';

/** Keys whose values are paths relative to the file that they stand in. */
const PATHS = ['certificate-authority', 'client-certificate', 'client-key', 'tokenFile'];

/** Its text; files stay where they are, so that a renewed certificate or token counts. */
export function ownKubeconfig({ context, link, cluster, user }: KubeEntries): string {
  const names = { cluster: link.cluster ?? context, user: link.user ?? context };
  return `${JSON.stringify(
    {
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': context,
      contexts: [{ name: context, context: { ...link, ...names } }],
      clusters: [{ name: names.cluster, cluster: absolute(cluster) }],
      users: [{ name: names.user, user: absolute(user) }],
    },
    null,
    2,
  )}\n`;
}

function absolute(entry: Located<object>): Record<string, unknown> {
  const value = { ...entry.value } as Record<string, unknown>;
  for (const key of PATHS) {
    const path = value[key];
    if (typeof path === 'string' && path !== '') value[key] = pathOf(entry, path);
  }
  const { exec } = value as { exec?: { command?: unknown } | null };
  // A command without a slash is looked for on the PATH.
  if (typeof exec?.command === 'string' && exec.command.includes('/')) {
    value['exec'] = { ...exec, command: pathOf(entry, exec.command) };
  }
  return value;
}
