// Deletes one object, only as it was seen: by uid and version.

import { parseAnswer, type KubeRequest } from '../../kube/client/client.ts';
import { collectionPath, type Resource } from '../../kube/resources.ts';
import type { Listed } from '../ladder/listed.ts';
import type { Spoke } from '../spoke/spoke.ts';

/**
 * @returns a sentence where it was not deleted because it has changed since it was listed; the next pass decides again
 * @throws KubeApiError where the server refuses
 */
export async function deleteListed(
  spoke: Spoke,
  resource: Resource,
  { metadata }: Listed,
  { signal, dryRun }: { signal: AbortSignal; dryRun: boolean },
): Promise<string | undefined> {
  const { namespace, name, uid, resourceVersion } = metadata;
  const request: KubeRequest = {
    method: 'DELETE',
    path: `${collectionPath(resource, namespace)}/${encodeURIComponent(name)}`,
    body: {
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      propagationPolicy: 'Background',
      preconditions: { uid, resourceVersion },
      // Not in the query: a server that is given options in the body does not read them there, and would delete.
      ...(dryRun ? { dryRun: ['All'] } : {}),
    },
    signal,
  };
  const response = await spoke.request(request);
  if (response.status === 404) return undefined;
  if (response.status === 409) return 'it has changed since it was listed';
  parseAnswer(request, response);
  return undefined;
}
