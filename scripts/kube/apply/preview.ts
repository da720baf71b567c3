// What an apply would change, object by object: the live one, and what the server would make of it. Nothing is written.

import pLimit from 'p-limit';
import type { KubeClient } from '../client/client.ts';
import { KubeApiError } from '../client/errors.ts';
import { discoveryOf } from '../discovery.ts';
import type { Manifest } from '../manifests/manifest.ts';
import type { KubeObject } from '../object.ts';
import { collectionPath, type Resource } from '../resources.ts';
import type { ConflictPolicy, OwnedField } from './conflicts.ts';
import { explain } from './explain.ts';
import { send } from './send.ts';

export interface PreviewOptions {
  fieldManager?: string;
  onConflict?: ConflictPolicy;
  signal: AbortSignal;
}

export interface Preview {
  manifest: Manifest;
  /** undefined where there is none. */
  live: KubeObject | undefined;
  /** What it would be; undefined where it would be made, or the server refuses it. */
  next: KubeObject | undefined;
  /** Fields that others own and an apply leaves to them. */
  left: readonly OwnedField[];
  /** Why the server refuses it. */
  refused?: string | undefined;
}

/** Requests under way at once. */
const CONCURRENCY = 32;

/** In the order given. @throws KubeConnectionError, or the signal's reason */
export async function preview(
  client: KubeClient,
  manifests: readonly Manifest[],
  options: PreviewOptions,
): Promise<Preview[]> {
  const limit = pLimit(CONCURRENCY);
  const discovery = discoveryOf(client);
  return Promise.all(
    manifests.map((manifest) =>
      limit(async () => {
        const { apiVersion, kind } = manifest.object;
        const resource = await discovery.find(apiVersion, kind, options.signal);
        // A kind that is not served yet comes with its definition.
        if (!resource) return { manifest, live: undefined, next: undefined, left: [] };
        return previewOne(client, placed(manifest, resource), resource, options);
      }),
    ),
  );
}

async function previewOne(
  client: KubeClient,
  manifest: Manifest,
  resource: Resource,
  { fieldManager = 'hoist', onConflict = 'decide', signal }: PreviewOptions,
): Promise<Preview> {
  const { name, namespace } = manifest.object.metadata;
  const path = `${collectionPath(resource, namespace)}/${encodeURIComponent(name)}`;
  const live = await client.json<KubeObject>({ path, signal, attempts: 3 }).catch((error: unknown) => {
    if (error instanceof KubeApiError && error.status === 404) return undefined;
    throw error;
  });
  if (!live) return { manifest, live, next: undefined, left: [] };
  const asked = { patienceMs: 0, justDefined: false, whole: true, dryRun: true };
  try {
    const { object: next, left } = await send(client, manifest, resource, {
      fieldManager,
      onConflict,
      signal,
      ...asked,
    });
    return { manifest, live, next, left };
  } catch (error) {
    if (!(error instanceof KubeApiError)) throw error;
    return { manifest, live, next: undefined, left: [], refused: explain(manifest, error).message };
  }
}

/** As the server wants it: a namespace where the kind has one, none where it has not. */
function placed(manifest: Manifest, { namespaced }: Resource): Manifest {
  const { object } = manifest;
  const { namespace, ...metadata } = object.metadata;
  if (!namespaced) return { ...manifest, object: { ...object, metadata } };
  const own = namespace === undefined || namespace === '' ? 'default' : namespace;
  return { ...manifest, object: { ...object, metadata: { ...metadata, namespace: own } } };
}
