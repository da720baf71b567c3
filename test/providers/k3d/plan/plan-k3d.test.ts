import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ConfigError } from '../../../../scripts/base/errors.ts';
import type { ClusterPlan, K3dSettings } from '../../../../scripts/plan/plan.ts';
import { componentArguments, componentEnvironment } from '../../../../scripts/plan/tuning.ts';
import { k3dCreate } from '../../../../scripts/providers/k3d/plan/k3d-commands.ts';
import { differencesOf, fingerprint, identityOf } from '../../../../scripts/providers/k3d/plan/identity.ts';
import { type K3dPlan, planK3d, type PlanInputs } from '../../../../scripts/providers/k3d/plan/plan-k3d.ts';
import { parseNativeConfig } from '../../../../scripts/settings/k3d/native.ts';
import { settingsSchema } from '../../../../scripts/settings/schema.ts';

const planning = suite('k3d plan');
const GIB = 2 ** 30;
const NO_ARGUMENTS = { etcd: {}, apiserver: {}, controllerManager: {}, scheduler: {}, kwok: {} };

const settings: K3dSettings = { ...settingsSchema.parse({}).k3d, resourceOptimization: false, sizing: 'reserved' };

function cluster(servers: number, agents: number, tuning = false): ClusterPlan {
  const node = { cpus: 1, memoryBytes: GIB };
  return {
    name: 'dev',
    provider: 'k3d',
    kubernetes: '1.34.2',
    nodes: [
      ...Array.from({ length: servers }, (_, i) => ({ name: `s${i}`, role: 'server' as const, ...node })),
      ...Array.from({ length: agents }, (_, i) => ({ name: `a${i}`, role: 'agent' as const, ...node })),
    ],
    components: componentArguments('k3d', tuning, NO_ARGUMENTS),
  };
}

function plan(own: Partial<K3dSettings> = {}, inputs: Partial<PlanInputs> = {}): K3dPlan {
  return planK3d({
    cluster: cluster(1, 1),
    settings: { ...settings, ...own },
    certificates: undefined,
    proxyVariables: [],
    engine: { cpus: 4, memoryBytes: 8 * GIB, source: 'docker info' },
    localEngine: true,
    ...inputs,
  });
}

function problemsOf(make: () => unknown): string[] {
  try {
    make();
    return [];
  } catch (error) {
    assert.instance(error, ConfigError);
    return (error as ConfigError).problems.map(({ where, message }) => `${where}: ${message}`);
  }
}

const argv = (made: K3dPlan): readonly string[] =>
  k3dCreate('k3d', made, { configOnStdin: made.native !== undefined, registryConfig: undefined, labels: {} }).args;
const sourceOf = (made: K3dPlan, name: string): string | undefined =>
  made.values.find((row) => row.name === name)?.source;

planning('the load balancer is left out unless several servers or ports beyond the server need it', () => {
  assert.is(plan().topology.loadBalancer, false);
  assert.is(plan({}, { cluster: cluster(3, 0) }).topology.loadBalancer, true);
  assert.is(plan({ loadBalancer: false }, { cluster: cluster(3, 0) }).topology.loadBalancer, false);
  assert.is(plan({ ports: ['8080:80'] }).topology.loadBalancer, false);
  assert.equal(plan({ ports: ['8080:80'] }).ports, [{ value: '8080:80', nodes: ['server:0:direct'] }]);
  assert.is(plan({ ports: ['8080:80@loadbalancer'] }).topology.loadBalancer, true);
  assert.is(plan({ ports: ['8080:80@agent:*'] }).topology.loadBalancer, true);
});

planning('limits keep the node’s offer within them; off means off', () => {
  const made = plan({ resourceOptimization: true });
  assert.is(made.limits.server.memoryBytes, 3.5 * GIB);
  assert.equal(
    made.k3sArgs.map(({ arg, nodes }) => `${arg} ${nodes.join()}`),
    ['--kubelet-arg=system-reserved=memory=4608Mi server:*', '--kubelet-arg=system-reserved=memory=4608Mi agent:*'],
  );
  assert.equal(plan().limits, { server: {}, agent: {} });
  assert.equal(plan().k3sArgs, []);
});

planning('more memory than the engine has is refused with the sum', () => {
  const limits = { memoryLimitServer: 6 * GIB, memoryLimitAgent: 3 * GIB };
  assert.match(
    problemsOf(() => plan({ resourceOptimization: true, ...limits }))[0] ?? '',
    /1 × 6 GiB for servers \+ 1 × 3 GiB for agents = 9 GiB, and the engine has 8 GiB/,
  );
});

