// Checks of pods and containers: the state that kubectl shows, what counts as healthy, and one verdict for each match.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { run } from '../ask.ts';

const pods = suite('support/analyzers/cluster/pods');

type Json = Record<string, unknown>;
const pod = (status: Json, metadata: Json = {}): Json => ({
  metadata: { name: 'p', namespace: 'n', ...metadata },
  status,
});
const container = (state: Json, more: Json = {}): Json => ({
  name: 'c',
  ready: false,
  restartCount: 0,
  state,
  ...more,
});
const READY = container({ running: {} }, { ready: true });

const TEMPLATE = '{{ .Status.Reason }}|{{ .Status.Message }}';

/** The reason and message of a pod, and whether it is healthy. */
async function stateOf(one: Json, events?: unknown[]): Promise<[reason: string, message: string, healthy: boolean]> {
  const files = {
    'cluster-resources/pods/n.json': { items: [one] },
    ...(events ? { 'cluster-resources/events/n.json': { items: events } } : {}),
  };
  const [shown] = await run('clusterPodStatuses', { outcomes: [{ warn: { message: TEMPLATE } }] }, { files });
  const [healthy] = await run(
    'clusterPodStatuses',
    { outcomes: [{ pass: { when: '= Healthy', message: 'x' } }, { fail: { message: 'x' } }] },
    { files },
  );
  const [reason = '', message = ''] = (shown?.message ?? '').split('|');
  return [reason, message, healthy?.outcome === 'pass'];
}

pods('the state of a pod', async () => {
  const waiting = (reason: string, message = ''): Json => ({ waiting: { reason, message } });
  const ended = (exitCode: number, reason = '', message = ''): Json => ({ terminated: { exitCode, reason, message } });
  const table: [what: string, one: Json, state: [string, string, boolean]][] = [
    ['runs', pod({ phase: 'Running', containerStatuses: [READY] }), ['Running', 'None', true]],
    [
      'runs, one not ready',
      pod({ phase: 'Running', containerStatuses: [READY, container({})] }),
      ['Running', 'None', false],
    ],
    ['ended', pod({ phase: 'Succeeded', containerStatuses: [container({})] }), ['Succeeded', 'None', true]],
    ['waits', pod({ phase: 'Pending', containerStatuses: [] }), ['Pending', 'None', false]],
    ['evicted', pod({ phase: 'Failed', reason: 'Evicted', message: 'low' }), ['Evicted', 'low', false]],
    [
      'crashes',
      pod({
        phase: 'Running',
        containerStatuses: [container(waiting('CrashLoopBackOff', 'back-off'), { ready: true })],
      }),
      ['CrashLoopBackOff', 'back-off', false],
    ],
    [
      'is created',
      pod({ phase: 'Running', containerStatuses: [container(waiting('ContainerCreating'), { ready: true })] }),
      ['ContainerCreating', 'None', true],
    ],
    [
      'is initialized',
      pod({ phase: 'Running', containerStatuses: [container(waiting('PodInitializing', 'm'), { ready: true })] }),
      ['Running', 'None', true],
    ],
    [
      'fails to begin',
      pod({
        phase: 'Pending',
        initContainerStatuses: [container(waiting('ImagePullBackOff', 'no'))],
        containerStatuses: [READY],
      }),
      ['Init:ImagePullBackOff', 'no', false],
    ],
    [
      'began',
      pod({ phase: 'Running', initContainerStatuses: [container(ended(0, 'Completed'))], containerStatuses: [READY] }),
      ['Running', 'None', true],
    ],
    [
      'did not begin',
      pod({ phase: 'Pending', initContainerStatuses: [container(ended(3, '', 'bad'))] }),
      ['Init:ExitCode:3', 'bad', false],
    ],
    ['died', pod({ phase: 'Running', containerStatuses: [container(ended(1, 'Error', 'x'))] }), ['Error', 'x', false]],
    [
      'died silently',
      pod({ phase: 'Running', containerStatuses: [container(ended(0))] }),
      ['ExitCode:0', 'None', false],
    ],
    [
      'one container ended well',
      pod({ phase: 'Running', containerStatuses: [READY, container(ended(0, 'Completed'))] }),
      ['Completed', 'None', true],
    ],
    [
      'died before',
      pod({
        phase: 'Running',
        containerStatuses: [
          container({ running: {} }, { ready: true, lastState: ended(137, 'OOMKilled', 'too much') }),
        ],
      }),
      ['Running', 'too much', true],
    ],
    [
      'goes',
      pod({ phase: 'Running', containerStatuses: [READY] }, { deletionTimestamp: '2024-01-01' }),
      ['Terminating', 'None', true],
    ],
  ];
  for (const [what, one, state] of table) assert.equal(await stateOf(one), state, what);
});

