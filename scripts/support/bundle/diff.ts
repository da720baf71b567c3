// What is different between two bundles: files, and the objects inside lists of them.

import { createHash } from 'node:crypto';
import { pipeline } from 'node:stream/promises';
import type { BundleFiles } from '../types.ts';

export interface FileDifference {
  path: string;
  change: 'added' | 'removed' | 'changed';
  /** Of a list of objects: those that came, went and changed, as `namespace/name`. */
  objects?: { added: string[]; removed: string[]; changed: string[] } | undefined;
}

/** What changes without anything having changed: versions of objects, and signs of life. */
const NOISE = new Set(['resourceVersion', 'managedFields', 'generation', 'uid', 'renewTime', 'lastHeartbeatTime']);
/** Files that say when they were written. */
const STAMPED = /^(collector-errors|host-collectors\/errors)\/|^skipped-collectors\.json$/;

/** Longer files are compared as they are, without a look at their objects; in bytes. */
const MOST_COMPARED = 64 << 20;

export async function diffBundles(before: BundleFiles, after: BundleFiles): Promise<FileDifference[]> {
  const [old, now] = [new Set(before.list()), new Set(after.list())];
  const found: FileDifference[] = [];
  for (const path of [...new Set([...old, ...now])].sort()) {
    if (path.startsWith('execution-data/') || path === 'index.html') continue;
    if (!now.has(path)) found.push({ path, change: 'removed' });
    else if (!old.has(path)) found.push({ path, change: 'added' });
    else {
      if (Math.max(before.sizeOf(path), after.sizeOf(path)) > MOST_COMPARED) {
        if (!(await sameLongFile(path, before, after))) found.push({ path, change: 'changed' });
        continue;
      }
      const [a, b] = [await before.read(path), await after.read(path)];
      if (!a || !b || a.equals(b)) continue;
      if (path.endsWith('.json') && sameButForNoise(path, a, b)) continue;
      const objects = path.endsWith('.json') ? objectChanges(a, b) : undefined;
      // Lists whose objects are the same differ only in their version.
      if (objects && Object.values(objects).every((names) => names.length === 0)) continue;
      found.push({ path, change: 'changed', objects });
    }
  }
  return found;
}

async function sameLongFile(path: string, before: BundleFiles, after: BundleFiles): Promise<boolean> {
  if (before.sizeOf(path) !== after.sizeOf(path)) return false;
  return (await sumOf(path, before)) === (await sumOf(path, after));
}

async function sumOf(path: string, bundle: BundleFiles): Promise<string> {
  const hash = createHash('sha256');
  const content = bundle.stream(path);
  if (content !== undefined) await pipeline(content, hash);
  return hash.digest('hex');
}

/** The API server gives a user's rules in any order; the same values mean the same in another. */
const UNORDERED = 'cluster-resources/auth-cani-list/';

function sameButForNoise(path: string, a: Buffer, b: Buffer): boolean {
  const noise = STAMPED.test(path) ? new Set([...NOISE, 'timestamp']) : NOISE;
  const [old, now] = [a, b].map((content) => {
    try {
      return canonical(JSON.parse(content.toString('utf8')), { noise, sorted: path.startsWith(UNORDERED) });
    } catch {
      return undefined;
    }
  });
  return old !== undefined && old === now;
}

function canonical(value: unknown, { noise, sorted }: { noise: ReadonlySet<string>; sorted: boolean }): string {
  if (Array.isArray(value)) {
    const items = value.map((one) => canonical(one, { noise, sorted }));
    return `[${(sorted ? items.sort() : items).join(',')}]`;
  }
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value)
    .filter(([key]) => !noise.has(key))
    .map(([key, inner]) => `${JSON.stringify(key)}:${canonical(inner, { noise, sorted })}`);
  return `{${entries.join(',')}}`;
}

function objectChanges(a: Buffer, b: Buffer): FileDifference['objects'] {
  const [old, now] = [objectsOf(a), objectsOf(b)];
  if (!old || !now) return undefined;
  const both = [...now.keys()].filter((name) => old.has(name));
  return {
    added: [...now.keys()].filter((name) => !old.has(name)),
    removed: [...old.keys()].filter((name) => !now.has(name)),
    changed: both.filter((name) => old.get(name) !== now.get(name)),
  };
}

function objectsOf(content: Buffer): Map<string, string> | undefined {
  try {
    const parsed: unknown = JSON.parse(content.toString('utf8'));
    const items = Array.isArray(parsed) ? (parsed as unknown[]) : (parsed as { items?: unknown }).items;
    if (!Array.isArray(items)) return undefined;
    return new Map(
      (items as { kind?: string; metadata?: { namespace?: string; name?: string } }[]).map(
        ({ metadata, ...item }, i) => {
          const name = [metadata?.namespace, metadata?.name ?? String(i)]
            .filter((part) => part !== undefined)
            .join('/');
          return [
            name,
            JSON.stringify({ ...item, metadata }, (key, value: unknown) => (NOISE.has(key) ? undefined : value)),
          ];
        },
      ),
    );
  } catch {
    return undefined;
  }
}
