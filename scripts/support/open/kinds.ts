// Where an API server keeps the kinds of objects that a bundle may hold: their keys in etcd, and their addresses.

import { clusterKinds, namespacedKinds } from '../collectors/cluster/kinds.ts';

export interface StoredKind {
  kind: string;
  /** The version that today's API servers serve, like `apps/v1`; objects may be of older ones. */
  apiVersion: string;
  /** As in paths of the API. */
  plural: string;
  namespaced: boolean;
  /** Below /registry/ in etcd. */
  prefix: string;
}

/** Prefixes that are not the plural. */
const PREFIXES: Readonly<Record<string, string>> = {
  nodes: 'minions',
  services: 'services/specs',
  endpoints: 'services/endpoints',
  ingresses: 'ingress',
  replicationcontrollers: 'controllers',
  customresourcedefinitions: 'apiextensions.k8s.io/customresourcedefinitions',
};

/** Kinds that are in bundles, but not in a snapshot of hoist's own. */
const OTHERS: readonly (readonly [kind: string, apiVersion: string, plural: string, namespaced: boolean])[] = [
  ['Namespace', 'v1', 'namespaces', false],
  ['Secret', 'v1', 'secrets', true],
  ['ReplicationController', 'v1', 'replicationcontrollers', true],
  ['PodTemplate', 'v1', 'podtemplates', true],
  ['ControllerRevision', 'apps/v1', 'controllerrevisions', true],
  ['HorizontalPodAutoscaler', 'autoscaling/v2', 'horizontalpodautoscalers', true],
  ['CSIDriver', 'storage.k8s.io/v1', 'csidrivers', false],
  ['CSINode', 'storage.k8s.io/v1', 'csinodes', false],
  ['RuntimeClass', 'node.k8s.io/v1', 'runtimeclasses', false],
  ['CustomResourceDefinition', 'apiextensions.k8s.io/v1', 'customresourcedefinitions', false],
];

const stored: readonly StoredKind[] = [
  ...[...namespacedKinds, ...clusterKinds].map(({ kind, apiVersion, path }) => ({
    kind,
    apiVersion,
    plural: path.slice(path.lastIndexOf('/') + 1),
    namespaced: path.includes('{ns}'),
  })),
  ...OTHERS.map(([kind, apiVersion, plural, namespaced]) => ({ kind, apiVersion, plural, namespaced })),
].map((one) => ({ ...one, prefix: PREFIXES[one.plural] ?? one.plural }));

const byKind = new Map(stored.map((one) => [one.kind, one]));

/** What the lists in `cluster-resources/FILE.json` and `cluster-resources/FILE/NS.json` hold, whose items often do not say so. */
const byFile = new Map<string, string>([
  ...[...namespacedKinds, ...clusterKinds].map(({ file, kind }) => [file, kind] as const),
  ['namespaces', 'Namespace'],
  ['custom-resource-definitions', 'CustomResourceDefinition'],
]);

/** The built-in kind, of whatever version; undefined for one of a CustomResourceDefinition. */
export function builtIn(kind: string, apiVersion: string): StoredKind | undefined {
  const group = apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';
  const found = byKind.get(kind);
  // Groups without a dot and those below k8s.io are Kubernetes' own: an object has moved between them with the years.
  return found && (!group.includes('.') || group.endsWith('.k8s.io')) ? found : undefined;
}

export function kindOfFile(file: string): StoredKind | undefined {
  return byKind.get(byFile.get(file) ?? '');
}

/** A kind of the table. @throws where it is none */
export function known(kind: string): StoredKind {
  const found = byKind.get(kind);
  if (!found) throw new Error(`${kind} is no kind of the table`);
  return found;
}

/** The address of a kind's collection, over all namespaces. */
export function collectionPath({ apiVersion, plural }: Pick<StoredKind, 'apiVersion' | 'plural'>): string {
  return `/${apiVersion.includes('/') ? 'apis' : 'api'}/${apiVersion}/${plural}`;
}
