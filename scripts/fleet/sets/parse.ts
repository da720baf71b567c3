// Turns an object into a sync set, or says everything that hive's admission would refuse about it, and what it would drop.

import { createHash } from 'node:crypto';
import { SUBDOMAIN, SUBDOMAIN_MAX } from '../../base/names.ts';
import { nearest } from '../../base/suggest.ts';
import { selectorProblems, type LabelSelector } from './selector.ts';
import type { ApplyBehavior, ApplyMode, PatchType, SecretMapping, SetKind, SetPatch, SyncSet } from './types.ts';

const HIVE_GROUP = 'hive.openshift.io';

/** One thing about a set: an error keeps it from being used, a warning does not. */
export interface SetProblem {
  level: 'error' | 'warning';
  /** Path inside the object: `spec.patches[2].patchType`. */
  path: string;
  message: string;
}

export type Json = Readonly<Record<string, unknown>>;

export function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isSet(object: Json): boolean {
  const { apiVersion, kind } = object;
  return (
    typeof apiVersion === 'string' &&
    apiVersion.startsWith(`${HIVE_GROUP}/`) &&
    (kind === 'SyncSet' || kind === 'SelectorSyncSet')
  );
}

const commonKeys = [
  'resources',
  'resourceApplyMode',
  'patches',
  'secretMappings',
  'applyBehavior',
  'enableResourceTemplates',
  'enablePatchTemplates',
];

const PATCH_KEYS = ['apiVersion', 'kind', 'name', 'namespace', 'patch', 'patchType'];

/** The kinds that hive's admission refuses: they stand for others, and cannot be deleted. */
const authorizationKinds = new Set(['Role', 'RoleBinding', 'ClusterRole', 'ClusterRoleBinding', 'SubjectAccessReview']);

/** Collects problems with the path they are at. */
class Reader {
  readonly problems: SetProblem[] = [];

  error(path: string, message: string): void {
    this.problems.push({ level: 'error', path, message });
  }

  warn(path: string, message: string): void {
    this.problems.push({ level: 'warning', path, message });
  }

  list(value: unknown, path: string): unknown[] {
    if (value === undefined || value === null) return [];
    if (Array.isArray(value)) return value;
    this.error(path, 'is no list');
    return [];
  }

  text(value: unknown, path: string): string {
    if (typeof value === 'string' && value !== '') return value;
    this.error(path, value === undefined || value === null || value === '' ? 'is missing' : 'is no text');
    return '';
  }

  /** One of the known words; the default where it is absent or empty, as hive takes it. */
  word<T extends string>(value: unknown, known: readonly T[], fallback: T, path: string): T {
    if (value === undefined || value === null || value === '') return fallback;
    const found = known.find((one) => one === value);
    if (found !== undefined) return found;
    this.error(path, `must be one of ${known.join(', ')}, not ${JSON.stringify(value)}`);
    return fallback;
  }

  flag(value: unknown, path: string): boolean {
    if (value !== undefined && value !== null && typeof value !== 'boolean')
      this.error(path, 'is neither true nor false');
    return value === true;
  }
}

/** Levels of a spec: the schema of Kubernetes' own deepest kinds has about thirty; each level more is one of the stack. */
const DEEPEST = 500;

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((one) => isDeeper(one, levels - 1));
}

/** @param where for messages about the whole object */
export function parseSet(object: Json, where: string): { set: SyncSet; problems: SetProblem[] } {
  const reader = new Reader();
  const kind = object['kind'] as SetKind;
  const metadata = isMapping(object['metadata']) ? object['metadata'] : {};
  const isDeep = isDeeper(object['spec'], DEEPEST);
  const spec = isMapping(object['spec']) && !isDeep ? object['spec'] : {};
  if (!isMapping(object['spec'])) reader.error('spec', 'is missing');
  if (isDeep) reader.error('spec', `is nested deeper than ${DEEPEST} levels`);
  const namespace = namespaceOf(kind, metadata, reader);
  unknownKeys(kind, spec, reader);
  const common = readCommon(spec, namespace, reader);
  const selector = kind === 'SelectorSyncSet' ? readSelector(spec, reader) : undefined;
  const clusters = kind === 'SyncSet' ? readRefs(spec, reader) : [];
  const annotations = textMap(metadata['annotations']);
  const name = reader.text(metadata['name'], 'metadata.name');
  // It is written on the objects, among others with blanks between them.
  if (name !== '' && !isObjectName(name)) reader.error('metadata.name', notAName(name));
  const set: SyncSet = {
    kind,
    namespace,
    name,
    generation: typeof metadata['generation'] === 'number' ? metadata['generation'] : 0,
    created: typeof metadata['creationTimestamp'] === 'string' ? metadata['creationTimestamp'] : undefined,
    annotations,
    selector,
    clusters,
    ...common,
    digest: createHash('sha256')
      .update(JSON.stringify([kind, namespace, metadata['name'], common, annotations]))
      .digest('base64url'),
    where,
  };
  return { set, problems: reader.problems };
}

