// Secrets and ConfigMaps that collectors have asked for one by one: what they found, as objects again.

import type { KubeObject } from '../../kube/object.ts';
import type { FileStore } from '../bundle/store.ts';

/** Bytes of such a file; an object has at most 1 MiB. */
const MOST_BYTES = 16 << 20;

interface Found {
  namespace?: unknown;
  name?: unknown;
  key?: unknown;
  value?: unknown;
  data?: unknown;
  secretExists?: unknown;
  configMapExists?: unknown;
  keyExists?: unknown;
}

type Holder = KubeObject & { kind: 'Secret' | 'ConfigMap'; data: Record<string, string> };

/** The keys of one object may be in several files. A key whose value was not asked for is there, and empty. */
export async function* keyedObjects(store: FileStore): AsyncGenerator<Holder> {
  const holders = new Map<string, Holder>();
  for (const path of store.list()) {
    const kind = path.startsWith('secrets/') ? 'Secret' : path.startsWith('configmaps/') ? 'ConfigMap' : undefined;
    if (!kind || !path.endsWith('.json') || store.sizeOf(path) > MOST_BYTES) continue;
    const found = parsed(await store.read(path));
    if (found?.[kind === 'Secret' ? 'secretExists' : 'configMapExists'] !== true) continue;
    const { namespace, name } = found;
    if (typeof namespace !== 'string' || typeof name !== 'string') continue;
    const id = JSON.stringify([kind, namespace, name]);
    const holder = holders.get(id) ?? { apiVersion: 'v1', kind, metadata: { name, namespace }, data: {} };
    for (const [key, value] of valuesOf(found))
      holder.data[key] = kind === 'Secret' ? Buffer.from(value).toString('base64') : value;
    holders.set(id, holder);
  }
  yield* holders.values();
}

function valuesOf({ key, value, data, keyExists }: Found): [string, string][] {
  const own: [string, string][] =
    keyExists === true && typeof key === 'string' ? [[key, typeof value === 'string' ? value : '']] : [];
  if (typeof data !== 'object' || data === null) return own;
  const all = Object.entries(data).flatMap(([name, text]): [string, string][] =>
    typeof text === 'string' ? [[name, text]] : [],
  );
  return [...own, ...all];
}

function parsed(content: Buffer | undefined): Found | undefined {
  try {
    const value: unknown = JSON.parse(content?.toString('utf8') ?? '');
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
