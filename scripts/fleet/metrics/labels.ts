// Values of labels as hive writes them, and without what would have no bound.

import { STATUS_CODES } from 'node:http';

/** `core/v1/configmaps`, `apps/v1/deployments`: names and namespaces are left out. */
export function resourceOf(path: string): string {
  const core = /^\/api\/(v1)(?:\/namespaces\/[^/]+)?\/([^/?]+)/.exec(path);
  if (core) return `core/${core[1] ?? ''}/${core[2] ?? ''}`;
  const group = /^\/apis\/([^/]+)\/([^/]+)(?:\/namespaces\/[^/]+)?\/([^/?]+)/.exec(path);
  return group ? `${group[1] ?? ''}/${group[2] ?? ''}/${group[3] ?? ''}` : 'other';
}

/** Where Go's net/http has other words than Node. */
const others: Readonly<Record<number, string>> = {
  413: 'Request Entity Too Large',
  416: 'Requested Range Not Satisfiable',
  418: "I'm a teapot",
};

/** As Go's net/http writes it, which is what hive's label has. */
export function statusText(status: number): string {
  return `${status} ${others[status] ?? STATUS_CODES[status] ?? ''}`.trim();
}
