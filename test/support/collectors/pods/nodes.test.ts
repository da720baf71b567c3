// Collectors with a pod on each node: the set that is made, the nodes that take it, and what is said of the others.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { copyFromHost, runDaemonSet, sysctl } from '../../../../scripts/support/collectors/pods/nodes.ts';
import { startExecServer } from '../../../doubles/exec-server.ts';
import { clusterDouble } from '../cluster-double.ts';
import { type Ran, runCollector } from '../running.ts';

const test = suite('support/collectors/pods/nodes');

type Json = Record<string, unknown>;

const SETS = '/apis/apps/v1/namespaces/[^/]+/daemonsets';
const PODS = '/api/v1/namespaces/[^/]+/pods';
const pod = (node: string, status: object): object => ({
  metadata: { name: `p-${node}`, namespace: 'default' },
  spec: { nodeName: node, containers: [{ name: 'collector' }] },
  status: { phase: 'Running', ...status },
});
const ended = { containerStatuses: [{ name: 'collector', restartCount: 0, state: { terminated: {} } }] };
const again = { containerStatuses: [{ name: 'collector', restartCount: 1, state: { running: {} } }] };
const lost = {
  containerStatuses: [
    { name: 'collector', restartCount: 0, state: { waiting: { reason: 'ErrImagePull', message: 'm' } } },
  ],
};
const running = { containerStatuses: [{ name: 'collector', restartCount: 0, state: { running: {} } }] };

function nodes(
  pods: readonly object[],
  wanted: number,
  more: Parameters<typeof clusterDouble>[0] = {},
  reach = {},
): ReturnType<typeof clusterDouble> {
  return clusterDouble(
    {
      [`POST ${SETS}`]: ({ body = {} }) => body,
      [`GET ${SETS}/[^/]+`]: { metadata: {}, status: { observedGeneration: 1, desiredNumberScheduled: wanted } },
      [`DELETE ${SETS}/.*`]: {},
      [`DELETE ${PODS}`]: {},
      [`GET ${PODS}`]: { items: pods, metadata: {} },
      [`GET ${PODS}/[^/]+/log`]: 'wrote',
      ...more,
    },
    reach,
  );
}

const message = (work: Promise<Ran>): Promise<string> =>
  work.then(
    () => '',
    (error: unknown) => (error as Error).message,
  );

