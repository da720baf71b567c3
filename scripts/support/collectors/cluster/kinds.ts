// The kinds of objects in a snapshot of the cluster, and the files that they go to.

export interface SnapshotKind {
  /** Folder or file below `cluster-resources/`. */
  file: string;
  apiVersion: string;
  kind: string;
  /** Path of its collection; with `{ns}` where each namespace has one. */
  path: string;
}

const kind = (file: string, apiVersion: string, name: string, resource: string, namespaced: boolean): SnapshotKind => ({
  file,
  apiVersion,
  kind: name,
  path: `/${apiVersion.includes('/') ? 'apis' : 'api'}/${apiVersion}/${namespaced ? 'namespaces/{ns}/' : ''}${resource}`,
});

/** One file for each namespace. */
export const namespacedKinds: readonly SnapshotKind[] = [
  kind('pods', 'v1', 'Pod', 'pods', true),
  kind('pod-disruption-budgets', 'policy/v1', 'PodDisruptionBudget', 'poddisruptionbudgets', true),
  kind('services', 'v1', 'Service', 'services', true),
  kind('deployments', 'apps/v1', 'Deployment', 'deployments', true),
  kind('statefulsets', 'apps/v1', 'StatefulSet', 'statefulsets', true),
  kind('daemonsets', 'apps/v1', 'DaemonSet', 'daemonsets', true),
  kind('replicasets', 'apps/v1', 'ReplicaSet', 'replicasets', true),
  kind('jobs', 'batch/v1', 'Job', 'jobs', true),
  kind('cronjobs', 'batch/v1', 'CronJob', 'cronjobs', true),
  kind('ingress', 'networking.k8s.io/v1', 'Ingress', 'ingresses', true),
  kind('network-policy', 'networking.k8s.io/v1', 'NetworkPolicy', 'networkpolicies', true),
  kind('resource-quota', 'v1', 'ResourceQuota', 'resourcequotas', true),
  kind('limitranges', 'v1', 'LimitRange', 'limitranges', true),
  kind('events', 'v1', 'Event', 'events', true),
  kind('pvcs', 'v1', 'PersistentVolumeClaim', 'persistentvolumeclaims', true),
  kind('roles', 'rbac.authorization.k8s.io/v1', 'Role', 'roles', true),
  kind('rolebindings', 'rbac.authorization.k8s.io/v1', 'RoleBinding', 'rolebindings', true),
  kind('endpoints', 'v1', 'Endpoints', 'endpoints', true),
  kind('endpointslices', 'discovery.k8s.io/v1', 'EndpointSlice', 'endpointslices', true),
  kind('serviceaccounts', 'v1', 'ServiceAccount', 'serviceaccounts', true),
  kind('leases', 'coordination.k8s.io/v1', 'Lease', 'leases', true),
  kind('configmaps', 'v1', 'ConfigMap', 'configmaps', true),
];

/** One file for the whole cluster. */
export const clusterKinds: readonly SnapshotKind[] = [
  kind('storage-classes', 'storage.k8s.io/v1', 'StorageClass', 'storageclasses', false),
  kind('ingress-classes', 'networking.k8s.io/v1', 'IngressClass', 'ingressclasses', false),
  kind('priorityclasses', 'scheduling.k8s.io/v1', 'PriorityClass', 'priorityclasses', false),
  kind('nodes', 'v1', 'Node', 'nodes', false),
  kind('pvs', 'v1', 'PersistentVolume', 'persistentvolumes', false),
  kind('clusterroles', 'rbac.authorization.k8s.io/v1', 'ClusterRole', 'clusterroles', false),
  kind('clusterrolebindings', 'rbac.authorization.k8s.io/v1', 'ClusterRoleBinding', 'clusterrolebindings', false),
  kind('volumeattachments', 'storage.k8s.io/v1', 'VolumeAttachment', 'volumeattachments', false),
  kind(
    'certificatesigningrequests',
    'certificates.k8s.io/v1',
    'CertificateSigningRequest',
    'certificatesigningrequests',
    false,
  ),
  kind(
    'validating-webhook-configurations',
    'admissionregistration.k8s.io/v1',
    'ValidatingWebhookConfiguration',
    'validatingwebhookconfigurations',
    false,
  ),
  kind(
    'mutating-webhook-configurations',
    'admissionregistration.k8s.io/v1',
    'MutatingWebhookConfiguration',
    'mutatingwebhookconfigurations',
    false,
  ),
];
