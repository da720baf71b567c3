import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { checkK3sArgs, type K3sArg } from '../../../../scripts/providers/k3d/k3s-args/k3s-args.ts';
import { k3sVersionOf } from '../../../../scripts/providers/k3d/k3s-args/version.ts';

const args = suite('arguments of k3s');
const topology = { servers: 1, agents: 1, loadBalancer: false };

function check(arg: string, version = 'v1.34.2+k3s1', nodes = ['server:*']): ReturnType<typeof checkK3sArgs> {
  const one: K3sArg = { arg, nodes, where: 'k3d.k3sArgs[0]' };
  return checkK3sArgs([one], k3sVersionOf(version), topology);
}

const problem = (...given: Parameters<typeof check>): string => check(...given).problems[0]?.message ?? '';
const warning = (...given: Parameters<typeof check>): string => check(...given).warnings[0] ?? '';
const passed = (...given: Parameters<typeof check>): string | undefined => check(...given).args[0]?.arg;

// Flag, k3s version, what becomes of it: what is passed on, and the problem or warning.
const TABLE: readonly [string, string, 'passes' | 'refused' | 'dropped' | 'warned' | 'raised', RegExp?][] = [
  ['--kube-scheduler-arg=v=5', 'v1.34.2', 'warned', /only makes the log longer/],
  ['--kube-controller-manager-arg=concurrent-service-syncs=10', 'v1.30.4', 'passes'],
  ['--kube-controller-manager-arg=concurrent-service-syncs=10', 'v1.31.0', 'dropped', /nothing since Kubernetes 1\.31/],
  ['--kube-controller-manager-arg=concurrent-rc-syncs=10', 'v1.34.2', 'refused', /concurrent-replicaset-syncs/],
  ['--kube-controller-manager-arg=concurrent_rc_syncs=10', 'v1.34.2', 'passes'],
  [
    '--kube-controller-manager-arg=concurrent_deployment_syncs=10',
    'v1.34.2',
    'refused',
    /did you mean "concurrent-deployment-syncs"/,
  ],
  ['--kube-controller-manager-arg=concurrent-deployment-syncs=2', 'v1.34.2', 'raised', /raised to 5/],
  ['--kube-controller-manager-arg=concurrent-deployment-syncs=9', 'v1.34.2', 'passes'],
  ['--kube-controller-manager-arg=concurrent-gc-syncs=5', 'v1.34.2', 'raised', /raised to 20/],
  ['--kube-controller-manager-arg=concurrent-daemonset-syncs=4', 'v1.30.4', 'refused', /only since Kubernetes 1\.32/],
  ['--kube-controller-manager-arg=concurrent-daemonset-syncs=4', 'v1.32.1', 'passes'],
  ['--kube-controller-manager-arg=kube-api-qps=300', 'v1.30.4', 'passes'],
  ['--kubelet-arg=max-parallelism=5', 'v1.34.2', 'refused', /k3d\.maxParallelImagePulls/],
  ['--kubelet-arg=max-parallel-image-pulls=5', 'v1.34.2', 'refused', /k3d\.maxParallelImagePulls/],
  ['--kubelet-arg=image-pull-progress-deadline=5m', 'v1.34.2', 'refused', /left with dockershim/],
  ['--kubelet-arg=serialize-image-pulls=false', 'v1.34.2', 'dropped', /by itself/],
  ['--kubelet-arg=serialize-image-pulls=true', 'v1.34.2', 'passes'],
  ['--kubelet-arg=max-pods=200', 'v1.36.1', 'passes'],
  ['--kubelet-arg=system-reserved=memory=1Gi', 'v1.36.1', 'passes'],
  ['--kubelet-arg=pod-infra-container-image=x', 'v1.35.0', 'refused', /only up to 1\.34/],
  ['--kubelet-arg=max-podz=200', 'v1.34.2', 'refused', /has no flag max-podz; did you mean "max-pods"\?/],
  ['--kube-apiserver-arg=max-requests-inflight=800', 'v1.34.2', 'passes'],
  ['--kube-proxy-arg=proxy-mode=nftables', 'v1.34.2', 'passes'],
  ['--disable=traefik', 'v1.34.2', 'passes'],
  ['--disable=trafik', 'v1.34.2', 'warned', /nothing called trafik/],
  ['--disable-helm-controller', 'v1.34.2', 'passes'],
  ['--flannel-backend=host-gw', 'v1.34.2', 'passes'],
  ['--etcd-arg=heartbeat-interval=200', 'v1.34.2', 'passes'],
  ['--no-deploy=traefik', 'v1.34.2', 'refused', /no flag --no-deploy/],
  ['--kubelet-args=max-pods=5', 'v1.34.2', 'refused', /did you mean "kubelet-arg"\?/],
  ['traefik', 'v1.34.2', 'refused', /expected a flag/],
];

