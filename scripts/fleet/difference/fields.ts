// What would change about an object, field by field: pure. Contents of Secrets are never shown, only that they differ.

import { isDeepStrictEqual } from 'node:util';
import { HASH } from '../desired/names.ts';
import { isMapping } from '../sets/parse.ts';

export interface FieldChange {
  /** `spec.template.spec.containers[0].image`. */
  path: string;
  /** Absent where the field is new. */
  before?: unknown;
  /** Absent where the field goes. */
  after?: unknown;
}

/** What a server writes by itself at each change. */
const serverMetadata = [
  'managedFields',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'uid',
  'selfLink',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
];

/** @param before as the server has it; undefined where it has none. @param after as it would be */
export function fieldChanges(before: unknown, after: unknown): FieldChange[] {
  const changes: FieldChange[] = [];
  compare(bare(before), bare(after), '', changes);
  const isSecret = [before, after].some((one) => isMapping(one) && one['kind'] === 'Secret');
  return isSecret ? changes.map(masked) : changes;
}

/** Without what is the server's, and without the hash, which says nothing that the fields do not say. */
function bare(object: unknown): unknown {
  if (!isMapping(object)) return undefined;
  const metadata = isMapping(object['metadata']) ? { ...object['metadata'] } : {};
  for (const field of serverMetadata) Reflect.deleteProperty(metadata, field);
  const annotations = isMapping(metadata['annotations']) ? { ...metadata['annotations'] } : {};
  Reflect.deleteProperty(annotations, HASH);
  const rest: Record<string, unknown> = { ...object, metadata: { ...metadata, annotations } };
  Reflect.deleteProperty(rest, 'status');
  return rest;
}

function compare(before: unknown, after: unknown, path: string, changes: FieldChange[]): void {
  if (isDeepStrictEqual(before, after)) return;
  if (isBranch(before, after, isMapping)) {
    const [old, now] = [before ?? {}, after ?? {}] as [Record<string, unknown>, Record<string, unknown>];
    for (const key of new Set([...Object.keys(old), ...Object.keys(now)])) {
      const step = /^[\w-]+$/.test(key) ? `${path === '' ? '' : '.'}${key}` : `[${JSON.stringify(key)}]`;
      compare(own(old, key), own(now, key), path + step, changes);
    }
  } else if (isBranch(before, after, Array.isArray)) {
    const [old, now] = [before ?? [], after ?? []] as [unknown[], unknown[]];
    for (let at = 0; at < Math.max(old.length, now.length); at++) compare(old[at], now[at], `${path}[${at}]`, changes);
  } else {
    changes.push({ path, ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) });
  }
}

/** Whether both sides, or the only one, have parts that are worth a line each; what is empty is a value of its own. */
function isBranch(before: unknown, after: unknown, is: (value: unknown) => boolean): boolean {
  const sides = [before, after].filter((side) => side !== undefined);
  return sides.every(is) && sides.some((side) => Object.keys(side as object).length > 0);
}

function own(object: Record<string, unknown>, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

/** What stands for a value that is not shown. */
const HIDDEN = '***';

function masked(change: FieldChange): FieldChange {
  if (!/^(data|stringData)\b|^metadata\.annotations/.test(change.path)) return change;
  return {
    path: change.path,
    ...('before' in change ? { before: HIDDEN } : {}),
    ...('after' in change ? { after: HIDDEN } : {}),
  };
}