type Common = Pick<
  SyncSet,
  'mode' | 'behavior' | 'resources' | 'patches' | 'secretMappings' | 'resourceTemplates' | 'patchTemplates'
>;

function readCommon(spec: Json, namespace: string | undefined, reader: Reader): Common {
  const modes: ApplyMode[] = ['Upsert', 'Sync'];
  const behaviors: ApplyBehavior[] = ['Apply', 'CreateOnly', 'CreateOrUpdate'];
  return {
    mode: reader.word(spec['resourceApplyMode'], modes, 'Upsert', 'spec.resourceApplyMode'),
    behavior: reader.word(spec['applyBehavior'], behaviors, 'Apply', 'spec.applyBehavior'),
    resources: reader
      .list(spec['resources'], 'spec.resources')
      .flatMap((one, at) => readResource(one, `spec.resources[${at}]`, reader)),
    patches: reader
      .list(spec['patches'], 'spec.patches')
      .map((one, at) => readPatch(one, `spec.patches[${at}]`, reader)),
    secretMappings: reader
      .list(spec['secretMappings'], 'spec.secretMappings')
      .map((one, at) => readMapping(one, namespace, `spec.secretMappings[${at}]`, reader)),
    resourceTemplates: reader.flag(spec['enableResourceTemplates'], 'spec.enableResourceTemplates'),
    patchTemplates: reader.flag(spec['enablePatchTemplates'], 'spec.enablePatchTemplates'),
  };
}

function namespaceOf(kind: SetKind, metadata: Json, reader: Reader): string | undefined {
  const { namespace } = metadata;
  if (kind === 'SelectorSyncSet') {
    if (namespace !== undefined) reader.warn('metadata.namespace', 'a SelectorSyncSet has no namespace; it is ignored');
    return undefined;
  }
  if (typeof namespace !== 'string' || namespace === '') return 'default';
  if (!isObjectName(namespace)) reader.error('metadata.namespace', notAName(namespace));
  return namespace;
}

/** A subdomain name, as every API server demands of the names of objects. */
export function isObjectName(name: string): boolean {
  return name.length <= SUBDOMAIN_MAX && SUBDOMAIN.test(name);
}

function notAName(name: string): string {
  const shown = JSON.stringify(name.length > 60 ? `${name.slice(0, 60)}…` : name);
  return `is ${shown}, which no object can have: small letters, digits, dashes and dots`;
}

function unknownKeys(kind: SetKind, spec: Json, reader: Reader): void {
  const own = kind === 'SyncSet' ? 'clusterDeploymentRefs' : 'clusterDeploymentSelector';
  const known = [...commonKeys, own];
  for (const key of Object.keys(spec)) {
    if (known.includes(key)) continue;
    const near = nearest(key, known);
    const selects = key === 'matchLabels' || key === 'matchExpressions';
    const hint = selects
      ? '; it belongs one level deeper, into clusterDeploymentSelector'
      : near === undefined
        ? ''
        : `; did you mean ${near}?`;
    reader.warn(`spec.${key}`, `is no field of a ${kind} and would be dropped${hint}`);
  }
}

function readSelector(spec: Json, reader: Reader): LabelSelector {
  const value = spec['clusterDeploymentSelector'];
  const path = 'spec.clusterDeploymentSelector';
  const misplaced = 'matchLabels' in spec || 'matchExpressions' in spec;
  if (value === undefined || value === null || (isMapping(value) && Object.keys(value).length === 0)) {
    // Hive would take it for every cluster, because it drops what it does not know: the most expensive slip there is.
    if (misplaced) reader.error(path, 'is empty, and so selects all clusters, while its terms are one level too high');
    else reader.warn(path, 'is empty: the set selects every cluster');
    return {};
  }
  if (!isMapping(value)) {
    reader.error(path, 'is no mapping');
    return { matchExpressions: [{ key: '', operator: '' }] };
  }
  for (const key of Object.keys(value)) {
    if (key !== 'matchLabels' && key !== 'matchExpressions') reader.error(`${path}.${key}`, 'is no term of a selector');
  }
  const selector = value as LabelSelector;
  for (const { field, message } of selectorProblems(selector)) reader.error(`${path}.${field}`, message);
  return selector;
}

