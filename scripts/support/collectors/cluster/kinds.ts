// The kinds of objects in a snapshot of the cluster, and the files that they go to.

export interface SnapshotKind {
  /** Folder or file below `cluster-resources/`. */
  file: string;
  apiVersion: string;
  kind: string;
  /** Path of its collection; with `{ns}` where each namespace has one. */
  path: string;
}

type KindOf = (file: string, apiVersion: string, kind: string, resource: string) => SnapshotKind;

const group = (apiVersion: string): string => `/${apiVersion.includes('/') ? 'apis' : 'api'}/${apiVersion}`;

const namespaced: KindOf = (file, apiVersion, kind, resource) => ({
  file,
  apiVersion,
  kind,
  path: `${group(apiVersion)}/namespaces/{ns}/${resource}`,
});

const clusterWide: KindOf = (file, apiVersion, kind, resource) => ({
  file,
  apiVersion,
  kind,
  path: `${group(apiVersion)}/${resource}`,
});

/** One file for each namespace. */
export const namespacedKinds: readonly SnapshotKind[] = [
  namespaced('pods', 'v1', 'Pod', 'pods'),
  namespaced('pod-disruption-budgets', 'policy/v1', 'PodDisruptionBudget', 'poddisruptionbudgets'),
  namespaced('services', 'v1', 'Service', 'services'),
  namespaced('deployments', 'apps/v1', 'Deployment', 'deployments'),
  namespaced('statefulsets', 'apps/v1', 'StatefulSet', 'statefulsets'),
  namespaced('daemonsets', 'apps/v1', 'DaemonSet', 'daemonsets'),
  namespaced('replicasets', 'apps/v1', 'ReplicaSet', 'replicasets'),
  namespaced('jobs', 'batch/v1', 'Job', 'jobs'),
  namespaced('cronjobs', 'batch/v1', 'CronJob', 'cronjobs'),
  namespaced('ingress', 'networking.k8s.io/v1', 'Ingress', 'ingresses'),
  namespaced('network-policy', 'networking.k8s.io/v1', 'NetworkPolicy', 'networkpolicies'),
  namespaced('resource-quota', 'v1', 'ResourceQuota', 'resourcequotas'),
  namespaced('limitranges', 'v1', 'LimitRange', 'limitranges'),
  namespaced('events', 'v1', 'Event', 'events'),
  namespaced('pvcs', 'v1', 'PersistentVolumeClaim', 'persistentvolumeclaims'),
  namespaced('roles', 'rbac.authorization.k8s.io/v1', 'Role', 'roles'),
  namespaced('rolebindings', 'rbac.authorization.k8s.io/v1', 'RoleBinding', 'rolebindings'),
  namespaced('endpoints', 'v1', 'Endpoints', 'endpoints'),
  namespaced('endpointslices', 'discovery.k8s.io/v1', 'EndpointSlice', 'endpointslices'),
  namespaced('serviceaccounts', 'v1', 'ServiceAccount', 'serviceaccounts'),
  namespaced('leases', 'coordination.k8s.io/v1', 'Lease', 'leases'),
  namespaced('configmaps', 'v1', 'ConfigMap', 'configmaps'),
];

/** One file for the whole cluster. */
export const clusterKinds: readonly SnapshotKind[] = [
  clusterWide('storage-classes', 'storage.k8s.io/v1', 'StorageClass', 'storageclasses'),
  clusterWide('ingress-classes', 'networking.k8s.io/v1', 'IngressClass', 'ingressclasses'),
  clusterWide('priorityclasses', 'scheduling.k8s.io/v1', 'PriorityClass', 'priorityclasses'),
  clusterWide('nodes', 'v1', 'Node', 'nodes'),
  clusterWide('pvs', 'v1', 'PersistentVolume', 'persistentvolumes'),
  clusterWide('clusterroles', 'rbac.authorization.k8s.io/v1', 'ClusterRole', 'clusterroles'),
  clusterWide('clusterrolebindings', 'rbac.authorization.k8s.io/v1', 'ClusterRoleBinding', 'clusterrolebindings'),
  clusterWide('volumeattachments', 'storage.k8s.io/v1', 'VolumeAttachment', 'volumeattachments'),
  clusterWide(
    'certificatesigningrequests',
    'certificates.k8s.io/v1',
    'CertificateSigningRequest',
    'certificatesigningrequests',
  ),
  clusterWide(
    'validating-webhook-configurations',
    'admissionregistration.k8s.io/v1',
    'ValidatingWebhookConfiguration',
    'validatingwebhookconfigurations',
  ),
  clusterWide(
    'mutating-webhook-configurations',
    'admissionregistration.k8s.io/v1',
    'MutatingWebhookConfiguration',
    'mutatingwebhookconfigurations',
  ),
];
