// Pure: which objects of a set have to wait for which others; all else may go at once.

import type { Manifest } from '../manifests/manifest.ts';
import { groupOf } from '../resources.ts';

/** What one object waits for, as indices into the set. */
export interface Needs {
  /** Must have been applied well, and be usable: a definition must be established. */
  needs: readonly number[];
  /** Must have ended, whether well or not. */
  after: readonly number[];
}

interface DefinitionSpec {
  group?: string;
  names?: { kind?: string };
}

/** For each object of the set what it has to wait for. Free of cycles. */
export function orderOf(manifests: readonly Manifest[]): Needs[] {
  const index = new Map<string, number>();
  manifests.forEach(({ object }, at) => {
    const { apiVersion, kind, metadata } = object;
    index.set(key(groupOf(apiVersion), kind, metadata.namespace, metadata.name), at);
    if (!isDefinition(object)) return;
    const spec = object['spec'] as DefinitionSpec | undefined;
    index.set(definitionKey(spec?.group ?? '', spec?.names?.kind ?? ''), at);
  });
  const ordinary = manifests.flatMap(({ object }, at) => (isInterceptor(object) ? [] : [at]));
  return manifests.map(({ object }, at) => {
    const needs = prerequisites(object)
      .map((wanted) => index.get(wanted))
      .filter((found) => found !== undefined && found !== at);
    // What intercepts requests comes last, or it would reject the rest of its own set while its server starts.
    return { needs: [...new Set(needs as number[])], after: isInterceptor(object) ? ordinary : [] };
  });
}

type Applied = Manifest['object'];

function isDefinition({ apiVersion, kind }: Applied): boolean {
  return kind === 'CustomResourceDefinition' && groupOf(apiVersion) === 'apiextensions.k8s.io';
}

function isInterceptor({ apiVersion, kind }: Applied): boolean {
  return kind.endsWith('WebhookConfiguration') && groupOf(apiVersion) === 'admissionregistration.k8s.io';
}

/** Keys of what the server refuses to do without, whether it is in the set or not. */
function prerequisites(object: Applied): string[] {
  const { apiVersion, kind, metadata } = object;
  const group = groupOf(apiVersion);
  const namespace = metadata.namespace;
  const wanted = [definitionKey(group, kind)];
  if (namespace !== undefined) wanted.push(key('', 'Namespace', undefined, namespace));
  if (kind === 'Pod' && group === '') {
    const spec = (object['spec'] ?? {}) as Record<string, unknown>;
    wanted.push(
      key('', 'ServiceAccount', namespace, text(spec['serviceAccountName'])),
      key('scheduling.k8s.io', 'PriorityClass', undefined, text(spec['priorityClassName'])),
      key('node.k8s.io', 'RuntimeClass', undefined, text(spec['runtimeClassName'])),
    );
  }
  if (kind.endsWith('RoleBinding') && group === 'rbac.authorization.k8s.io') {
    // A user who may not bind all roles is checked against the rules of the role, which must exist.
    const role = (object['roleRef'] ?? {}) as Record<string, unknown>;
    const of = role['kind'] === 'Role' ? namespace : undefined;
    wanted.push(key(group, text(role['kind']), of, text(role['name'])));
  }
  return wanted;
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function key(group: string, kind: string, namespace: string | undefined, name: string): string {
  return [group, kind, namespace ?? '', name].join('|');
}

function definitionKey(group: string, kind: string): string {
  return `definition|${group}|${kind}`;
}
