// exec and copy: what commands in containers write, whole, bounded in time, and nothing lost when one breaks.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { pack } from 'tar-stream';
import { buffer } from 'node:stream/consumers';
import { connect } from '../../../scripts/kube/client/client.ts';
import { answer, startKubeServer } from '../../doubles/kube-server.ts';
import { type ExecCall, startExecServer } from '../../doubles/exec-server.ts';
import { type Made, bundleOf, bundleSpec, list, pod } from '../world.ts';

const exec = suite('exec and copy');

const two = [pod('one', 'web-1', { app: 'web' }), pod('one', 'web-2', { app: 'web' })];

/** A bundle of a cluster with two pods, in which `handle` runs commands. */
async function run(
  spec: string,
  handle: (call: ExecCall) => void,
  options: Parameters<typeof bundleOf>[1] = {},
): Promise<Made & { calls: ExecCall[] }> {
  const server = await startExecServer(handle);
  const kube = await startKubeServer(({ path }, response) => {
    if (path === '/version') answer(response, 200, { gitVersion: 'v1.34.2' });
    else if (path.endsWith('selfsubjectaccessreviews')) answer(response, 201, { status: { allowed: true } });
    else if (path.endsWith('/pods')) answer(response, 200, list(two));
    else answer(response, 200, list([]));
  });
  try {
    const made = await bundleOf(bundleSpec(spec), {
      access: () =>
        Promise.resolve({
          client: connect(kube.connection),
          connection: server.connection,
          namespace: 'one',
          context: 'test',
        }),
      ...options,
    });
    return { ...made, calls: server.calls };
  } finally {
    await server.close();
    await kube.close();
  }
}

exec('the first pod runs the command, and both of its streams are files', async () => {
  const big = 'x'.repeat(300_000);
  const { files, calls } = await run(
    '  collectors:\n    - exec: {name: a/b, namespace: one, selector: [app=web], collectorName: ps, command: [sh, -c], args: ["ps | head"]}\n',
    (call) => {
      for (let i = 0; i < 10; i++) call.write(1, big);
      call.write(2, 'warned\n');
      call.exit(0);
    },
  );
  assert.is(calls.length, 1);
  assert.is(calls[0]?.path, '/api/v1/namespaces/one/pods/web-1/exec');
  assert.equal(calls[0]?.command, ['sh', '-c', 'ps | head']);
  assert.is(calls[0]?.container, 'main');
  assert.is(calls[0]?.protocol, 'v5.channel.k8s.io');
  assert.is(files.get('a/b/one/web-1/ps-stdout.txt')?.length, 3_000_000);
  assert.is(files.get('a/b/one/web-1/ps-stderr.txt'), 'warned\n');
  assert.not.ok(files.has('a/b/one/web-1/ps-errors.json'));
});

exec('a command that fails leaves what it wrote, and its exit code', async () => {
  const { files, result } = await run(
    '  collectors:\n    - exec: {name: a, namespace: one, selector: [app=web], command: [x]}\n',
    (call) => {
      call.write(1, 'half');
      call.exit(7);
    },
  );
  assert.is(files.get('a/one/web-1/main-stdout.txt'), 'half');
  assert.match(files.get('a/one/web-1/main-errors.json') ?? '', 'exit code 7');
  assert.is(result.reports.find(({ kind }) => kind === 'exec')?.outcome, 'partial');
});

exec('a command that never ends is given up in its time, and holds no other', async () => {
  const started = performance.now();
  const { files, result } = await run(
    `  collectors:
    - exec: {name: a, namespace: one, selector: [app=web], command: [hang], timeout: 300ms}
    - exec: {name: b, namespace: one, selector: [app=web], command: [quick]}
`,
    (call) => {
      call.write(1, 'some');
      if (call.command[0] === 'quick') call.exit(0);
    },
  );
  assert.is(files.get('b/one/web-1/main-stdout.txt'), 'some');
  assert.is(files.get('a/one/web-1/main-stdout.txt'), 'some');
  assert.equal(
    result.failures.filter(({ kind }) => kind === 'exec').map(({ kind, reason, message }) => [kind, reason, message]),
    [['exec', 'timeout', 'took longer than 0.3 s']],
  );
  assert.ok(performance.now() - started < 6_000);
});

exec('a refusal is told as the server says it', async () => {
  const { files, result } = await run(
    '  collectors:\n    - exec: {name: a, namespace: one, selector: [app=web], command: [refuse]}\n',
    () => undefined,
  );
  assert.match(files.get('a/one/web-1/main-errors.json') ?? '', 'exec is forbidden');
  assert.is(result.reports.find(({ kind }) => kind === 'exec')?.outcome, 'partial');
});

async function tarOf(
  entries: readonly { name: string; content?: string; type?: 'symlink' | 'directory' }[],
): Promise<Buffer> {
  const archive = pack();
  for (const { name, content = '', type } of entries)
    archive.entry({ name, ...(type === undefined ? {} : { type, linkname: '/etc/passwd' }) }, content);
  archive.finalize();
  return buffer(archive as never);
}

exec('files of all pods are copied after exec has made them, links and ways out passed over', async () => {
  const binary = Buffer.from([0, 1, 2, 255, 10, 13]).toString('latin1');
  const tar = await tarOf([
    { name: 'data', type: 'directory' },
    { name: 'data/a.bin', content: binary },
    { name: 'data/passwd', type: 'symlink' },
    { name: '../../outside', content: 'x' },
    { name: 'data/b.txt', content: 'one\r\n\r\n\r\ntwo' },
  ]);
  const order: string[] = [];
  const { files } = await run(
    `  collectors:
    - copy: {name: c, namespace: one, selector: [app=web], containerPath: /var/lib/data}
    - exec: {name: e, namespace: one, selector: [app=web], command: [make]}
`,
    (call) => {
      order.push(call.command[0] ?? '');
      if (call.command[0] === 'tar')
        for (let at = 0; at < tar.length; at += 700) call.write(1, tar.subarray(at, at + 700));
      call.exit(0);
    },
  );
  assert.equal(order, ['make', 'tar', 'tar']);
  assert.equal(
    [...files.keys()].filter((path) => path.startsWith('c/') || path.includes('outside')),
    ['web-1', 'web-2'].flatMap((name) =>
      ['data/a.bin', 'data/b.txt', 'outside'].map((file) => `c/one/${name}/var/lib/${file}`),
    ),
  );
  assert.is(files.get('c/one/web-1/var/lib/data/b.txt'), 'one\r\n\r\n\r\ntwo');
});

exec('a pod without tar says so, and the others are copied all the same', async () => {
  const tar = await tarOf([{ name: 'x', content: 'y' }]);
  const { files, result } = await run(
    '  collectors:\n    - copy: {name: c, namespace: one, selector: [app=web], containerPath: /x}\n',
    (call) => {
      if (call.path.includes('web-1')) {
        call.write(2, 'tar: not found');
        call.exit(127);
      } else {
        call.write(1, tar);
        call.exit(0);
      }
    },
  );
  assert.is(files.get('c/one/web-2/x'), 'y');
  assert.match(files.get('c/one/web-1/x-errors.json') ?? '', 'tar: not found');
  assert.is(result.reports.find(({ kind }) => kind === 'copy')?.outcome, 'partial');
});

exec.run();
