// Finds mistakes in sets before any cluster sees them: what hive drops, what server-side apply refuses, what is surely a mistake.

import { builtinResources, groupOf, kindKey } from '../../kube/resources.ts';
import { makeItem } from '../desired/item.ts';
import { TemplateError } from '../../base/go-template/template-errors.ts';
import { templateOf } from '../templates/template.ts';
import { isMapping, type Json, parseSet, type SetProblem, textMap } from './parse.ts';
import { setId, type SyncSet } from './types.ts';

export interface LintFinding extends SetProblem {
  /** Id of the set. */
  set: string;
  /** Of what is wrong: `file:line:column`. */
  where: string;
  /** The rule, to be named in configuration and reports. */
  rule: string;
}

/** Objects that are larger cannot hold kubectl's last-applied annotation, which hive's Apply needs. */
const ANNOTATION_LIMIT = 262_144;

/** Everything that is wrong with the sets, each alone and all together. */
export function lintSets(
  objects: readonly { object: Json; where: string; place: (path: string) => string }[],
): LintFinding[] {
  const findings: LintFinding[] = [];
  const sets = new Map<SyncSet, (path: string) => string>();
  for (const { object, where, place } of objects) {
    const { set, problems } = parseSet(object, where);
    sets.set(set, place);
    const add = (rule: string, problem: SetProblem): void => {
      findings.push({ set: setId(set), where: place(problem.path), rule, ...problem });
    };
    for (const problem of problems) add(ruleOf(problem), problem);
    for (const [at, resource] of set.resources.entries()) {
      const kindPath = `spec.resources[${at}].kind`;
      const [apiVersion, kind] = [String(resource['apiVersion']), String(resource['kind'])];
      for (const { rule, ...problem } of lintKind(apiVersion, kind, kindPath)) add(rule, problem);
      for (const { rule, ...problem } of lintResource(set, resource, `spec.resources[${at}]`)) add(rule, problem);
    }
    for (const [at, patch] of set.patches.entries()) {
      const path = `spec.patches[${at}].kind`;
      for (const { rule, ...problem } of lintKind(patch.apiVersion, patch.kind, path)) add(rule, problem);
      for (const { rule, ...problem } of lintPatch(set, patch.patch, `spec.patches[${at}].patch`)) add(rule, problem);
    }
  }
  return [...findings, ...namespacesThatComeLater(sets)];
}

/** Kinds begin with a capital letter: `namespace` is none that a server has, and the set would fail. */
function lintKind(apiVersion: string, kind: string, path: string): Found[] {
  if (builtinResources.has(kindKey(apiVersion, kind)) || /^[A-Z]/.test(kind)) return [];
  const known = [...builtinResources.keys()].find(
    (key) => key.toLowerCase() === kindKey(apiVersion, kind).toLowerCase(),
  );
  const meant = known?.split(' ').at(-1);
  const hint = meant === undefined ? '' : `; did you mean ${meant}?`;
  return [{ rule: 'kind', level: 'error', path, message: `${kind} is no kind: it begins with a small letter${hint}` }];
}

function ruleOf({ level, path, message }: SetProblem): string {
  if (path === 'spec.clusterDeploymentSelector') return 'empty-selector';
  if (message.includes('would be dropped')) return 'unknown-field';
  if (path === 'metadata.namespace' && level === 'warning') return 'namespaced-selector-set';
  return 'invalid';
}

type Found = SetProblem & { rule: string };

function lintResource(set: SyncSet, resource: Json, path: string): Found[] {
  const found: Found[] = [];
  if (set.resourceTemplates) found.push(...lintTemplates(resource, path));
  else if (JSON.stringify(resource).includes('fromCDLabel')) {
    found.push({
      rule: 'template-not-enabled',
      level: 'warning',
      path,
      message: 'holds a template, but the set has no enableResourceTemplates',
    });
  }
  for (const misplaced of misplacedFields(resource)) {
    found.push({
      rule: 'misplaced-field',
      level: 'error',
      path: `${path}.${misplaced}`,
      message: refusal(misplaced, resource),
    });
  }
  for (const nullPath of nullListItems(resource, path)) {
    found.push({ rule: 'null-item', level: 'error', path: nullPath, message: 'is null: a list item without content' });
  }
  if (isMapping(resource['status'])) {
    found.push({
      rule: 'status',
      level: 'warning',
      path: `${path}.status`,
      message: 'is written by controllers, not by sets',
    });
  }
  for (const key of notBase64(set, resource)) {
    found.push({
      rule: 'secret-data',
      level: 'error',
      path: `${path}.${resource['kind'] === 'Secret' ? 'data' : 'binaryData'}.${key}`,
      message: 'is not base64: servers refuse it; plain text belongs into stringData',
    });
  }
  const size = Buffer.byteLength(makeItem(resource, { behavior: 'Apply', owners: [], recreate: false }).body);
  if (size > ANNOTATION_LIMIT && set.behavior === 'Apply') {
    found.push({
      rule: 'too-large-for-hive',
      level: 'warning',
      path,
      message: `has ${size} bytes; hive can apply it only as CreateOrUpdate (hoist needs no annotation)`,
    });
  }
  return found;
}

const BASE64 = /^[A-Za-z0-9+/\r\n]*={0,2}[\r\n]*$/;

/** Keys of a Secret's data, or a ConfigMap's binary data, whose values no server can decode; templates are known on a cluster only. */
function notBase64(set: SyncSet, { apiVersion, kind, data, binaryData }: Json): string[] {
  if (apiVersion !== 'v1') return [];
  const encoded = kind === 'Secret' ? data : kind === 'ConfigMap' ? binaryData : undefined;
  return Object.entries(textMap(encoded)).flatMap(([key, value]) => {
    if (set.resourceTemplates && value.includes('{{')) return [];
    const length = value.replace(/[\r\n]/g, '').length;
    return BASE64.test(value) && length % 4 === 0 ? [] : [key];
  });
}

