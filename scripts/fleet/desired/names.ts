// The names that sync writes on clusters: label, annotations, field manager.

/** Hive's own label on everything that it has applied; what it and its tools look for. */
export const MANAGED_LABEL = 'hive.openshift.io/managed';

export const FIELD_MANAGER = 'hoist-sync';

/** Ids of the Sync sets that hold the object, by spaces: without one of these it is never deleted. */
export const OWNERS = 'sync.hoist.dev/sets';

/** Hash of the object as it was applied: equal hashes prove that nothing was dropped from the set since. */
export const HASH = 'sync.hoist.dev/hash';

/** On an object or a set: "true" where an object that cannot be changed may be deleted and created again. */
export const RECREATE = 'sync.hoist.dev/recreate';

/** On an object: "true" where a Namespace, CustomResourceDefinition or volume may be deleted when no set holds it. */
export const ALLOW_DELETE = 'sync.hoist.dev/allow-delete';

/** The object on each cluster that lists the kinds in use there. */
export const INVENTORY = { namespace: 'kube-system', name: 'hoist-sync' } as const;

/** On the inventory: kinds as `apiVersion/Kind`, by spaces. */
export const KINDS = 'sync.hoist.dev/kinds';

/** Deleting one of these takes with it what no set has ever held. */
const protectedKinds: ReadonlySet<string> = new Set([
  '/Namespace',
  '/PersistentVolume',
  '/PersistentVolumeClaim',
  'apiextensions.k8s.io/CustomResourceDefinition',
  'project.openshift.io/Project',
]);

/** Whether deletion of the kind needs a word of its own. */
export function isProtected(group: string, kind: string): boolean {
  return protectedKinds.has(`${group}/${kind}`);
}

/** On a ClusterDeployment: a time; each new one makes its cluster due at once. */
export const NOW = 'sync.hoist.dev/now';