for (const [arg, version, outcome, text] of TABLE) {
  args(`${arg} on ${version}: ${outcome}`, () => {
    const { args: kept, problems, warnings } = check(arg, version);
    assert.is(kept.length, outcome === 'refused' || outcome === 'dropped' ? 0 : 1);
    assert.is(problems.length, outcome === 'refused' ? 1 : 0);
    assert.is(warnings.length, outcome === 'refused' || outcome === 'passes' ? 0 : 1);
    if (outcome === 'passes' || outcome === 'warned') assert.is(kept[0]?.arg, arg);
    if (text) assert.match(`${problems[0]?.message ?? ''}${warnings[0] ?? ''}`, text);
  });
}

args('a raised number is passed on raised', () => {
  const raised = passed('--kube-controller-manager-arg=concurrent-deployment-syncs=2');
  assert.is(raised, '--kube-controller-manager-arg=concurrent-deployment-syncs=5');
});

args('flags of servers end agents', () => {
  assert.match(problem('--disable=traefik', 'v1.34.2', ['all']), /for servers only and ends an agent/);
  assert.match(problem('--kube-apiserver-arg=v=2', 'v1.34.2', ['agent:0']), /for servers only/);
  assert.is(passed('--kubelet-arg=max-pods=50', 'v1.34.2', ['server:*', 'agent:*']), '--kubelet-arg=max-pods=50');
});

args('a node filter that k3d would refuse is found before', () => {
  assert.match(problem('--disable=traefik', 'v1.34.2', []), /a node filter is needed/);
  assert.match(problem('--disable=traefik', 'v1.34.2', ['server']), /lacks a subset/);
  assert.match(problem('--kubelet-arg=v=2', 'v1.34.2', ['agent:4']), /chooses agent 4 of 1/);
});

args('a version beyond the table, or none, is given the benefit of the doubt only where it deserves it', () => {
  assert.is(passed('--kubelet-arg=brand-new=1', 'v1.40.0'), '--kubelet-arg=brand-new=1');
  assert.match(warning('--kubelet-arg=brand-new=1', 'v1.40.0'), /not known to this hoist/);
  assert.match(problem('--kubelet-arg=brand-new=1', 'rancher/k3s:latest'), /no flag brand-new/);
  assert.is(passed('--kubelet-arg=pod-infra-container-image=x', 'my/k3s'), '--kubelet-arg=pod-infra-container-image=x');
  assert.match(problem('--kubelet-arg=max-parallelism=5', 'v1.40.0'), /k3s ends on it/);
});

args('problems say where, and all come at once', () => {
  const both = [
    { arg: '--nope', nodes: ['server:*'], where: 'k3d.yaml:7:9' },
    { arg: '--kubelet-arg=nope=1', nodes: ['server:*'], where: 'k3d.yaml:9:9' },
  ];
  const { problems } = checkK3sArgs(both, k3sVersionOf('v1.34.2'), topology);
  assert.equal(
    problems.map(({ where }) => where),
    ['k3d.yaml:7:9', 'k3d.yaml:9:9'],
  );
});

args.run();