planning('tuned component arguments go to servers and give way to the user’s', () => {
  const tuned = plan({}, { cluster: cluster(1, 0, true) });
  const text = tuned.k3sArgs.map(({ arg }) => arg);
  assert.ok(text.includes('--kube-controller-manager-arg=kube-api-qps=300'), text.join(' '));
  assert.ok(text.includes('--kube-scheduler-arg=kube-api-qps=300'), text.join(' '));
  const own = { arg: '--kube-scheduler-arg=kube-api-qps=77', nodes: ['server:*'] };
  const given = plan({ k3sArgs: [own] }, { cluster: cluster(1, 0, true) }).k3sArgs.map(({ arg }) => arg);
  assert.ok(given.includes('--kube-scheduler-arg=kube-api-qps=77'));
  assert.not(given.includes('--kube-scheduler-arg=kube-api-qps=300'));
});

planning('servers with memory to spare collect garbage less often; who sets it himself is not overruled', async () => {
  const environment = componentEnvironment('k3d', true, 8 * GIB);
  const ample = { ...cluster(1, 1, true), environment };
  assert.equal(plan({}, { cluster: ample }).env, [{ value: 'GOGC=400', nodes: ['server:*'] }]);
  const tight = { resourceOptimization: true, memoryLimitServer: 1.5 * GIB };
  assert.equal(plan(tight, { cluster: ample }).env, []);
  const enough = { resourceOptimization: true, memoryLimitServer: 2 * GIB };
  assert.is(plan(enough, { cluster: ample }).env.length, 1);
  const text = 'apiVersion: k3d.io/v1alpha5\nkind: Simple\nenv: [{envVar: GOGC=50, nodeFilters: [all]}]\n';
  const native = await parseNativeConfig('k3d.yaml', text, {});
  assert.equal(plan({ native }, { cluster: ample }).env, []);
});

planning('what a native config says is kept and not said again; the rest is tuned, each with its source', async () => {
  const text = `apiVersion: k3d.io/v1alpha5
kind: Simple
agents: 2
image: rancher/k3s:v1.33.1-k3s1
ports: [{port: "8080:80", nodeFilters: [loadbalancer]}]
options:
  k3s:
    extraArgs: [{arg: "--kube-scheduler-arg=kube-api-qps=77", nodeFilters: ["server:*"]}]
`;
  const native = await parseNativeConfig('k3d.yaml', text, {});
  const made = plan({ native }, { cluster: cluster(1, 2, true) });
  assert.equal(made.topology, { servers: 1, agents: 2, loadBalancer: true });
  assert.is(made.image, 'rancher/k3s:v1.33.1-k3s1');
  const args = argv(made);
  for (const said of ['--agents', '--image', '--no-lb']) assert.not(args.includes(said), said);
  assert.is(args[args.indexOf('--servers') + 1], '1');
  assert.is(args[args.indexOf('--config') + 1], '-');
  assert.not(args.some((arg) => arg.startsWith('--kube-scheduler-arg=kube-api-qps')));
  assert.is(sourceOf(made, 'agents'), 'k3d.yaml:3:9');
  assert.is(sourceOf(made, 'servers'), 'k3d.servers');
  assert.match(sourceOf(made, 'options.k3d.disableLoadbalancer') ?? '', /6 s/);
});

planning('every value is shown with its source, those of the native config too, and nothing secret', async () => {
  const text = `apiVersion: k3d.io/v1alpha5
kind: Simple
token: very-secret
network: mine
env: [{envVar: PASS=hidden, nodeFilters: [all]}]
files: [{source: "a\\nb\\n", destination: /etc/a}]
options:
  runtime: {hostPidMode: true}
`;
  const native = await parseNativeConfig('k3d.yaml', text, {});
  const own = { ports: ['8080:80'], volumes: ['/data:/data@agent:*'], disable: ['traefik'], apiPort: '0.0.0.0:6550' };
  const made = plan({ native, ...own }, { proxyVariables: ['HTTPS_PROXY', 'NO_PROXY'], certificates: 'PEM' });
  assert.equal(
    made.values.map(({ name, value, source }) => `${name} | ${value} | ${source}`),
    [
      'servers | 1 | k3d.servers',
      'agents | 1 | agents',
      'port | 8080:80 on server:0:direct | k3d.ports',
      'options.k3d.disableLoadbalancer | true | it costs 6 s: only with ports or several servers',
      'image | docker.io/rancher/k3s:v1.34.2-k3s1 | the k3s of Kubernetes 1.34.2',
      'k3s | --disable=traefik on server:* | k3d.disable',
      'kubeAPI | 0.0.0.0:6550 | k3d.apiPort',
      'volume | /data:/data on agent:* | k3d.volumes',
      'env HTTPS_PROXY | as it is here | the variable HTTPS_PROXY',
      'env NO_PROXY | as it is here | the variable NO_PROXY',
      'file | /etc/ssl/certs/hoist-ca.crt | k3d.caCertificates',
      'network | mine | k3d.yaml:4:10',
      'token | (not shown) | k3d.yaml:3:8',
      'files[0].source | 2 lines | k3d.yaml:6:18',
      'files[0].destination | /etc/a | k3d.yaml:6:41',
      'options.runtime.hostPidMode | true | k3d.yaml:8:26',
      'env[0].envVar | PASS=(not shown) | k3d.yaml:5:16',
      'env[0].nodeFilters | all | k3d.yaml:5:42',
    ],
  );
});

