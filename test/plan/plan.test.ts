// From settings and a machine to the plan.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { redact } from '../../scripts/base/redact/value.ts';
import { countNodes, makePlan } from '../../scripts/plan/plan.ts';
import { sizeNode } from '../../scripts/plan/sizing.ts';
import { componentArguments, componentEnvironment } from '../../scripts/plan/tuning.ts';
import { parseNativeConfig } from '../../scripts/settings/k3d/native.ts';
import { settingsSchema } from '../../scripts/settings/schema.ts';

const plan = suite('plan');
const MACHINE = { cpus: 8, memoryBytes: 16 * 2 ** 30, source: 'test' };
const EMBEDDED = { name: 'embedded', reason: 'test' } as const;
const NONE = { etcd: {}, apiserver: {}, controllerManager: {}, scheduler: {}, kwok: {} };

plan('agents and concurrency are computed, with reasons, unless they are given', () => {
  const computed = makePlan(settingsSchema.parse({}), MACHINE, EMBEDDED);
  assert.is(computed.cluster.nodes.length, 4);
  assert.equal(Object.keys(computed.computed), ['agents', 'concurrency']);
  assert.is(computed.pools['work'], 16);
  const given = makePlan(settingsSchema.parse({ agents: 1, concurrency: 3 }), MACHINE, EMBEDDED);
  assert.equal(
    given.cluster.nodes.map((n) => [n.name, n.role]),
    [
      ['hoist-dev-server-0', 'server'],
      ['hoist-dev-agent-0', 'agent'],
    ],
  );
  assert.equal(given.computed, {});
  assert.is(given.pools['work'], 3);
});

plan('a native config that says how many nodes there are is heard by all that read the plan', async () => {
  const text = 'apiVersion: k3d.io/v1alpha5\nkind: Simple\nservers: 3\nagents: 2\ntoken: very-secret\n';
  const native = await parseNativeConfig('k3d.yaml', text, {});
  const { cluster, computed } = makePlan(
    settingsSchema.parse({ agents: 5 }),
    MACHINE,
    { name: 'k3d', reason: 'test' },
    native,
  );
  assert.equal(
    cluster.nodes.map((node) => node.name),
    [...[0, 1, 2].map((i) => `k3d-dev-server-${i}`), ...[0, 1].map((i) => `k3d-dev-agent-${i}`)],
  );
  assert.is(countNodes(cluster, 'agent'), 2);
  assert.not('agents' in computed);
  // It goes into hashes and records by its digest alone.
  assert.equal(JSON.parse(JSON.stringify(cluster.k3d?.native)), { digest: native.digest });
  assert.not(JSON.stringify(redact(cluster)).includes('very-secret'));
});

plan('nodes share the machine, and builds take half of its CPUs', () => {
  const of = (agents: number, cpus: number): ReturnType<typeof makePlan> =>
    makePlan(settingsSchema.parse({ agents }), { ...MACHINE, cpus }, EMBEDDED);
  const { nodes } = of(3, 8).cluster;
  const shares = nodes.map(({ cpus, memoryBytes }) => ({ cpus, memoryBytes }));
  assert.equal(shares, Array(4).fill(sizeNode(MACHINE, 4)));
  assert.equal(
    [1, 2, 3, 4, 9].map((cpus) => of(1, cpus).pools['build']),
    [1, 1, 1, 2, 4],
  );
});

plan('a seed is used unless the settings say that it is not, and only where there is one', () => {
  const seedOf = (settings: object, name: 'embedded' | 'k3d' = 'embedded'): unknown =>
    makePlan(settingsSchema.parse(settings), MACHINE, { name, reason: 'test' }).cluster.seed;
  assert.equal(
    [seedOf({}), seedOf({ embedded: { seed: true } }), seedOf({ embedded: { seed: false } })],
    [undefined, undefined, false],
  );
  assert.is(seedOf({ embedded: { seed: false } }, 'k3d'), undefined);
});

plan('times are in ms', () => {
  const { timeoutMs, healthTimeoutMs } = makePlan(settingsSchema.parse({ timeout: '1m30s' }), MACHINE, EMBEDDED);
  assert.equal([timeoutMs, healthTimeoutMs], [90_000, 120_000]);
});

plan('the same input gives the same plan', () => {
  const settings = settingsSchema.parse({ namespaces: ['a'] });
  assert.equal(makePlan(settings, MACHINE, EMBEDDED), makePlan(settings, MACHINE, EMBEDDED));
});

plan('each tuned argument has a reason, and none is set twice', () => {
  for (const list of Object.values(componentArguments('embedded', true, NONE))) {
    assert.ok(list.every((a) => a.reason.length > 10 && a.source === 'tuned'));
    assert.is(new Set(list.map((a) => a.flag)).size, list.length);
  }
});

plan('what the user says beats the tuning; without tuning only the user is left', () => {
  const user = { ...NONE, controllerManager: { 'kube-api-qps': '50', v: '4' } };
  const tuned = componentArguments('k3d', true, user).controllerManager;
  assert.equal(
    tuned.filter((a) => a.flag === 'kube-api-qps').map((a) => [a.value, a.source]),
    [['50', 'user']],
  );
  assert.ok(tuned.some((a) => a.flag === 'kube-api-burst' && a.source === 'tuned'));
  assert.equal(
    Object.values(componentArguments('k3d', false, user))
      .flat()
      .map((a) => a.flag),
    ['kube-api-qps', 'v'],
  );
});

plan('the components take memory for speed only where there is enough of it', () => {
  const ample = componentEnvironment('embedded', true, 8 * 2 ** 30);
  assert.equal(
    ample.map((a) => [a.flag, a.value]),
    [['GOGC', '400']],
  );
  assert.equal(componentEnvironment('embedded', true, 8 * 2 ** 30 - 1), []);
  assert.equal(componentEnvironment('embedded', false, 8 * 2 ** 30), []);
  assert.is(componentEnvironment('k3d', true, 8 * 2 ** 30).length, 1);
  assert.equal(componentEnvironment('existing', true, 8 * 2 ** 30), []);
});

plan('what k3s turns on is turned off with k3d alone', () => {
  const flags = (provider: 'embedded' | 'k3d') =>
    componentArguments(provider, true, NONE).controllerManager.map((a) => a.flag);
  assert.ok(flags('k3d').includes('use-service-account-credentials'));
  assert.not.ok(flags('embedded').includes('use-service-account-credentials'));
});

plan.run();