test('a log of each node, of the run that has ended; a node that cannot is a problem of its own', async () => {
  const { cluster, asked } = nodes([pod('n1', ended), pod('n2', again), pod('n3', lost)], 3);
  const { files, problems, progress } = await runCollector(
    runDaemonSet,
    { name: 'My Set_1', podSpec: { hostPID: true } },
    { cluster },
  );
  assert.equal(files, { 'My Set_1/n1.log': 'wrote', 'My Set_1/n2.log': 'wrote' });
  assert.equal(problems, ['node n3: container collector: ErrImagePull m']);
  assert.equal(progress.at(-1), [2, 3]);
  const logs = asked.filter(({ what }) => what.includes('/log')).map(({ what }) => what.replace(/^.*pods\//, ''));
  assert.equal(logs.sort(), ['p-n1/log?container=collector', 'p-n2/log?container=collector&previous=true']);
  const set = asked.find(({ what }) => what.startsWith('POST'))?.body as {
    metadata: { name: string };
    spec: { template: { spec: Json } };
  };
  assert.match(set.metadata.name, /^my-set-1-[0-9a-z]{8}$/);
  assert.equal(set.spec.template.spec, { terminationGracePeriodSeconds: 0, hostPID: true });
  const removed = asked.filter(({ what }) => what.startsWith('DELETE')).map(({ what }) => what);
  assert.equal(removed.length, 2);
  assert.match(removed[1] ?? '', /gracePeriodSeconds=0/);
});

test('names are cut, and there is always one', async () => {
  const nameOf = async (name: string): Promise<string> => {
    const { cluster, asked } = nodes([pod('n1', ended)], 1);
    await runCollector(runDaemonSet, { name }, { cluster });
    return (asked.find(({ what }) => what.startsWith('POST'))?.body?.['metadata'] as { name: string }).name.replace(
      /-[0-9a-z]{8}$/,
      '',
    );
  };
  assert.is(await nameOf('x'.repeat(50)), 'x'.repeat(40));
  assert.is(await nameOf('___'), 'collector');
});

test('no node takes it, or none can run it', async () => {
  assert.is(await message(runCollector(runDaemonSet, {}, { cluster: nodes([], 0).cluster })), 'no node takes its pods');
  assert.is(
    await message(runCollector(runDaemonSet, {}, { cluster: nodes([pod('n1', lost)], 1).cluster })),
    'its pods can run on no node',
  );
});

test('a log that cannot be read is a problem of its node', async () => {
  const { cluster } = nodes([pod('n1', ended)], 1, {});
  const failing = nodes([pod('n1', ended)], 1, { [`GET ${PODS}/[^/]+/log`]: () => undefined as never });
  assert.equal((await runCollector(runDaemonSet, { name: 'a' }, { cluster })).problems, []);
  assert.match(
    (await runCollector(runDaemonSet, { name: 'a' }, { cluster: failing.cluster })).problems[0] ?? '',
    /^node n1: /,
  );
});

async function copied(
  spec: Json,
  answer: { out?: string; err?: string; code: number },
): Promise<{ ran: Ran; command: readonly string[]; set: { volumes: object[]; containers: Json[] } }> {
  let command: readonly string[] = [];
  const server = await startExecServer((call) => {
    command = call.command;
    if (answer.out !== undefined) call.write(1, answer.out);
    if (answer.err !== undefined) call.write(2, answer.err);
    call.exit(answer.code);
  });
  try {
    const { cluster, asked } = nodes([pod('n1', running)], 1, {}, { connection: server.connection });
    const ran = await runCollector(copyFromHost, spec, { cluster });
    const body = asked.find(({ what }) => what.startsWith('POST'))?.body as { spec: { template: { spec: never } } };
    return { ran, command, set: body.spec.template.spec };
  } finally {
    await server.close();
  }
}

test('files of hosts: the folder above is mounted, of one right below the root the folder itself', async () => {
  const deep = await copied({ name: 'k', hostPath: '/var/log/app/' }, { out: 'tar', code: 0 });
  assert.equal(deep.command, ['tar', '-C', '/host', '-cf', '-', 'app']);
  assert.equal(deep.set.volumes, [{ name: 'host', hostPath: { path: '/var/log', type: 'Directory' } }]);
  assert.equal(deep.ran.files, { 'k/n1/archive.tar': 'tar' });
  const [container] = deep.set.containers;
  assert.equal(
    [container?.['image'], container?.['imagePullPolicy'], container?.['volumeMounts']],
    ['busybox:1', undefined, [{ name: 'host', mountPath: '/host', readOnly: true }]],
  );
  const top = await copied({ hostPath: '/etc', image: 'own', imagePullPolicy: 'Always' }, { out: 'tar', code: 0 });
  assert.equal(
    [top.command.at(-1), top.set.volumes],
    ['.', [{ name: 'host', hostPath: { path: '/etc', type: 'Directory' } }]],
  );
  assert.equal([top.set.containers[0]?.['image'], top.set.containers[0]?.['imagePullPolicy']], ['own', 'Always']);
  assert.equal(top.ran.files, { '/etc/n1/archive.tar': 'tar' });
});

test('a copy that fails: its reason and what tar said', async () => {
  const { ran } = await copied({ name: 'k', hostPath: '/a/b' }, { err: 'no such file', code: 2 });
  assert.equal(ran.problems, ['node n1: tar ended with exit code 2']);
  assert.equal(
    [ran.files['k/n1/error.txt'], ran.files['k/n1/stderr.txt']],
    ['tar ended with exit code 2', 'no such file'],
  );
});

test('kernel parameters: a pod on each node that is ready; none that can be asked is a failure', async () => {
  const node = (name: string, status: string): object => ({
    metadata: { name },
    status: {
      conditions: [
        { type: 'Other', status: 'True' },
        { type: 'Ready', status },
      ],
    },
  });
  const table = (phase: string): Parameters<typeof clusterDouble>[0] => ({
    'GET /api/v1/nodes': { items: [node('n1', 'True'), node('n2', 'False'), { metadata: { name: 'n3' } }] },
    [`POST ${PODS}`]: ({ body = {} }) => body,
    [`GET ${PODS}/[^/]+`]: {
      metadata: { name: 'x' },
      status: { phase, containerStatuses: phase === 'Pending' ? lost.containerStatuses : [] },
    },
    [`GET ${PODS}/[^/]+/log`]: 'a = 1',
    [`DELETE ${PODS}/.*`]: {},
  });
  for (const phase of ['Succeeded', 'Failed']) {
    const { cluster, asked } = clusterDouble(table(phase));
    assert.equal((await runCollector(sysctl, {}, { cluster })).files, { 'sysctl/n1': 'a = 1' });
    const { nodeName, containers } = asked.find(({ what }) => what.startsWith('POST'))?.body?.['spec'] as {
      nodeName: string;
      containers: Json[];
    };
    assert.equal(
      [nodeName, containers[0]?.['image'], containers[0]?.['imagePullPolicy']],
      ['n1', 'busybox:1', undefined],
    );
  }
  const own = clusterDouble(table('Succeeded'));
  await runCollector(sysctl, { image: 'own', imagePullPolicy: 'Never' }, { cluster: own.cluster });
  const spec = own.asked.find(({ what }) => what.startsWith('POST'))?.body?.['spec'] as { containers: Json[] };
  assert.equal([spec.containers[0]?.['image'], spec.containers[0]?.['imagePullPolicy']], ['own', 'Never']);
  const never = clusterDouble(table('Pending'));
  assert.is(await message(runCollector(sysctl, {}, { cluster: never.cluster })), 'no node could be asked');
});

test.run();
