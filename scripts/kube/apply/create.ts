// Creates what may be there already, in one request.

import type { KubeClient } from '../client/client.ts';
import { apiErrorOf } from '../client/errors.ts';

export interface NewObject {
  /** Of its collection. */
  path: string;
  body: object;
  /** What it is called in an error. */
  what: string;
}

/**
 * Creates an object unless it is there.
 * @throws KubeApiError
 */
export async function create(client: KubeClient, { path, body, what }: NewObject, signal: AbortSignal): Promise<void> {
  const answer = await client.request({ method: 'POST', path, body, signal, attempts: 5 });
  if (answer.status >= 400 && answer.status !== 409) throw apiErrorOf(what, answer.status, JSON.parse(answer.body));
}

/** kube-apiserver makes its own namespaces only some time after it answers, and what is applied may be for one of them. */
export function createNamespace(client: KubeClient, name: string, signal: AbortSignal): Promise<void> {
  const object = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
  return create(client, { path: '/api/v1/namespaces', body: object, what: `namespace ${name}` }, signal);
}
