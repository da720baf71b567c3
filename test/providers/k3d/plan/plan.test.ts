import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ConfigError } from '../../../../scripts/base/errors.ts';
import type { ClusterPlan } from '../../../../scripts/plan/plan.ts';
import { componentArguments, componentEnvironment } from '../../../../scripts/plan/tuning.ts';
import { createSpec } from '../../../../scripts/providers/k3d/plan/create-spec.ts';
import { differencesOf, fingerprint, identityOf } from '../../../../scripts/providers/k3d/plan/identity.ts';
import { parseNativeConfig } from '../../../../scripts/providers/k3d/plan/native-config.ts';
import { type K3dPlan, planK3d, type PlanInputs } from '../../../../scripts/providers/k3d/plan/plan.ts';
import type { K3dSettings } from '../../../../scripts/providers/k3d/plan/settings.ts';

const planning = suite('k3d plan');
const GIB = 2 ** 30;

const settings: K3dSettings = {
  image: undefined,
  apiPort: '127.0.0.1:random',
  loadBalancer: 'auto',
  ports: [],
  volumes: [],
  network: undefined,
  subnet: undefined,
  k3sArgs: [],
  disable: [],
  resourceOptimization: true,
  sizing: 'reserved',
  limits: { server: {}, agent: {} },
  maxParallelImagePulls: undefined,
  proxyVariables: [],
  caCertificates: undefined,
};

function cluster(servers: number, agents: number, tuning = false): ClusterPlan {
  const node = { cpus: 1, memoryBytes: GIB };
  const user = { etcd: {}, apiserver: {}, controllerManager: {}, scheduler: {}, kwok: {} };
  return {
    name: 'dev',
    provider: 'k3d',
    kubernetes: '1.34.2',
    nodes: [
      ...Array.from({ length: servers }, (_, i) => ({ name: `s${i}`, role: 'server' as const, ...node })),
      ...Array.from({ length: agents }, (_, i) => ({ name: `a${i}`, role: 'agent' as const, ...node })),
    ],
    components: componentArguments('k3d', tuning, user),
  };
}

function plan(own: Partial<K3dSettings> = {}, inputs: Partial<PlanInputs> = {}): K3dPlan {
  return planK3d({
    cluster: cluster(1, 1),
    settings: { ...settings, resourceOptimization: false, ...own },
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

const spec = (made: K3dPlan) =>
  createSpec(made, { configOnStdin: made.native !== undefined, registryConfig: undefined, labels: {} });

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
  const limits = { server: { memoryBytes: 6 * GIB }, agent: { memoryBytes: 3 * GIB } };
  assert.match(
    problemsOf(() => plan({ resourceOptimization: true, limits }))[0] ?? '',
    /1 × 6 GiB for servers \+ 1 × 3 GiB for agents = 9 GiB, and the engine has 8 GiB/,
  );
});

planning('tuned component arguments go to servers and give way to the user’s', () => {
  const tuned = plan({}, { cluster: cluster(1, 0, true) });
  const text = tuned.k3sArgs.map(({ arg }) => arg);
  assert.ok(text.includes('--kube-controller-manager-arg=kube-api-qps=300'), text.join(' '));
  assert.ok(text.includes('--kube-scheduler-arg=kube-api-qps=300'), text.join(' '));
  const own = { arg: '--kube-scheduler-arg=kube-api-qps=77', nodes: ['server:*'], where: 'k3d.k3sArgs[0]' };
  const given = plan({ k3sArgs: [own] }, { cluster: cluster(1, 0, true) }).k3sArgs.map(({ arg }) => arg);
  assert.ok(given.includes('--kube-scheduler-arg=kube-api-qps=77'));
  assert.not(given.includes('--kube-scheduler-arg=kube-api-qps=300'));
});

planning('servers with memory to spare collect garbage less often; who sets it himself is not overruled', async () => {
  const environment = componentEnvironment('k3d', true, 8 * GIB);
  const ample = { ...cluster(1, 1, true), environment };
  assert.equal(spec(plan({}, { cluster: ample })).env, [{ value: 'GOGC=400', nodes: ['server:*'] }]);
  const tight = { resourceOptimization: true, limits: { server: { memoryBytes: 1.5 * GIB }, agent: {} } };
  assert.equal(spec(plan(tight, { cluster: ample })).env, []);
  const text = 'apiVersion: k3d.io/v1alpha5\nkind: Simple\nenv: [{envVar: GOGC=50, nodeFilters: [all]}]\n';
  const native = await parseNativeConfig('k3d.yaml', text, {});
  assert.equal(spec(plan({}, { cluster: ample, native })).env, []);
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
  const made = plan({}, { native, cluster: cluster(1, 5, true) });
  assert.equal(made.topology, { servers: 1, agents: 2, loadBalancer: true });
  assert.is(made.image, 'rancher/k3s:v1.33.1-k3s1');
  const { agents, image, servers, noLoadBalancer, configOnStdin, k3sArgs } = spec(made);
  assert.equal(
    { agents, image, servers, noLoadBalancer, configOnStdin },
    {
      agents: undefined,
      image: undefined,
      servers: 1,
      noLoadBalancer: false,
      configOnStdin: true,
    },
  );
  assert.not((k3sArgs ?? []).some(({ arg }) => arg.startsWith('--kube-scheduler-arg=kube-api-qps')));
  const source = (key: string): string | undefined => made.provenance.find((row) => row.key === key)?.source;
  assert.is(source('agents'), 'k3d.yaml:3:9');
  assert.is(source('servers'), 'plan');
  assert.match(source('options.k3d.disableLoadbalancer') ?? '', /6 s/);
});

planning('an argument in the native config that would end k3s is refused with its line', async () => {
  const text =
    'apiVersion: k3d.io/v1alpha5\nkind: Simple\noptions:\n  k3s:\n    extraArgs:\n      - arg: --kubelet-arg=max-parallelism=5\n        nodeFilters: [all]\n';
  const native = await parseNativeConfig('k3d.yaml', text, {});
  assert.match(problemsOf(() => plan({}, { native }))[0] ?? '', /^k3d\.yaml:6:14: .*max-parallelism/);
});

planning('all problems at once', () => {
  const k3sArgs = [{ arg: '--nope', nodes: ['server:*'], where: 'k3d.k3sArgs[0]' }];
  const limits = { server: { memoryBytes: 60 * GIB }, agent: {} };
  const image = 'rancher/k3s:v1.31.5-k3s1';
  const found = problemsOf(() =>
    plan({ resourceOptimization: true, k3sArgs, limits, maxParallelImagePulls: 4, image }),
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
  const limits = { server: { memoryBytes: GIB }, agent: {} };
  assert.is(fingerprint(one), fingerprint(identityOf(plan({ limits }), undefined)));
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

planning('labels and registries reach the command', () => {
  const made = createSpec(plan(), {
    configOnStdin: false,
    registryConfig: '/state/registries.yaml',
    labels: { 'hoist.plan': '0123' },
  });
  assert.is(made.registryConfig, '/state/registries.yaml');
  assert.equal(made.runtimeLabels, [{ value: 'hoist.plan=0123', nodes: ['all'] }]);
});

planning.run();
