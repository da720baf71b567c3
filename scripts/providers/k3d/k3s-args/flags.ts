// The flags of `k3s server` and `k3s agent` themselves; an unknown one ends k3s before it has started.

const words = (text: string): string[] => text.trim().split(/\s+/);

/** Known to both, in k3s 1.30 to 1.36. */
const COMMON = words(`
  airgap-extra-registry alsologtostderr bind-address config container-runtime-endpoint data-dir debug default-runtime
  disable-apiserver-lb disable-default-registry-endpoint docker enable-pprof flannel-cni-conf flannel-conf flannel-iface
  image-credential-provider-bin-dir image-credential-provider-config image-service-endpoint kube-proxy-arg kubelet-arg
  lb-server-port log node-external-dns node-external-ip node-internal-dns node-ip node-label node-name node-taint
  nonroot-devices pause-image prefer-bundled-bin private-registry protect-kernel-defaults resolv-conf rootless selinux
  server snapshotter token token-file v vmodule vpn-auth vpn-auth-file with-node-id`);

/** Known to servers alone; given to an agent, one of these ends it. */
const SERVER = words(`
  advertise-address advertise-port agent-token agent-token-file cluster-cidr cluster-dns cluster-domain cluster-init
  cluster-reset cluster-reset-restore-path datastore-cafile datastore-certfile datastore-endpoint datastore-keyfile
  default-local-storage-path disable disable-agent disable-apiserver disable-cloud-controller disable-controller-manager
  disable-etcd disable-helm-controller disable-kube-proxy disable-network-policy disable-scheduler egress-selector-mode
  embedded-registry etcd-arg etcd-disable-snapshots etcd-expose-metrics etcd-s3 etcd-s3-access-key etcd-s3-bucket
  etcd-s3-bucket-lookup-type etcd-s3-config-secret etcd-s3-endpoint etcd-s3-endpoint-ca etcd-s3-folder etcd-s3-insecure
  etcd-s3-proxy etcd-s3-region etcd-s3-retention etcd-s3-secret-key etcd-s3-session-token etcd-s3-skip-ssl-verify
  etcd-s3-timeout etcd-snapshot-compress etcd-snapshot-dir etcd-snapshot-name etcd-snapshot-reconcile-interval
  etcd-snapshot-retention etcd-snapshot-schedule-cron flannel-backend flannel-external-ip flannel-ipv6-masq helm-job-image
  https-listen-port kine-tls kube-apiserver-arg kube-cloud-controller-arg kube-cloud-controller-manager-arg
  kube-controller-arg kube-controller-manager-arg kube-scheduler-arg secrets-encryption secrets-encryption-provider
  service-cidr service-node-port-range servicelb-namespace supervisor-metrics system-default-registry tls-san
  tls-san-security write-kubeconfig write-kubeconfig-group write-kubeconfig-mode`);

const SHORT: Readonly<Record<string, string>> = {
  t: 'token',
  s: 'server',
  d: 'data-dir',
  o: 'write-kubeconfig',
  i: 'node-ip',
  c: 'config',
  l: 'log',
};

/** What `--disable` takes. */
export const DISABLE_ITEMS = ['coredns', 'servicelb', 'traefik', 'local-storage', 'metrics-server'] as const;

/** Whose flag it is, or undefined where k3s knows none of that name. */
export function k3sFlagScope(name: string): 'common' | 'server' | undefined {
  const long = SHORT[name] ?? name;
  if (COMMON.includes(long)) return 'common';
  return SERVER.includes(long) ? 'server' : undefined;
}

export const k3sFlagNames: readonly string[] = [...COMMON, ...SERVER];
