// Checks of what the cluster is: its version, its distribution, the runtime of its containers.

import { record, string, type Check, type Files, type KubeObject } from '../base/check.ts';
import { firstOf, noMatch, outcomesOf } from '../base/outcomes.ts';
import { holds, operator, words } from '../base/compare.ts';
import { inRange, kubernetesVersion } from '../base/versions.ts';

const NODES = 'cluster-resources/nodes.json';

export const clusterVersion: Check = {
  title: () => 'Required Kubernetes Version',
  icon: { key: 'kubernetes_cluster_version', file: 'kubernetes.svg?w=16&h=16' },
  collectors: ['clusterInfo'],
  async run(spec, files) {
    const info = record(await files.json('cluster-info/cluster_version.json'));
    const version = string(info['string']) || string(record(info['info'])['gitVersion']);
    const clean = kubernetesVersion(version);
    return [firstOf(outcomesOf(spec), { holds: (when) => inRange(clean, when), found: version })];
  },
};

/** Names of distributions by what distinguishes them on a node. */
const BY_LABEL: readonly [label: string, value: string | undefined, name: string][] = [
  ['kurl.sh/cluster', 'true', 'kurl'],
  ['microk8s.io/cluster', 'true', 'microk8s'],
  ['kubernetes.azure.com/role', undefined, 'aks'],
  ['minikube.k8s.io/version', undefined, 'minikube'],
  ['node.kubernetes.io/instance-type', 'k3s', 'k3s'],
  ['beta.kubernetes.io/instance-type', 'k3s', 'k3s'],
  ['oci.oraclecloud.com/fault-domain', undefined, 'oke'],
  ['node.k0sproject.io/role', undefined, 'k0s'],
  ['kots.io/embedded-cluster-role', undefined, 'embeddedcluster'],
  ['run.tanzu.vmware.com/kubernetesDistributionVersion', undefined, 'tanzu'],
];

const BY_PROVIDER: Readonly<Record<string, string>> = {
  digitalocean: 'digitalocean',
  aws: 'eks',
  gce: 'gke',
  ibm: 'ibm',
  kind: 'kind',
};

const NAMES: ReadonlySet<string> = new Set([
  ...BY_LABEL.map(([, , name]) => name),
  ...Object.values(BY_PROVIDER),
  'dockerdesktop',
  'openshift',
  'rke2',
]);

export const distribution: Check = {
  title: () => 'Kubernetes Distribution',
  icon: { key: 'kubernetes_distribution', file: 'distribution.svg?w=20&h=14' },
  collectors: ['clusterResources'],
  async run(spec, files) {
    const found = await distributionsOf(files);
    const outcomes = outcomesOf(spec);
    const unknown: string[] = [];
    const verdict = firstOf(outcomes, {
      holds(when) {
        const parts = words(when, 1, 2);
        const [sign, name] = parts.length === 1 ? ['=', parts[0] ?? ''] : [parts[0] ?? '', parts[1] ?? ''];
        const plain = name.toLowerCase().replaceAll('-', '');
        if (!NAMES.has(plain)) {
          unknown.push(name);
          return false;
        }
        return holds(operator(sign), found.has(plain) ? 0 : 1);
      },
      found: [...found].join(', ') || 'none that is known',
    });
    if (verdict.reason === undefined || unknown.length === 0) return [verdict];
    return [{ ...verdict, message: `Unknown distribution: ${unknown.join(', ')}. ${verdict.message}` }];
  },
};

async function distributionsOf(files: Files): Promise<Set<string>> {
  const nodes = await files.items(NODES);
  const found = new Set(nodes.flatMap(distributionsOfNode));
  const isControlPlane = ({ metadata }: KubeObject): boolean =>
    Object.keys(metadata?.labels ?? {}).some((label) =>
      /^node-role\.kubernetes\.io\/(?:master|control-plane)$/.test(label),
    );
  // EKS does not show its control plane among the nodes.
  if (nodes.some(isControlPlane)) found.delete('eks');
  const groups = files.paths.includes('cluster-resources/resources.json')
    ? await files.json('cluster-resources/resources.json')
    : [];
  for (const group of Array.isArray(groups) ? (groups as unknown[]) : []) {
    if (string(record(group)['groupVersion']).startsWith('apps.openshift.io/')) found.add('openshift');
    if (string(record(group)['groupVersion']).startsWith('run.tanzu.vmware.com/')) found.add('tanzu');
  }
  return found;
}

function distributionsOfNode({ metadata, spec, status }: KubeObject): string[] {
  const labels = metadata?.labels ?? {};
  const found = BY_LABEL.filter(
    ([label, value]) => Object.hasOwn(labels, label) && (value === undefined || labels[label] === value),
  ).map(([, , name]) => name);
  if (Object.hasOwn(metadata?.annotations ?? {}, 'rke2.io/node-args')) found.push('rke2');
  if (string(record(status?.['nodeInfo'])['osImage']) === 'Docker Desktop') found.push('dockerdesktop');
  const provider = BY_PROVIDER[string(spec?.['providerID']).split(':')[0] ?? ''];
  return provider === undefined ? found : [...found, provider];
}

export const containerRuntime: Check = {
  title: () => 'Container Runtime',
  icon: { key: 'kubernetes_container_runtime', file: 'container-runtime.svg?w=23&h=16' },
  collectors: ['clusterResources'],
  async run(spec, files) {
    const nodes = await files.items(NODES);
    const runtimes = nodes.map(({ status }) => string(record(status?.['nodeInfo'])['containerRuntimeVersion']));
    const outcomes = outcomesOf(spec);
    if (nodes.length === 0) return [noMatch(outcomes, 'no nodes')];
    return [
      firstOf(outcomes, {
        holds(when) {
          const parts = words(when, 1, 2);
          const [sign = '', name = ''] = parts.length === 1 ? ['=', ...parts] : parts;
          return runtimes.some((runtime) => holds(operator(sign), runtime.split(':')[0] === name ? 0 : 1));
        },
        found: [...new Set(runtimes)].join(', '),
      }),
    ];
  },
};