/** Top-level fields of the kinds whose fields hoist knows; a server with server-side apply refuses others. */
const topLevel: Readonly<Record<string, readonly string[]>> = {
  'v1 ConfigMap': ['data', 'binaryData', 'immutable'],
  'v1 Secret': ['data', 'stringData', 'type', 'immutable'],
  'v1 Namespace': ['spec', 'status'],
  'v1 Service': ['spec', 'status'],
  'v1 ServiceAccount': ['secrets', 'imagePullSecrets', 'automountServiceAccountToken'],
  'v1 ResourceQuota': ['spec', 'status'],
  'v1 LimitRange': ['spec'],
  'apps/v1 Deployment': ['spec', 'status'],
  'apps/v1 DaemonSet': ['spec', 'status'],
  'apps/v1 StatefulSet': ['spec', 'status'],
  'batch/v1 Job': ['spec', 'status'],
  'batch/v1 CronJob': ['spec', 'status'],
  'networking.k8s.io/v1 NetworkPolicy': ['spec'],
  'networking.k8s.io/v1 Ingress': ['spec', 'status'],
  'rbac.authorization.k8s.io/v1 Role': ['rules'],
  'rbac.authorization.k8s.io/v1 ClusterRole': ['rules', 'aggregationRule'],
  'rbac.authorization.k8s.io/v1 RoleBinding': ['subjects', 'roleRef'],
  'rbac.authorization.k8s.io/v1 ClusterRoleBinding': ['subjects', 'roleRef'],
  'policy/v1 PodDisruptionBudget': ['spec', 'status'],
  'apiextensions.k8s.io/v1 CustomResourceDefinition': ['spec', 'status'],
};

function misplacedFields(resource: Json): string[] {
  const known = topLevel[kindKey(String(resource['apiVersion']), String(resource['kind']))];
  if (known === undefined) return [];
  return Object.keys(resource).filter((key) => !['apiVersion', 'kind', 'metadata', ...known].includes(key));
}

function refusal(field: string, resource: Json): string {
  const known = topLevel[kindKey(String(resource['apiVersion']), String(resource['kind']))] ?? [];
  const deeper = known.includes('spec') ? '; it may belong into spec' : '';
  return `${field} is no field of a ${String(resource['kind'])}: server-side apply refuses it, hive drops it${deeper}`;
}

function nullListItems(value: unknown, path: string): string[] {
  if (Array.isArray(value)) {
    return value.flatMap((one, at) => (one === null ? [`${path}[${at}]`] : nullListItems(one, `${path}[${at}]`)));
  }
  if (!isMapping(value)) return [];
  return Object.entries(value).flatMap(([key, one]) => nullListItems(one, `${path}.${key}`));
}

function lintTemplates(value: unknown, path: string): Found[] {
  if (typeof value === 'string') return templateProblem(value, path);
  if (Array.isArray(value)) return value.flatMap((one, at) => lintTemplates(one, `${path}[${at}]`));
  if (!isMapping(value)) return [];
  return Object.entries(value).flatMap(([key, one]) => lintTemplates(one, `${path}.${key}`));
}

function templateProblem(text: string, path: string): Found[] {
  if (!text.includes('{{')) return [];
  try {
    templateOf(text).render(() => 'value');
    return [];
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    return [{ rule: 'template', level: 'error', path, message: `is no valid template: ${error.message}` }];
  }
}

function lintPatch(set: SyncSet, patch: string, path: string): Found[] {
  if (set.patchTemplates) return templateProblem(patch, path);
  try {
    JSON.parse(patch);
    return [];
  } catch {
    return [{ rule: 'patch-json', level: 'error', path, message: 'is not JSON' }];
  }
}

/** By hive's order such an object fails at first and succeeds in a later pass; hoist applies Namespaces first. */
function namespacesThatComeLater(sets: ReadonlyMap<SyncSet, (path: string) => string>): LintFinding[] {
  const homes = new Map<string, SyncSet[]>();
  for (const set of sets.keys()) {
    for (const resource of set.resources) {
      if (groupOf(String(resource['apiVersion'])) !== '' || resource['kind'] !== 'Namespace') continue;
      const name = String(isMapping(resource['metadata']) ? resource['metadata']['name'] : '');
      homes.set(name, [...(homes.get(name) ?? []), set]);
    }
  }
  return [...sets].flatMap(([set, place]) => {
    /** The path of the first object that needs it, by Namespace. */
    const later = new Map<string, string>();
    for (const [at, resource] of set.resources.entries()) {
      const metadata = isMapping(resource['metadata']) ? resource['metadata'] : {};
      const known = builtinResources.get(kindKey(String(resource['apiVersion']), String(resource['kind'])));
      const namespace = known?.namespaced === false ? undefined : metadata['namespace'];
      if (typeof namespace !== 'string' || later.has(namespace)) continue;
      const makers = homes.get(namespace) ?? [];
      const isLater = makers.length > 0 && makers.every((maker) => maker.name > set.name);
      if (isLater) later.set(namespace, `spec.resources[${at}].metadata.namespace`);
    }
    return [...later].map(([namespace, path]) => ({
      set: setId(set),
      where: place(path),
      rule: 'namespace-later',
      level: 'warning' as const,
      path,
      message: `needs Namespace ${namespace}, which only sets that sort later hold: hive fails at first`,
    }));
  });
}
