// One object that a cluster is to hold, encoded once for all clusters that are to hold the same.

import { createHash } from 'node:crypto';
import { builtinResources, groupOf, kindKey } from '../../kube/resources.ts';
import { isMapping, type Json, textMap } from '../sets/parse.ts';
import type { ApplyBehavior } from '../sets/types.ts';
import { ALLOW_DELETE, FIELD_MANAGER, HASH, MANAGED_LABEL, OWNERS, RECREATE } from './names.ts';

export interface Item {
  apiVersion: string;
  /** Group and kind, the version left out: `apps/Deployment`, `/ConfigMap`. */
  groupKind: string;
  kind: string;
  /** As far as it can be known without the cluster: a custom kind may have namespaces, and then goes into `default`. */
  namespace: string | undefined;
  name: string;
  behavior: ApplyBehavior;
  /** Ids of the Sync sets that hold it. */
  owners: readonly string[];
  /** Whether it may be deleted and created again where it cannot be changed. */
  recreate: boolean;
  object: Json;
  /** What is sent. */
  body: string;
  hash: string;
  /** Paths of fields that a server has refused, and that are left out of the body. */
  dropped: readonly string[];
  /**
   * Our entry of managedFields as servers have written it for this very body. A cluster whose object carries `hash` and one of
   * these is as wanted: changing or removing a field of ours takes it out of our entry.
   */
  known: Set<string>;
  /** While a first cluster shows how servers own the fields of this body; others that seem to have it already wait for that. */
  learning?: Promise<unknown> | undefined;
}

/** More variants than servers can sensibly produce for one body. */
const MAX_KNOWN = 8;

/** Remembers how a server owns the fields of this body. */
export function learn(item: Item, fields: string | undefined): void {
  if (fields !== undefined && item.known.size < MAX_KNOWN) item.known.add(fields);
}

export interface ItemOptions {
  behavior: ApplyBehavior;
  owners: readonly string[];
  recreate: boolean;
}

/** @param object has apiVersion, kind and metadata.name */
export function makeItem(
  object: Json,
  { behavior, owners, recreate }: ItemOptions,
  dropped: readonly string[] = [],
): Item {
  const metadata = isMapping(object['metadata']) ? object['metadata'] : {};
  const apiVersion = String(object['apiVersion']);
  const kind = String(object['kind']);
  const annotations = textMap(metadata['annotations']);
  return {
    apiVersion,
    kind,
    groupKind: `${groupOf(apiVersion)}/${kind}`,
    namespace: namespaceOf(apiVersion, kind, metadata['namespace']),
    name: String(metadata['name']),
    behavior,
    owners,
    recreate: recreate || annotations[RECREATE] === 'true',
    object,
    ...encode(object, { behavior, owners }),
    dropped,
    known: new Set(),
  };
}

/** As the object will be found: known kinds without a namespace of theirs have `default`, and those of none have none. */
function namespaceOf(apiVersion: string, kind: string, given: unknown): string | undefined {
  const written = typeof given === 'string' && given !== '' ? given : undefined;
  const resource = builtinResources.get(kindKey(apiVersion, kind));
  if (resource === undefined) return written;
  return resource.namespaced ? (written ?? 'default') : undefined;
}

/** The fields that only a server writes; a set that was exported from a cluster has them. */
const serverFields = ['creationTimestamp', 'generation', 'managedFields', 'resourceVersion', 'selfLink', 'uid'];

function encode(object: Json, { behavior, owners }: Omit<ItemOptions, 'recreate'>): { body: string; hash: string } {
  const metadata = { ...(isMapping(object['metadata']) ? object['metadata'] : {}) };
  for (const field of serverFields) Reflect.deleteProperty(metadata, field);
  const annotations: Record<string, string> = {
    ...textMap(metadata['annotations']),
    ...(owners.length > 0 ? { [OWNERS]: owners.join(' ') } : {}),
  };
  const labels = { ...textMap(metadata['labels']), [MANAGED_LABEL]: 'true' };
  const bare = { ...object, metadata: { ...metadata, labels, annotations } };
  const hash = createHash('sha256')
    .update(JSON.stringify([FIELD_MANAGER, behavior, bare]))
    .digest('base64url')
    .slice(0, 22);
  // A Secret's hash would let readers of metadata try out what it may hold.
  if (object['kind'] !== 'Secret') annotations[HASH] = hash;
  return { body: JSON.stringify(bare), hash };
}

/** The same object held by more sets. */
export function withOwners(item: Item, owners: readonly string[]): Item {
  return makeItem(item.object, { behavior: item.behavior, owners, recreate: item.recreate });
}

const variants = new WeakMap<Item, Map<string, Item>>();

/** The item for a server that does not know these fields of it; the same one for all such servers. */
export function withoutFields(item: Item, paths: readonly string[]): Item {
  const dropped = [...new Set([...item.dropped, ...paths])].sort();
  const kept = variants.get(item) ?? new Map<string, Item>();
  variants.set(item, kept);
  const key = dropped.join(' ');
  let variant = kept.get(key);
  if (variant === undefined) {
    const object = structuredClone(item.object);
    for (const path of dropped) removeAt(object, path);
    variant = makeItem(object, item, dropped);
    kept.set(key, variant);
  }
  return variant;
}

/** A path as server-side apply writes it: `.spec.rules[0].policyTypes`, `.spec.containers[name="a"].image`. */
function removeAt(object: unknown, path: string): void {
  const steps = [...path.matchAll(/\.([^.[\]]+)|\[([^\]]*)\]/g)].map((match) => match[1] ?? `[${match[2] ?? ''}]`);
  const last = steps.pop();
  let nodes: unknown[] = [object];
  for (const step of steps) nodes = nodes.flatMap((node) => below(node, step));
  for (const node of nodes) if (isMapping(node) && last !== undefined) Reflect.deleteProperty(node, last);
}

/** Of a list all items: the field is unknown in each of them, and the message names one. */
function below(node: unknown, step: string): unknown[] {
  if (step.startsWith('[')) return Array.isArray(node) ? node : [];
  return isMapping(node) ? [node[step]] : [];
}

/** Whether a protected object may go, by its own word. */
export function allowsDelete(annotations: Readonly<Record<string, string>> | undefined): boolean {
  return annotations?.[ALLOW_DELETE] === 'true';
}
