// Values of labels as hive writes them, and without what would have no bound.

/** `core/v1/configmaps`, `apps/v1/deployments`: names and namespaces are left out. */
export function resourceOf(path: string): string {
  const core = /^\/api\/(v1)(?:\/namespaces\/[^/]+)?\/([^/?]+)/.exec(path);
  if (core) return `core/${core[1] ?? ''}/${core[2] ?? ''}`;
  const group = /^\/apis\/([^/]+)\/([^/]+)(?:\/namespaces\/[^/]+)?\/([^/?]+)/.exec(path);
  return group ? `${group[1] ?? ''}/${group[2] ?? ''}/${group[3] ?? ''}` : 'other';
}

const texts: Readonly<Record<number, string>> = {
  0: 'none',
  200: '200 OK',
  201: '201 Created',
  400: '400 Bad Request',
  401: '401 Unauthorized',
  403: '403 Forbidden',
  404: '404 Not Found',
  409: '409 Conflict',
  410: '410 Gone',
  422: '422 Unprocessable Entity',
  429: '429 Too Many Requests',
  500: '500 Internal Server Error',
  503: '503 Service Unavailable',
};

/** As Go's net/http writes it, which is what hive's label has. */
export function statusText(status: number): string {
  return texts[status] ?? String(status);
}
