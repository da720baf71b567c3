// Makes the definitions of a chart's crds folder: helm would do the same, and then look only every 2 s whether they are served.

import type { KubeClient } from '../../../kube/client/client.ts';
import { waitEstablished } from '../../../kube/apply/established.ts';
import { KubeApiError } from '../../../kube/client/errors.ts';
import type { KubeObject } from '../../../kube/object.ts';

const ESTABLISHED_MS = 60_000;
/** Definitions can be megabytes long. */
const METADATA = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json';
const PATH = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

/**
 * The definitions of a chart; undefined where its crds folder has other objects too, which are for helm to make.
 * @param text what `helm show crds` prints: its files one after the other, with nothing in between
 */
export function definitionsIn(text: string): string[] | undefined {
  const documents = text
    .split(/^---(?:[ \t].*)?$/m)
    .flatMap(files)
    .filter((one) => /^[^#\s]/m.test(one));
  const definition = /^["']?kind["']?:\s*["']?CustomResourceDefinition\b/m;
  return documents.every((one) => definition.test(one) && !/^\{/m.test(one)) ? documents : undefined;
}

/** A key that stands at the margin again belongs to the next file. */
function files(text: string): string[] {
  const found: string[] = [];
  let lines: string[] = [];
  let keys = new Set<string>();
  for (const line of text.split('\n')) {
    const key = /^["']?([A-Za-z]+)["']?:/.exec(line)?.[1];
    if (key !== undefined && keys.has(key)) {
      found.push(lines.join('\n'));
      lines = [];
      keys = new Set();
    }
    if (key !== undefined) keys.add(key);
    lines.push(line);
  }
  return [...found, lines.join('\n')];
}

/**
 * Those that are there already stay as they are, as with helm.
 * @throws KubeApiError where the server refuses one; HealthError where one is not served in time
 */
export async function createDefinitions(
  client: KubeClient,
  documents: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  await Promise.all(
    documents.map(async (document) => {
      const name = await create(client, document, signal);
      if (name !== undefined) await waitEstablished(client, name, { timeoutMs: ESTABLISHED_MS, signal });
    }),
  );
}

/** Which of the definitions are not there. @throws KubeApiError */
export async function absentDefinitions(
  client: KubeClient,
  names: readonly string[],
  signal: AbortSignal,
): Promise<string[]> {
  const absent = await Promise.all(
    names.map(async (name) => {
      try {
        await client.json({ path: `${PATH}/${name}`, signal, attempts: 3, accept: METADATA });
        return [];
      } catch (error) {
        if (error instanceof KubeApiError && error.status === 404) return [name];
        throw error;
      }
    }),
  );
  return absent.flat();
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
