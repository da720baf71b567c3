// Makes the definitions of a chart's crds folder: helm would do the same, and then look only every 2 s whether they are served.

import type { KubeClient } from '../../../kube/client/client.ts';
import { waitEstablished } from '../../../kube/apply/established.ts';
import { KubeApiError } from '../../../kube/client/errors.ts';
import type { KubeObject } from '../../../kube/object.ts';

const ESTABLISHED_MS = 60_000;
const PATH = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

/**
 * Those that are there already stay as they are, as with helm.
 * @param text what `helm show crds` prints
 * @throws KubeApiError where the server refuses one; HealthError where one is not served in time
 */
export async function createDefinitions(client: KubeClient, text: string, signal: AbortSignal): Promise<void> {
  const documents = text
    .split(/^---(?:[ \t].*)?$/m)
    .filter((one) => /^kind:\s*["']?CustomResourceDefinition/m.test(one));
  await Promise.all(
    documents.map(async (document) => {
      const name = await create(client, document, signal);
      if (name !== undefined) await waitEstablished(client, name, { timeoutMs: ESTABLISHED_MS, signal });
    }),
  );
}

/** As they are written: definitions can be megabytes of YAML, which the server reads faster than we do. */
async function create(client: KubeClient, document: string, signal: AbortSignal): Promise<string | undefined> {
  try {
    const created = await client.json<KubeObject>({
      method: 'POST',
      path: PATH,
      query: { fieldManager: 'helm' },
      body: document,
      contentType: 'application/yaml',
      signal,
    });
    return created.metadata.name;
  } catch (error) {
    if (error instanceof KubeApiError && error.reason === 'AlreadyExists') return undefined;
    throw error;
  }
}
