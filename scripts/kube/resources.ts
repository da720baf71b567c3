// The kinds that every supported server (1.30 and later) has, so that a plain run asks for no discovery.

/** Where the objects of a kind live on the server. */
export interface Resource {
  /** `/api/v1`, `/apis/apps/v1` */
  base: string;
  /** `deployments` */
  plural: string;
  namespaced: boolean;
}

// A trailing `*` marks what belongs to no namespace.
const kinds: Readonly<Record<string, string>> = {
  v1: `ConfigMap Endpoints Event LimitRange Namespace* Node* PersistentVolume* PersistentVolumeClaim Pod PodTemplate
    ReplicationController ResourceQuota Secret Service ServiceAccount`,
  'admissionregistration.k8s.io/v1': `MutatingWebhookConfiguration* ValidatingAdmissionPolicy*
    ValidatingAdmissionPolicyBinding* ValidatingWebhookConfiguration*`,
  'apiextensions.k8s.io/v1': 'CustomResourceDefinition*',
  'apiregistration.k8s.io/v1': 'APIService*',
  'apps/v1': 'ControllerRevision DaemonSet Deployment ReplicaSet StatefulSet',
  'autoscaling/v1': 'HorizontalPodAutoscaler',
  'autoscaling/v2': 'HorizontalPodAutoscaler',
  'batch/v1': 'CronJob Job',
  'certificates.k8s.io/v1': 'CertificateSigningRequest*',
  'coordination.k8s.io/v1': 'Lease',
  'discovery.k8s.io/v1': 'EndpointSlice',
  'events.k8s.io/v1': 'Event',
  'flowcontrol.apiserver.k8s.io/v1': 'FlowSchema* PriorityLevelConfiguration*',
  'networking.k8s.io/v1': 'Ingress IngressClass* NetworkPolicy',
  'node.k8s.io/v1': 'RuntimeClass*',
  'policy/v1': 'PodDisruptionBudget',
  'rbac.authorization.k8s.io/v1': 'ClusterRole* ClusterRoleBinding* Role RoleBinding',
  'scheduling.k8s.io/v1': 'PriorityClass*',
  'storage.k8s.io/v1': 'CSIDriver* CSINode* CSIStorageCapacity StorageClass* VolumeAttachment*',
};

/** `apiVersion kind`, the key that kinds are looked up by. */
export function kindKey(apiVersion: string, kind: string): string {
  return `${apiVersion} ${kind}`;
}

/** `/api/v1` or `/apis/GROUP/VERSION`. */
export function basePath(apiVersion: string): string {
  return apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
}

/** The API group of an apiVersion; empty for the core group. */
export function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf('/');
  return slash < 0 ? '' : apiVersion.slice(0, slash);
}

function pluralOf(kind: string): string {
  const name = kind.toLowerCase();
  if (name.endsWith('endpoints')) return name;
  if (name.endsWith('s')) return `${name}es`;
  return name.endsWith('y') ? `${name.slice(0, -1)}ies` : `${name}s`;
}

function expand(): Map<string, Resource> {
  const table = new Map<string, Resource>();
  for (const [apiVersion, names] of Object.entries(kinds)) {
    for (const name of names.split(/\s+/)) {
      const namespaced = !name.endsWith('*');
      const kind = namespaced ? name : name.slice(0, -1);
      table.set(kindKey(apiVersion, kind), { base: basePath(apiVersion), plural: pluralOf(kind), namespaced });
    }
  }
  return table;
}

/** By kindKey. */
export const builtinResources: ReadonlyMap<string, Resource> = expand();

/** The path of a resource's collection: in a namespace where one is given, else of the whole cluster. */
export function collectionPath(resource: Resource, namespace?: string): string {
  return namespace === undefined || !resource.namespaced
    ? `${resource.base}/${resource.plural}`
    : `${resource.base}/namespaces/${encodeURIComponent(namespace)}/${resource.plural}`;
}