pods('a pod that says nothing has its warnings', async () => {
  const event = (message: string, more: Json = {}, about: Json = {}): unknown => ({
    type: 'Warning',
    message,
    involvedObject: { kind: 'Pod', name: 'p', ...about },
    ...more,
  });
  const events = [
    event('one'),
    event('normal', { type: 'Normal' }),
    event(''),
    event('of another', {}, { name: 'q' }),
    event('of a job', {}, { kind: 'Job' }),
    event('two'),
  ];
  assert.equal(await stateOf(pod({ phase: 'Pending' }), events), ['Pending', 'one. two', false]);
  assert.equal(await stateOf(pod({ phase: 'Pending', message: 'own' }), events), ['Pending', 'own', false]);
});

const ALL = {
  'cluster-resources/pods/a.json': { items: [pod({ phase: 'Running' }, { name: 'good', namespace: 'a' })] },
  'cluster-resources/pods/b.json': {
    items: [pod({ phase: 'Failed', reason: 'Evicted' }, { name: 'bad', namespace: 'b' })],
  },
};

pods('which pods an outcome is about', async () => {
  const says = async (text: string, spec: Json = {}, outcome = 'fail'): Promise<string[]> => {
    const outcomes = [{ [outcome]: { when: text, message: '{{ .Name }}' } }];
    const results = await run('clusterPodStatuses', { outcomes, ...spec }, { files: ALL });
    return results.map((one) => `${one.outcome} ${one.message}`);
  };
  assert.equal(await says('= Evicted'), ['fail bad']);
  assert.equal(await says('= Failed'), ['fail bad']);
  assert.equal(await says('!= Evicted'), ['fail good']);
  assert.equal(await says('== Running'), ['fail good']);
  assert.equal(await says('= Healthy'), ['fail good']);
  assert.equal(await says('!= Healthy'), ['fail bad']);
  assert.equal(await says('= Unknown'), ['pass None of 2 pods matches']);
  assert.equal(await says('= Unknown', {}, 'pass'), ["warn None of the check's outcomes matched any of 2 pods"]);
  assert.equal(await says('= Evicted', { namespaces: ['a'] }), ['pass None of 1 pods matches']);
  assert.equal(await says('= Evicted', { namespaces: ['b'] }), ['fail bad']);
  assert.equal(await says('= Evicted', { outcomes: [] }), ["warn None of the check's outcomes matched any of 2 pods"]);
  assert.match((await says('= Evicted', { namespaces: ['c'] }))[0] ?? '', 'pods/c.json was not collected');
  assert.match((await says('> Evicted'))[0] ?? '', 'compares with neither = nor !=');
  const [plain] = await run('clusterPodStatuses', { outcomes: [{ fail: { when: '= Evicted' } }] }, { files: ALL });
  assert.equal([plain?.title, plain?.message], ['Pod b/bad status', 'Pod b/bad status is Evicted. Message is: None']);
});

pods('containers: by the reason of any of their states, and how often they began again', async () => {
  const files = {
    'cluster-resources/pods/n.json': {
      items: [
        pod({
          containerStatuses: [
            {
              name: 'now',
              restartCount: 1,
              ready: true,
              state: { waiting: { reason: 'CrashLoopBackOff', message: 'w' } },
            },
            { name: 'was', restartCount: 2, lastState: { terminated: { reason: 'OOMKilled', message: 'l' } } },
            { name: 'died', restartCount: 3, state: { terminated: { reason: 'Error', message: 't' } } },
            { name: 'fine', restartCount: 0, state: { running: {} } },
          ],
        }),
      ],
    },
  };
  const says = async (text: string | undefined, spec: Json = {}, outcome = 'fail'): Promise<string[]> => {
    const message =
      '{{ .Namespace }}/{{ .PodName }}/{{ .ContainerName }} {{ .Ready }} {{ .RestartCount }} {{ .Message }}';
    const outcomes = [{ [outcome]: { when: text, message } }];
    const results = await run('clusterContainerStatuses', { outcomes, ...spec }, { files });
    return results.map((one) => `${one.outcome} ${one.message}`);
  };
  assert.equal(await says('= crashloopbackoff'), ['fail n/p/now true 1 w']);
  assert.equal(await says('= OOMKilled'), ['fail n/p/was false 2 l']);
  assert.equal(await says('= Error'), ['fail n/p/died false 3 t']);
  assert.is((await says('!= Error')).length, 3);
  assert.equal(await says('!= Error', { restartCount: 2 }), ['fail n/p/was false 2 ']);
  assert.equal(await says('= Error', { restartCount: 3 }), ['fail n/p/died false 3 t']);
  assert.equal(await says('= Error', { restartCount: 4 }), ['pass None of 0 containers matches']);
  assert.equal(await says('= Unknown'), ['pass None of 4 containers matches']);
  assert.equal(await says('= Unknown', {}, 'pass'), ['warn None of 4 containers matches']);
  assert.equal(await says('= Unknown', { outcomes: [] }), ['warn None of 4 containers matches']);
  const both = async (reason: string): Promise<string[]> =>
    says(undefined, { outcomes: [{ fail: { when: `= ${reason}`, message: 'hit' } }, { pass: { message: 'none' } }] });
  assert.equal(await both('Error'), ['fail hit']);
  assert.equal(await both('Unknown'), ['pass none']);
});

pods.run();
