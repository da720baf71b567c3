// Workloads without a name: which of them are not ready, at the boundary of each kind, by namespace and label.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { run } from '../ask.ts';

const workloads = suite('support/analyzers/cluster/workloads');

type Json = Record<string, unknown>;
const object = (name: string, status: Json, spec: Json = {}, labels: Json = {}): Json => ({
  metadata: { name, namespace: 'n', labels },
  spec,
  status,
});

async function says(kind: string, folder: string, items: Json[], spec: Json = {}): Promise<string[]> {
  const files = { [`cluster-resources/${folder}/n.json`]: { items } };
  return (await run(kind, spec, { files })).map(({ outcome, message }) => `${outcome} ${message}`);
}

workloads('each kind, just ready and just not', async () => {
  const table: [kind: string, folder: string, status: Json, spec: Json, problem: string | undefined][] = [
    ['deploymentStatus', 'deployments', { replicas: 2, availableReplicas: 2 }, {}, undefined],
    [
      'deploymentStatus',
      'deployments',
      { replicas: 2, availableReplicas: 1, readyReplicas: 1 },
      {},
      'The deployment n/x has 1/2 replicas',
    ],
    ['deploymentStatus', 'deployments', {}, {}, undefined],
    ['statefulsetStatus', 'statefulsets', { replicas: 2, readyReplicas: 2 }, {}, undefined],
    [
      'statefulsetStatus',
      'statefulsets',
      { replicas: 2, readyReplicas: 1 },
      {},
      'The statefulset n/x has 1/2 replicas',
    ],
    ['replicasetStatus', 'replicasets', { availableReplicas: 1 }, {}, undefined],
    ['replicasetStatus', 'replicasets', { availableReplicas: 2 }, { replicas: 2 }, undefined],
    ['replicasetStatus', 'replicasets', { availableReplicas: 1 }, { replicas: 2 }, 'The replicaset n/x is not ready'],
    ['replicasetStatus', 'replicasets', {}, {}, 'The replicaset n/x is not ready'],
    ['replicasetStatus', 'replicasets', {}, { replicas: 0 }, undefined],
    ['jobStatus', 'jobs', { succeeded: 1 }, {}, undefined],
    ['jobStatus', 'jobs', { succeeded: 2 }, { completions: 2 }, undefined],
    ['jobStatus', 'jobs', { succeeded: 1 }, { completions: 2 }, 'The job n/x is not complete'],
    ['jobStatus', 'jobs', {}, {}, 'The job n/x is not complete'],
  ];
  for (const [kind, folder, status, spec, problem] of table) {
    const expected = problem === undefined ? `pass All 1 ${folder} are ready` : `fail ${problem}`;
    assert.equal(
      await says(kind, folder, [object('x', status, spec)]),
      [expected],
      `${kind} ${JSON.stringify(status)}`,
    );
    const [named] = await says(kind, folder, [object('x', status, spec)], { name: 'x', namespace: 'n' });
    assert.is(named?.split(' ')[0], problem === undefined ? 'pass' : 'fail');
  }
});

workloads('by namespace and label; none at all is well', async () => {
  const bad = { replicas: 1, availableReplicas: 0 };
  const items = [object('a', bad, {}, { app: 'a' }), object('b', bad, {}, { app: 'b' })];
  const of = (spec: Json): Promise<string[]> => says('deploymentStatus', 'deployments', items, spec);
  assert.is((await of({})).length, 2);
  assert.equal(await of({ selector: ['app=b'] }), ['fail The deployment n/b has 0/1 replicas']);
  assert.equal(await of({ selector: ['app=c'] }), ['pass There are no deployments']);
  assert.is((await of({ namespaces: ['n'] })).length, 2);
  assert.is((await of({ namespace: 'n' })).length, 2);
  assert.match((await of({ namespaces: ['other'] }))[0] ?? '', /deployments\/other\.json was not collected/);
});

workloads('conditions of replica sets and jobs', async () => {
  const set = object('x', { readyReplicas: 2, availableReplicas: 1 });
  const held = async (kind: string, folder: string, item: Json, when: string): Promise<boolean> => {
    const outcomes = [{ fail: { when, message: 'yes' } }, { pass: { message: 'no' } }];
    return (await says(kind, folder, [item], { name: 'x', namespace: 'n', outcomes }))[0] === 'fail yes';
  };
  for (const [when, expected] of [
    ['ready = 2', true],
    ['available = 1', true],
    ['available > 1', false],
    ['= 2', true],
    ['=2', true],
    ['>2', false],
  ] as const)
    assert.is(await held('replicasetStatus', 'replicasets', set, when), expected, when);
  const job = object('x', { succeeded: 1, failed: 3 });
  assert.is(await held('jobStatus', 'jobs', job, 'succeeded = 1'), true);
  assert.is(await held('jobStatus', 'jobs', job, 'failed > 3'), false);
  assert.is(await held('jobStatus', 'jobs', job, 'failed >= 3'), true);
  const outcomes = [{ fail: { when: 'ready < 2', message: 'few' } }, { pass: { message: 'fine' } }];
  const all = await says('replicasetStatus', 'replicasets', [set, object('y', { readyReplicas: 1 })], { outcomes });
  assert.equal(all, ['pass fine', 'fail few']);
});

workloads('what is in a namespace that the cluster does not have is absent', async () => {
  const list = { items: [{ metadata: { name: 'default' } }] };
  const ask = async (namespaces: unknown, outcomes: Json[]): Promise<string> => {
    const files = { 'cluster-resources/namespaces.json': namespaces };
    const [result] = await run('deploymentStatus', { name: 'x', namespace: 'gone', outcomes }, { files });
    return `${result?.outcome ?? ''} ${result?.message ?? ''}`;
  };
  const absent = [{ warn: { when: 'absent', message: 'not installed' } }, { pass: { when: '>= 1', message: 'fine' } }];
  assert.is(await ask(list, absent), 'warn not installed');
  assert.is(await ask(list, absent.slice(1)), 'fail There is no namespace "gone"');
  // Of those that were asked for alone, none can be said not to be there.
  assert.match(await ask([{ metadata: { name: 'default' } }], absent), /^fail .* was not collected/);
});

workloads.run();