planning('an argument in the native config that would end k3s is refused with its line', async () => {
  const text =
    'apiVersion: k3d.io/v1alpha5\nkind: Simple\noptions:\n  k3s:\n    extraArgs:\n      - arg: --kubelet-arg=max-parallelism=5\n        nodeFilters: [all]\n';
  const native = await parseNativeConfig('k3d.yaml', text, {});
  assert.match(problemsOf(() => plan({ native }))[0] ?? '', /^k3d\.yaml:6:14: .*max-parallelism/);
});

planning('all problems at once', () => {
  const k3sArgs = [{ arg: '--nope', nodes: ['server:*'] }];
  const image = 'rancher/k3s:v1.31.5-k3s1';
  const found = problemsOf(() =>
    plan({ resourceOptimization: true, k3sArgs, memoryLimitServer: 60 * GIB, maxParallelImagePulls: 4, image }),
  );
  assert.is(found.length, 3, found.join('\n'));
});

planning('what must be a path on the engine’s machine says so', () => {
  assert.match(
    problemsOf(() => plan({ volumes: ['./data:/data'] }, { localEngine: false }))[0] ?? '',
    /absolute path of that machine/,
  );
  assert.equal(
    problemsOf(() => plan({ volumes: ['/data:/data'] }, { localEngine: false })),
    [],
  );
});

planning('a channel instead of a version is warned about', () => {
  assert.match(plan({ image: 'latest' }).warnings[0] ?? '', /pin one, like docker\.io\/rancher\/k3s:v1\.34\.2-k3s1/);
});

planning('the same plan has the same fingerprint, another says in what it differs', () => {
  const one = identityOf(plan(), undefined);
  assert.is(fingerprint(one), fingerprint(identityOf(plan(), undefined)));
  assert.is(fingerprint(one), fingerprint(identityOf(plan({ memoryLimitServer: GIB }), undefined)));
  const other = identityOf(plan({ image: 'k3s:v1.33.1-k3s1', ports: ['8080:80'] }), 'mirrors: {}');
  assert.is.not(fingerprint(one), fingerprint(other));
  assert.equal(
    differencesOf(one, other).map(({ what, have, want }) => `${what}: ${have} → ${want.slice(0, 18)}`),
    [
      'image: docker.io/rancher/k3s:v1.34.2-k3s1 → k3s:v1.33.1-k3s1',
      'port 8080:80: not there → published on serve',
      `registries: not there → ${(other['registries'] ?? '').slice(0, 18)}`,
    ],
  );
});

planning('arguments of etcd: none of hoist’s, those of the user where there is an etcd, else a word about it', () => {
  assert.equal(componentArguments('k3d', true, NO_ARGUMENTS).etcd, []);
  const components = componentArguments('k3d', true, {
    ...NO_ARGUMENTS,
    etcd: { 'snapshot-count': '5' },
    kwok: { v: '1' },
  });
  const etcdOf = ({ k3sArgs }: K3dPlan): string[] =>
    k3sArgs.map(({ arg }) => arg).filter((arg) => arg.includes('etcd'));
  const one = plan({}, { cluster: { ...cluster(1, 0), components } });
  assert.equal(etcdOf(one), []);
  assert.equal(one.warnings, [
    'componentArgs.etcd has no effect here: k3s with one server has no etcd',
    "componentArgs.kwok has no effect here: kwok is the embedded provider's",
  ]);
  const three = plan({}, { cluster: { ...cluster(3, 0), components } });
  assert.equal(etcdOf(three), ['--etcd-arg=snapshot-count=5']);
  assert.is(three.warnings.length, 1);
});

planning.run();
