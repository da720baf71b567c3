// What is to be applied to a hub so that it keeps its fleet itself: pods that share the clusters, with the least rights.

export interface DeployOptions {
  namespace: string;
  replicas: number;
  image: string;
}

type Manifest = Readonly<Record<string, unknown>>;

const NAME = 'hoist-sync';
const PORT = 8080;
const labels = { 'app.kubernetes.io/name': NAME };

/** Secret with the key `token`, which who deploys makes: viewers of the page and of metrics must know it. */
export const TOKEN_SECRET = 'hoist-sync-token';

export function deployManifests(options: DeployOptions): Manifest[] {
  const { namespace } = options;
  const subject = { kind: 'ServiceAccount', name: NAME, namespace };
  const rbac = 'rbac.authorization.k8s.io';
  return [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: NAME, namespace } },
    { apiVersion: `${rbac}/v1`, kind: 'ClusterRole', metadata: { name: NAME }, rules: clusterRules },
    {
      apiVersion: `${rbac}/v1`,
      kind: 'ClusterRoleBinding',
      metadata: { name: NAME },
      roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: NAME },
      subjects: [subject],
    },
    {
      apiVersion: `${rbac}/v1`,
      kind: 'Role',
      metadata: { name: NAME, namespace },
      // Leases of the shards.
      rules: [
        { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['create', 'delete', 'list', 'patch'] },
      ],
    },
    {
      apiVersion: `${rbac}/v1`,
      kind: 'RoleBinding',
      metadata: { name: NAME, namespace },
      roleRef: { apiGroup: rbac, kind: 'Role', name: NAME },
      subjects: [subject],
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: NAME, namespace, labels },
      spec: { clusterIP: 'None', selector: labels, ports: [{ name: 'http', port: PORT }] },
    },
    {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { name: NAME, namespace },
      spec: { maxUnavailable: 1, selector: { matchLabels: labels } },
    },
    statefulSet(options),
  ];
}

/** Reading what decides, writing what became of it; Secrets because kubeconfigs and mapped ones may be in any namespace. */
const clusterRules = [
  {
    apiGroups: ['hive.openshift.io'],
    resources: ['clusterdeployments', 'syncsets', 'selectorsyncsets'],
    verbs: ['list', 'watch'],
  },
  { apiGroups: [''], resources: ['secrets'], verbs: ['get'] },
  { apiGroups: ['hiveinternal.openshift.io'], resources: ['clustersyncs'], verbs: ['create', 'get', 'list'] },
  { apiGroups: ['hiveinternal.openshift.io'], resources: ['clustersyncs/status'], verbs: ['patch'] },
  {
    apiGroups: ['hiveinternal.openshift.io'],
    resources: ['clustersyncleases'],
    verbs: ['create', 'list', 'patch'],
  },
  // An owner that blocks its deletion is set on what is written: the right to do that is one on finalizers.
  { apiGroups: ['hive.openshift.io'], resources: ['clusterdeployments/finalizers'], verbs: ['update'] },
  { apiGroups: ['hiveinternal.openshift.io'], resources: ['clustersyncs/finalizers'], verbs: ['update'] },
];

function statefulSet({ namespace, replicas, image }: DeployOptions): Manifest {
  const probe = (path: string): object => ({ httpGet: { path, port: 'http' }, periodSeconds: 10 });
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name: NAME, namespace, labels },
    spec: {
      replicas,
      serviceName: NAME,
      // They do not wait for each other: each one takes its share when it is there.
      podManagementPolicy: 'Parallel',
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          serviceAccountName: NAME,
          // A Lease is given up when the process ends, which takes moments.
          terminationGracePeriodSeconds: 30,
          securityContext: { runAsNonRoot: true, runAsUser: 65_532, seccompProfile: { type: 'RuntimeDefault' } },
          containers: [
            {
              name: NAME,
              image,
              args: [
                'sync',
                '--hub',
                'in-cluster',
                '--watch',
                '--shard',
                '$(POD_NAME)',
                '--namespace',
                namespace,
              ].concat('--listen', `0.0.0.0:${PORT}`, '--token-file', '/etc/hoist/token'),
              env: [{ name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }],
              ports: [{ name: 'http', containerPort: PORT }],
              livenessProbe: probe('/healthz'),
              readinessProbe: probe('/readyz'),
              resources: { requests: { cpu: '250m', memory: '256Mi' }, limits: { memory: '1Gi' } },
              securityContext: {
                allowPrivilegeEscalation: false,
                readOnlyRootFilesystem: true,
                capabilities: { drop: ['ALL'] },
              },
              volumeMounts: [{ name: 'token', mountPath: '/etc/hoist', readOnly: true }],
            },
          ],
          volumes: [{ name: 'token', secret: { secretName: TOKEN_SECRET } }],
        },
      },
    },
  };
}
