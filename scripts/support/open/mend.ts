// Finds the objects that the API server cannot read, which would hide all others of their kind, and stores less of them.

import { setTimeout as sleep } from 'node:timers/promises';
import pLimit from 'p-limit';
import type { KubeClient } from '../../kube/client/client.ts';
import { waitApiReady } from '../../kube/watch/health.ts';
import { type StoredKind, builtIn, collectionPath } from './kinds.ts';

/** Where the objects are kept. */
export interface ObjectStore {
  put(key: string, value: string, signal: AbortSignal): Promise<void>;
  get(key: string, signal: AbortSignal): Promise<string | undefined>;
  delete(key: string, signal: AbortSignal): Promise<void>;
  keys(prefix: string, signal: AbortSignal): Promise<string[]>;
}

export interface Mended {
  /** Objects that are shown with their name and labels alone; and why, for one of them. */
  reduced: number;
  /** Objects that are not shown at all. */
  removed: number;
  why: string | undefined;
}

/** Requests at once. */
const AT_ONCE = 16;
const READY_MS = 60_000;

export async function mend(
  client: KubeClient,
  store: ObjectStore,
  { kinds, signal }: { kinds: Iterable<StoredKind>; signal: AbortSignal },
): Promise<Mended> {
  const found: Mended = { reduced: 0, removed: 0, why: undefined };
  const slots = pLimit(AT_ONCE);
  await Promise.all(
    // Custom resources are read as whatever they are.
    [...kinds].filter(isBuiltIn).map(async (kind) => {
      if (await slots(() => isReadable(client, kind, signal))) return;
      for (const key of await unreadable(client, store, { kind, slots, signal })) {
        const stub = stubOf(await store.get(key.key, signal), key.why);
        found.why ??= key.why;
        if (stub === undefined) await store.delete(key.key, signal);
        else await store.put(key.key, stub, signal);
        if (stub === undefined) found.removed++;
        else found.reduced++;
      }
      // Those of which not even the name can be read.
      for (const { key } of await unreadable(client, store, { kind, slots, signal })) {
        await store.delete(key, signal);
        found.reduced--;
        found.removed++;
      }
    }),
  );
  return found;
}

const isBuiltIn = ({ kind, apiVersion }: StoredKind): boolean => builtIn(kind, apiVersion) !== undefined;

/**
 * Asks for a name that no object has: the server reads all of them to answer, and sends none. It answers 429 while it reads
 * them for the first time, and forever where it cannot.
 */
async function isReadable(client: KubeClient, kind: StoredKind, signal: AbortSignal): Promise<boolean> {
  const query = { fieldSelector: 'metadata.name=-' };
  const path = collectionPath(kind);
  for (const pauseMs of [50, 200, 400, 800, undefined]) {
    const { status, body } = await client.request({ path, query, signal, timeoutMs: READY_MS, patient: false });
    if (status !== 429) return status < 400 || status === 404;
    if (pauseMs === undefined || body.includes('failed to list')) break;
    await sleep(pauseMs, undefined, { signal });
  }
  return false;
}

async function unreadable(
  client: KubeClient,
  store: ObjectStore,
  { kind, slots, signal }: { kind: StoredKind; slots: <T>(work: () => Promise<T>) => Promise<T>; signal: AbortSignal },
): Promise<{ key: string; why: string }[]> {
  const prefix = `/registry/${kind.prefix}/`;
  const keys = await store.keys(prefix, signal);
  const answers = await Promise.all(
    keys.map((key) =>
      slots(async () => {
        const parts = key.slice(prefix.length).split('/').map(encodeURIComponent);
        const [namespace = '', name = ''] = kind.namespaced ? parts : ['', ...parts];
        const base = `/${kind.apiVersion.includes('/') ? 'apis' : 'api'}/${kind.apiVersion}`;
        const path = `${base}/${kind.namespaced ? `namespaces/${namespace}/` : ''}${kind.plural}/${name}`;
        const { status, body } = await client.request({ path, signal, timeoutMs: READY_MS, patient: false });
        return status < 500 ? [] : [{ key, why: messageIn(body) }];
      }),
    ),
  );
  return answers.flat();
}

function messageIn(body: string): string {
  try {
    const { message } = JSON.parse(body) as { message?: unknown };
    return (typeof message === 'string' ? message : body).slice(0, 300);
  } catch {
    return body.slice(0, 300);
  }
}

interface Loose {
  apiVersion?: unknown;
  kind?: unknown;
  metadata?: { name?: unknown; namespace?: unknown; uid?: unknown; creationTimestamp?: unknown; labels?: unknown };
}

/** Its name, labels and age; undefined where there is no more than that either. */
function stubOf(value: string | undefined, why: string): string | undefined {
  try {
    const { apiVersion, kind, metadata } = JSON.parse(value ?? '') as Loose;
    const { name, namespace, uid, creationTimestamp, labels } = metadata ?? {};
    const text = (field: unknown): string | undefined => (typeof field === 'string' ? field : undefined);
    const at = Number.isNaN(Date.parse(text(creationTimestamp) ?? '')) ? undefined : creationTimestamp;
    const annotations = { 'hoist/note': `its content cannot be read by this API server: ${why}` };
    const own = Object.entries(typeof labels === 'object' && labels !== null ? labels : {});
    const itsLabels = Object.fromEntries(own.filter(([, label]) => typeof label === 'string'));
    const kept = {
      name,
      namespace: text(namespace),
      uid: text(uid),
      creationTimestamp: at,
      labels: itsLabels,
      annotations,
    };
    return JSON.stringify({ apiVersion, kind, metadata: kept });
  } catch {
    return undefined;
  }
}

/** What kube-apiserver writes by itself when it starts; a bundle's own objects of these kinds stay. */
const ITS_OWN = ['configmaps', 'priorityclasses'];

/** Removes the objects that kube-apiserver has made and the bundle does not have. */
export async function removeForeign(
  client: KubeClient,
  store: ObjectStore,
  { isOwn, signal }: { isOwn: (key: string) => boolean; signal: AbortSignal },
): Promise<void> {
  await waitApiReady(client, { timeoutMs: READY_MS, signal });
  const keys = await Promise.all(ITS_OWN.map((prefix) => store.keys(`/registry/${prefix}/`, signal)));
  const foreign = keys.flat().filter((key) => !isOwn(key));
  await Promise.all(foreign.map((key) => store.delete(key, signal)));
}
