// The command lines of a control plane that only shows: etcd and kube-apiserver, without anything that changes objects.

import type { Command } from '../../host/exec.ts';

/** Names of files in the viewer's folder, which is the working directory of both processes. */
export const FILES = {
  etcdSocket: 'etcd.sock',
  peerSocket: 'etcd-peer.sock',
  egressSocket: 'egress.sock',
  certificate: 'apiserver.crt',
  key: 'apiserver.key',
  accountKey: 'service-account.key',
  tokens: 'tokens.csv',
  policy: 'policy.jsonl',
  egress: 'egress.yaml',
  kubeconfig: 'kubeconfig',
  state: 'state.json',
} as const;

function argumentsOf(flags: Readonly<Record<string, string>>): string[] {
  return Object.entries(flags).map(([flag, value]) => `--${flag}=${value}`);
}

/** Larger values than any API server writes, so that nothing of a bundle is refused. */
const MOST_REQUEST_BYTES = 64 << 20;

export function etcdCommand(file: string): Command {
  return {
    file,
    args: argumentsOf({
      name: 'hoist',
      'data-dir': 'etcd',
      // Relative to the working directory, since a socket's path is limited to 107 bytes.
      'listen-client-urls': `unix://${FILES.etcdSocket}`,
      'listen-peer-urls': `unix://${FILES.peerSocket}`,
      'advertise-client-urls': 'http://localhost:2379',
      'initial-advertise-peer-urls': 'http://localhost:2380',
      'initial-cluster': 'hoist=http://localhost:2380',
      // As in plan/tuning.ts: a single member elects itself at once, and nothing here has to outlive a crash.
      'heartbeat-interval': '10',
      'election-timeout': '100',
      'unsafe-no-fsync': 'true',
      'max-txn-ops': '1000',
      'max-request-bytes': String(MOST_REQUEST_BYTES),
      'quota-backend-bytes': '8589934592',
      'log-level': 'warn',
    }),
  };
}

/** Admission that acts on writes; there are none but those of kube-apiserver itself, which must not be held up. */
const NO_ADMISSION = [
  'MutatingAdmissionWebhook',
  'ValidatingAdmissionWebhook',
  'ValidatingAdmissionPolicy',
  'NamespaceLifecycle',
  'ServiceAccount',
  'LimitRanger',
  'Priority',
  'ResourceQuota',
  'DefaultStorageClass',
  'DefaultIngressClass',
  'RuntimeClass',
];

export function apiServerCommand(file: string, port: number): Command {
  return {
    file,
    args: argumentsOf({
      'bind-address': '127.0.0.1',
      'advertise-address': '127.0.0.1',
      'secure-port': String(port),
      'etcd-servers': `unix://${FILES.etcdSocket}`,
      'cert-dir': '.',
      'tls-cert-file': FILES.certificate,
      'tls-private-key-file': FILES.key,
      'token-auth-file': FILES.tokens,
      'service-account-key-file': FILES.accountKey,
      'service-account-signing-key-file': FILES.accountKey,
      'service-account-issuer': 'https://kubernetes.default.svc',
      'anonymous-auth': 'false',
      // Not RBAC: with it kube-apiserver writes roles of its own beside those of the bundle.
      'authorization-mode': 'ABAC',
      'authorization-policy-file': FILES.policy,
      'egress-selector-config-file': FILES.egress,
      'endpoint-reconciler-type': 'none',
      'service-cluster-ip-range': '10.96.0.0/16',
      // The repair of service addresses reports what it finds odd as events, which would stand among the bundle's.
      'runtime-config': 'events.k8s.io/v1=false',
      'disable-admission-plugins': NO_ADMISSION.join(','),
      profiling: 'false',
    }),
  };
}

/** Who may do what: `viewer` reads everything, and may ask what it may do. */
export function policyText(): string {
  const policy = (spec: object): string =>
    JSON.stringify({ apiVersion: 'abac.authorization.kubernetes.io/v1beta1', kind: 'Policy', spec });
  const user = { user: 'viewer', namespace: '*' };
  const asks = ['selfsubjectaccessreviews', 'selfsubjectrulesreviews'].map((resource) =>
    policy({ ...user, apiGroup: 'authorization.k8s.io', resource }),
  );
  const reads = policy({ ...user, apiGroup: '*', resource: '*', nonResourcePath: '*', readonly: true });
  return `${[reads, ...asks].join('\n')}\n`;
}

/** All connections of kube-apiserver to anything but etcd go through a socket of hoist's. YAML as JSON. */
export function egressText(): string {
  const connection = { proxyProtocol: 'HTTPConnect', transport: { uds: { udsName: FILES.egressSocket } } };
  return JSON.stringify({
    apiVersion: 'apiserver.k8s.io/v1beta1',
    kind: 'EgressSelectorConfiguration',
    egressSelections: [{ name: 'cluster', connection }],
  });
}