function readRefs(spec: Json, reader: Reader): string[] {
  const path = 'spec.clusterDeploymentRefs';
  if (spec['clusterDeploymentRefs'] === undefined) reader.error(path, 'is missing: the set belongs to no cluster');
  return reader.list(spec['clusterDeploymentRefs'], path).map((one, at) => {
    const name = reader.text(isMapping(one) ? one['name'] : undefined, `${path}[${at}].name`);
    if (name !== '' && !isObjectName(name)) reader.warn(`${path}[${at}].name`, notAName(name));
    return name;
  });
}

function readResource(value: unknown, path: string, reader: Reader): Record<string, unknown>[] {
  if (!isMapping(value)) {
    reader.error(path, 'is no object');
    return [];
  }
  const apiVersion = reader.text(value['apiVersion'], `${path}.apiVersion`);
  const kind = reader.text(value['kind'], `${path}.kind`);
  if (apiVersion.startsWith('authorization.openshift.io/') && authorizationKinds.has(kind)) {
    reader.error(path, `${kind} of authorization.openshift.io is refused; use rbac.authorization.k8s.io`);
  }
  const metadata = isMapping(value['metadata']) ? value['metadata'] : {};
  if (metadata['generateName'] !== undefined && metadata['name'] === undefined) {
    reader.error(`${path}.metadata`, 'has generateName alone: each pass would create one more object');
  } else reader.text(metadata['name'], `${path}.metadata.name`);
  return [value];
}

function readPatch(value: unknown, path: string, reader: Reader): SetPatch {
  const from = isMapping(value) ? value : {};
  const types: PatchType[] = ['json', 'merge', 'strategic'];
  for (const key of Object.keys(from)) {
    // What every patch does now, so that files are full of it.
    if (PATCH_KEYS.includes(key) || (key === 'applyMode' && from[key] === 'AlwaysApply')) continue;
    const near = nearest(key, PATCH_KEYS);
    const once = key === 'applyMode' ? ': patches are applied whenever they are missing' : '';
    const hint = near === undefined ? '' : `; did you mean ${near}?`;
    reader.warn(`${path}.${key}`, `is no field of a patch and would be dropped${once || hint}`);
  }
  return {
    apiVersion: reader.text(from['apiVersion'], `${path}.apiVersion`),
    kind: reader.text(from['kind'], `${path}.kind`),
    name: reader.text(from['name'], `${path}.name`),
    namespace: typeof from['namespace'] === 'string' && from['namespace'] !== '' ? from['namespace'] : undefined,
    patch: reader.text(from['patch'], `${path}.patch`),
    patchType: reader.word(from['patchType'], types, 'strategic', `${path}.patchType`),
  };
}

function readMapping(value: unknown, namespace: string | undefined, path: string, reader: Reader): SecretMapping {
  const from = isMapping(value) ? value : {};
  const source = readRef(from['sourceRef'], `${path}.sourceRef`, reader);
  const target = readRef(from['targetRef'], `${path}.targetRef`, reader);
  if (namespace === undefined && source.namespace === undefined) {
    reader.error(`${path}.sourceRef.namespace`, 'is missing: a SelectorSyncSet has no namespace of its own');
  }
  if (namespace !== undefined && source.namespace !== undefined && source.namespace !== namespace) {
    reader.error(`${path}.sourceRef.namespace`, `must be the set's own, ${namespace}`);
  }
  return { sourceRef: { ...source, namespace: source.namespace ?? namespace }, targetRef: target };
}

function readRef(value: unknown, path: string, reader: Reader): { name: string; namespace?: string } {
  const from = isMapping(value) ? value : {};
  const { namespace } = from;
  return {
    name: reader.text(from['name'], `${path}.name`),
    ...(typeof namespace === 'string' && namespace !== '' ? { namespace } : {}),
  };
}

export function textMap(value: unknown): Record<string, string> {
  if (!isMapping(value)) return {};
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}
