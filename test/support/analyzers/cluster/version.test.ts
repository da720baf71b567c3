// Checks of what the cluster is: each distribution by what tells it apart, runtimes, versions.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Asked, each, run, when } from '../ask.ts';

const version = suite('support/analyzers/cluster/version');

type Json = Record<string, unknown>;
const PATH = 'cluster-resources/nodes.json';
const nodes = (...items: Json[]): Asked => ({ files: { [PATH]: { items } } });
const labelled = (labels: Json): Json => ({ metadata: { labels } });

async function message(kind: string, asked: Asked, ...whens: (string | undefined)[]): Promise<string> {
  const [one] = await run(kind, when(...whens), asked);
  return `${one?.outcome} ${one?.message}`;
}

version('distributions by labels, annotations, images and providers', async () => {
  const table: [node: Json, name: string][] = [
    [labelled({ 'kurl.sh/cluster': 'true' }), 'kurl'],
    [labelled({ 'microk8s.io/cluster': 'true' }), 'microk8s'],
    [labelled({ 'kubernetes.azure.com/role': 'agent' }), 'aks'],
    [labelled({ 'minikube.k8s.io/version': 'v1' }), 'minikube'],
    [labelled({ 'node.kubernetes.io/instance-type': 'k3s' }), 'k3s'],
    [labelled({ 'beta.kubernetes.io/instance-type': 'k3s' }), 'k3s'],
    [labelled({ 'oci.oraclecloud.com/fault-domain': 'x' }), 'oke'],
    [labelled({ 'node.k0sproject.io/role': 'x' }), 'k0s'],
    [labelled({ 'kots.io/embedded-cluster-role': 'x' }), 'embedded-cluster'],
    [labelled({ 'run.tanzu.vmware.com/kubernetesDistributionVersion': 'x' }), 'tanzu'],
    [{ metadata: { annotations: { 'rke2.io/node-args': '[]' } } }, 'rke2'],
    [{ status: { nodeInfo: { osImage: 'Docker Desktop' } } }, 'docker-desktop'],
    [{ spec: { providerID: 'digitalocean://1' } }, 'digitalocean'],
    [{ spec: { providerID: 'aws:///eu/i-1' } }, 'eks'],
    [{ spec: { providerID: 'gce://x' } }, 'gke'],
    [{ spec: { providerID: 'ibm://x' } }, 'ibm'],
    [{ spec: { providerID: 'kind://x' } }, 'kind'],
  ];
  for (const [node, name] of table) {
    await each('distribution', nodes(node), { [name]: true, [`= ${name}`]: true, [`!= ${name}`]: false });
    await each('distribution', nodes({}), { [name]: false, [`!= ${name}`]: true });
  }
  await each('distribution', nodes(labelled({ 'kurl.sh/cluster': 'false' })), { kurl: false });
  await each('distribution', nodes({}, labelled({ 'kubernetes.azure.com/role': 'x' })), { AKS: true, '== gke': false });
});

version('EKS shows no control plane; OpenShift and Tanzu show groups of their API', async () => {
  const eks = { spec: { providerID: 'aws:///eu/i-1' } };
  for (const role of ['master', 'control-plane'])
    await each('distribution', nodes(eks, labelled({ [`node-role.kubernetes.io/${role}`]: '' })), { eks: false });
  await each('distribution', nodes(eks, labelled({ 'node-role.kubernetes.io/worker': '' })), { eks: true });
  const withGroups = (...groups: string[]): Asked => ({
    files: {
      [PATH]: { items: [] },
      'cluster-resources/resources.json': groups.map((groupVersion) => ({ groupVersion })),
    },
  });
  await each('distribution', withGroups('apps.openshift.io/v1'), { openshift: true, tanzu: false });
  await each('distribution', withGroups('run.tanzu.vmware.com/v1'), { openshift: false, tanzu: true });
});

version('names that nobody has are said where nothing else matched', async () => {
  const k3s = nodes(labelled({ 'node.kubernetes.io/instance-type': 'k3s' }));
  assert.match(
    await message('distribution', k3s, 'narnia', 'oz'),
    /^warn Unknown distribution: narnia, oz\. .*found k3s/,
  );
  assert.is(await message('distribution', k3s, 'narnia', undefined), 'pass else');
  assert.is(await message('distribution', k3s, 'narnia', 'k3s'), 'fail k3s');
  const known = await message('distribution', k3s, 'eks');
  assert.match(known, /^warn None of the check's 1 outcomes matched: found k3s/);
  assert.match(await message('distribution', nodes({}), 'eks'), 'found none that is known');
});

version('runtimes of containers', async () => {
  const on = (...runtimes: string[]): Asked =>
    nodes(...runtimes.map((containerRuntimeVersion) => ({ status: { nodeInfo: { containerRuntimeVersion } } })));
  await each('containerRuntime', on('containerd://1.7', 'docker://20'), {
    containerd: true,
    '= docker': true,
    '!= docker': true,
    'cri-o': false,
  });
  await each('containerRuntime', on('containerd://1.7'), { '!= containerd': false });
  assert.match(await message('containerRuntime', on('a://1', 'a://1', 'b://2'), 'c'), /found a:\/\/1, b:\/\/2$/);
  assert.match(await message('containerRuntime', nodes(), 'c'), 'found no nodes');
});

version('the version of the cluster, in either place', async () => {
  const of = (info: Json): Asked => ({ files: { 'cluster-info/cluster_version.json': info } });
  await each('clusterVersion', of({ info: { gitVersion: 'v1.30.1+k3s1' } }), { '= 1.30.1': true, '> 1.30.1': false });
  await each('clusterVersion', of({ string: 'v1.29.0', info: { gitVersion: 'v1.30.1' } }), { '= 1.29.0': true });
  assert.match(await message('clusterVersion', of({ string: 'v1.29.0-gke.1' }), '< 1.0.0'), 'found v1.29.0-gke.1');
});

version.run();
