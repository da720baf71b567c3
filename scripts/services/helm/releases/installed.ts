// What a release consists of, read from helm's own record of it on the cluster.

import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { ServicesError } from '../../../base/errors.ts';
import type { KubeClient } from '../../../kube/client/client.ts';
import type { KubeObject } from '../../../kube/object.ts';
import { renderedObjects } from '../implied/documents.ts';
import { type Awaited, awaitedKinds, awaitedOf } from './awaited.ts';
import { keepAwaited, keptAwaited } from './kept-awaited.ts';
import { type RecordId, recordIdOf } from './releases.ts';

interface ReleaseSecret extends KubeObject {
  data?: { release?: string };
}

export interface ReleaseRef {
  name: string;
  namespace: string;
  revision: number;
}

/** What helm has recorded of a revision. */
export interface ReleaseRecord {
  /** All that it consists of, as YAML. */
  manifest?: string;
  /** The values that it was given. */
  config?: Record<string, unknown> | null;
  chart?: { metadata?: { name?: string; version?: string } };
}

/** @throws KubeApiError; ServicesError where the record cannot be read */
export async function readReleaseRecord(
  client: KubeClient,
  release: ReleaseRef,
  signal: AbortSignal,
): Promise<ReleaseRecord> {
  return recordOf(await readSecret(client, release, signal), release.name);
}

function readSecret(
  client: KubeClient,
  { name, namespace, revision }: ReleaseRef,
  signal: AbortSignal,
): Promise<ReleaseSecret> {
  const path = `/api/v1/namespaces/${namespace}/secrets/sh.helm.release.v1.${name}.v${revision}`;
  return client.json<ReleaseSecret>({ path, signal, attempts: 3 });
}

/**
 * What there is to wait for in a revision: from the cache where it holds that of this very record, which never changes.
 * @param options.known ids of the record, as they were found; undefined where the revision is a new one
 * @throws KubeApiError; ServicesError where the record cannot be read
 */
export async function readInstalled(
  client: KubeClient,
  release: ReleaseRef,
  options: { cache: string; known: RecordId | undefined; signal: AbortSignal },
): Promise<Awaited> {
  const { cache, known, signal } = options;
  const before = known && (await keptAwaited(cache, known));
  if (before) return before;
  const secret = await readSecret(client, release, signal);
  const { manifest = '' } = await recordOf(secret, release.name);
  const objects = await renderedObjects(manifest, (kind) => awaitedKinds.has(kind));
  const awaited = awaitedOf(objects, release.namespace);
  await keepAwaited(cache, recordIdOf(secret), awaited);
  return awaited;
}

/** Helm packs a release as JSON, gzip and base64; the secret adds a base64 of its own. */
async function recordOf({ data = {} }: ReleaseSecret, name: string): Promise<ReleaseRecord> {
  try {
    const inner = Buffer.from(data.release ?? '', 'base64').toString('latin1');
    const json = await promisify(gunzip)(Buffer.from(inner, 'base64'));
    return JSON.parse(json.toString('utf8')) as ReleaseRecord;
  } catch (cause) {
    throw new ServicesError(`helm's record of the release "${name}" cannot be read`, { cause });
  }
}
