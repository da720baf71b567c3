// Logs and commands through a real API server: many pods behind a stand-in for their kubelet.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type KubeClient, connect } from '../../../scripts/kube/client/client.ts';
import { binaries, sharedCluster } from '../../doubles/apiserver.ts';
import { addPods, startFakeKubelet } from '../../doubles/fake-kubelet.ts';
import { type Made, bundleOf, bundleSpec } from '../world.ts';

const test = suite<{ client: KubeClient; close?: () => void }>(
  'collectors behind a kubelet',
  {} as { client: KubeClient },
);

const missing = binaries() === undefined ? 'no Kubernetes binaries' : undefined;
const it = missing === undefined ? test : test.skip;

test.before(async (context) => {
  if (missing !== undefined) return;
  context.client = connect((await sharedCluster()).connection);
  context.close = () => context.client.close();
});
test.after(({ close }) => close?.());

async function bundleOfCluster(spec: string): Promise<Made> {
  const { connection } = await sharedCluster();
  const access = () =>
    Promise.resolve({ client: connect(connection), connection, namespace: 'default', context: 'test' });
  return bundleOf(bundleSpec(spec), { access, timeoutMs: 60_000 });
}

it('two hundred logs, 32 at once and no more, each whole and under both of its names', async ({ client }) => {
  const kubelet = await startFakeKubelet({ log: (container) => [`log of ${container}\n`] });
  try {
    await addPods(client, { port: kubelet.port, node: 'logs-node', namespace: 'logs-at-scale', count: 200 });
    const { result, files } = await bundleOfCluster(
      '  collectors:\n    - clusterResources: {namespaces: [default]}\n    - logs: {name: web, namespace: logs-at-scale, selector: [app=web]}\n    - logs: {name: again, namespace: logs-at-scale}\n',
    );
    const report = result.reports.find(({ kind }) => kind === 'logs');
    assert.equal(report?.problems, []);
    for (const i of [0, 99, 199]) {
      const content = `log of logs-at-scale/p-${i}/main\n`;
      assert.is(files.get(`cluster-resources/pods/logs/logs-at-scale/p-${i}/main.log`), content);
      assert.is(files.get(`web/p-${i}/main.log`), content);
      assert.is(files.get(`again/p-${i}/main.log`), content);
    }
    assert.is(kubelet.asked.length, 200, 'each once, though two collectors want it');
    assert.ok(kubelet.mostAtOnce <= 32, String(kubelet.mostAtOnce));
  } finally {
    await kubelet.close();
  }
});

it('a log without an end is over with its time, one that breaks is an error, and the others are there', async ({
  client,
}) => {
  const line = Buffer.alloc(64 << 10, 'x');
  const endless = async function* (): AsyncGenerator<Buffer> {
    for (;;) {
      yield line;
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  const broken = function* (): Generator<string> {
    yield 'first\n';
    throw new Error('the disk is gone');
  };
  const kubelet = await startFakeKubelet({
    log: (container) => (container.includes('p-0/') ? endless() : container.includes('p-1/') ? broken() : ['fine\n']),
  });
  try {
    await addPods(client, { port: kubelet.port, node: 'odd-node', namespace: 'odd-logs', count: 4 });
    const { result, files } = await bundleOfCluster(
      '  collectors:\n    - clusterResources: {namespaces: [default]}\n    - logs: {name: web, namespace: odd-logs, timeout: 3s}\n',
    );
    assert.is(files.get('web/p-3/main.log'), 'fine\n');
    assert.is(result.failures.find(({ kind }) => kind === 'logs')?.reason, 'timeout');
    // What came of it by then, of which the newest bytes are kept.
    assert.match(files.get('cluster-resources/pods/logs/odd-logs/p-0/main.log') ?? '', /^x+$/);
    const problems = result.reports.find(({ kind }) => kind === 'logs')?.problems ?? [];
    assert.ok(problems.includes('odd-logs/p-0/main: its log ends early: took longer than 3 s'), problems.join());
  } finally {
    await kubelet.close();
  }
});

it('commands: output and exit code through the API server', async ({ client }) => {
  const kubelet = await startFakeKubelet({
    log: () => [],
    exec: (command) => ({ stdout: `ran ${command.join(' ')}\n`, stderr: 'careful\n', code: 0 }),
  });
  try {
    await addPods(client, { port: kubelet.port, node: 'exec-node', namespace: 'commands', count: 1 });
    const { result, files } = await bundleOfCluster(
      '  collectors:\n    - clusterResources: {namespaces: [default]}\n    - exec: {name: e, namespace: commands, selector: [app=web], command: [ls, -l]}\n',
    );
    assert.equal(
      result.failures.filter(({ kind }) => kind === 'exec'),
      [],
    );
    assert.is(files.get('e/commands/p-0/main-stdout.txt'), 'ran ls -l\n');
    assert.is(files.get('e/commands/p-0/main-stderr.txt'), 'careful\n');
  } finally {
    await kubelet.close();
  }
});

test.run();
