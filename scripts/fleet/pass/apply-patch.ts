// Applies a set's patch to an object that is there, only where it would change something: a patch is sent again in each pass.

import { isDeepStrictEqual } from 'node:util';
import { type KubeRequest, parseAnswer } from '../../kube/client/client.ts';
import type { Resource } from '../../kube/resources.ts';
import type { RenderedPatch } from '../desired/render.ts';
import { FIELD_MANAGER } from '../desired/names.ts';
import { fieldChanges } from '../difference/fields.ts';
import { metadataOnly } from '../ladder/listed.ts';
import { isMapping } from '../sets/parse.ts';
import type { Spoke } from '../spoke/spoke.ts';
import { type ApplyContext, pathOf } from './apply-context.ts';

interface Operation {
  op: string;
  path: string;
  from?: string;
  value?: unknown;
}

const contentTypes = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
} as const;

type PatchContext = Pick<ApplyContext, 'signal' | 'dryRun' | 'differs'>;

/** @returns whether it changed the object. @throws KubeApiError where the object is missing, or the server refuses */
export async function applyPatch(
  patch: RenderedPatch,
  resource: Resource,
  spoke: Spoke,
  { signal, dryRun, differs }: PatchContext,
): Promise<boolean> {
  const path = pathOf(patch, resource);
  const live = await spoke.json<Record<string, unknown>>({ path, signal });
  const body = remaining(patch, live);
  if (body === undefined) return false;
  const request: KubeRequest = {
    method: 'PATCH',
    path,
    query: { fieldManager: `${FIELD_MANAGER}-patch`, ...(dryRun ? { dryRun: 'All' } : {}) },
    contentType: contentTypes[patch.patchType],
    accept: dryRun ? 'application/json' : metadataOnly,
    body: JSON.stringify(body),
    signal,
  };
  const answer = parseAnswer(request, await spoke.request(request)) as { metadata: { resourceVersion?: string } };
  if (dryRun) {
    const fields = fieldChanges(live, answer);
    differs?.(fields);
    return fields.length > 0;
  }
  const before = isMapping(live['metadata']) ? live['metadata']['resourceVersion'] : undefined;
  return answer.metadata.resourceVersion !== before;
}

/** What of the patch the object does not have yet; undefined where it has all of it. */
export function remaining({ patchType, value }: Pick<RenderedPatch, 'patchType' | 'value'>, live: unknown): unknown {
  // The server alone knows the keys by which a strategic patch merges lists; it writes nothing where nothing changes.
  if (patchType === 'strategic') return value;
  if (patchType === 'merge') return hasMerged(live, value) ? undefined : value;
  const operations = value as readonly Operation[];
  const open = operations.filter((one) => one.op !== 'test' && !isDone(one, live));
  return open.length === 0 ? undefined : operations.filter((one) => one.op === 'test' || open.includes(one));
}

/** RFC 7396: whether merging would change nothing. */
function hasMerged(live: unknown, patch: unknown): boolean {
  if (!isMapping(patch)) return isDeepStrictEqual(live, patch);
  if (!isMapping(live)) return false;
  return Object.entries(patch).every(([key, value]) => {
    if (value === null) return !Object.hasOwn(live, key) || live[key] === null;
    return Object.hasOwn(live, key) ? hasMerged(live[key], value) : false;
  });
}

/** RFC 6902: whether the operation has been done already. What was appended once is not appended again. */
function isDone({ op, path, value }: Operation, live: unknown): boolean {
  const steps = path.split('/').slice(1).map(unescaped);
  const last = steps.pop();
  if (last === undefined) return false;
  const parent = steps.reduce(step, live);
  if (op === 'add' && Array.isArray(parent)) {
    if (last === '-') return parent.some((one) => isDeepStrictEqual(one, value));
    return isDeepStrictEqual(parent[Number(last)], value);
  }
  if (op === 'add' || op === 'replace') return has(parent, last) && isDeepStrictEqual(step(parent, last), value);
  // Removing an element of a list by its number has no trace that shows whether it was done.
  return op === 'remove' && !Array.isArray(parent) && !has(parent, last);
}

function unescaped(part: string): string {
  return part.replaceAll('~1', '/').replaceAll('~0', '~');
}

function step(node: unknown, key: string): unknown {
  if (Array.isArray(node)) return /^\d+$/.test(key) ? (node[Number(key)] as unknown) : undefined;
  return isMapping(node) && Object.hasOwn(node, key) ? node[key] : undefined;
}

function has(node: unknown, key: string): boolean {
  return Array.isArray(node) ? Number(key) < node.length : isMapping(node) && Object.hasOwn(node, key);
}
