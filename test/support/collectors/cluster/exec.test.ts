// exec and copy: what commands in containers write, whole, bounded in time, and nothing lost when one breaks.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { pack } from 'tar-stream';
import { buffer } from 'node:stream/consumers';
import { connect } from '../../../../scripts/kube/client/client.ts';
import { answer, startKubeServer } from '../../../doubles/kube-server.ts';
import { type ExecCall, startExecServer } from '../../../doubles/exec-server.ts';
import { type Made, bundleOf, bundleSpec, list, pod } from '../../world.ts';

import { copy, exec as execCollector } from '../../../../scripts/support/collectors/cluster/exec.ts';

const exec = suite('exec and copy');

const two = [pod('one', 'web-1', { app: 'web' }), pod('one', 'web-2', { app: 'web' })];

/** A bundle of a cluster with two pods, in which `handle` runs commands. */
async function run(
  spec: string,
  handle: (call: ExecCall) => void,
  options: Parameters<typeof bundleOf>[1] & { pods?: readonly object[] } = {},
): Promise<Made & { calls: ExecCall[] }> {
  const { pods = two, ...others } = options;
  const server = await startExecServer(handle);
  const kube = await startKubeServer(({ path }, response) => {
    if (path === '/version') answer(response, 200, { gitVersion: 'v1.34.2' });
    else if (path.endsWith('selfsubjectaccessreviews')) answer(response, 201, { status: { allowed: true } });
    else if (path.endsWith('/pods')) answer(response, 200, list(pods));
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
      ...others,
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

const COMMAND = '  collectors:\n    - exec: {name: a, namespace: one, selector: [app=web], command: [x]MORE}\n';
const quiet = (call: ExecCall): void => call.exit(0);

exec(
  'the first pod that runs is asked, else the first of all; its first container, or the one that is named',
  async () => {
    const waits = pod('one', 'waits', {}, { status: { phase: 'Pending' } });
    const several = { spec: { containers: [{ name: 'first' }, { name: 'second' }] } };
    const asked = async (pods: readonly object[], more = ''): Promise<string[]> => {
      const { calls } = await run(COMMAND.replace('MORE', more), quiet, { pods });
      return calls.map(({ path, container }) => `${path.split('/').at(-2)} ${container}`);
    };
    assert.equal(await asked([waits, pod('one', 'runs', {})]), ['runs main']);
    assert.equal(await asked([waits, pod('one', 'other', {}, { status: { phase: 'Failed' } })]), ['waits main']);
    assert.equal(await asked([pod('one', 'p', {}, several)]), ['p first']);
    assert.equal(await asked([pod('one', 'p', {}, several)], ', containerName: second'), ['p second']);
    assert.equal(await asked([]), []);
  },
);

exec('no pod, and a command that writes nothing, are remarks', async () => {
  const notes = async (pods: readonly object[], work = quiet): Promise<unknown> => {
    const { result, files } = await run(COMMAND.replace('MORE', ''), work, { pods });
    const report = result.reports.find(({ kind }) => kind === 'exec');
    return [report?.notes, report?.outcome, [...files.keys()].filter((path) => path.startsWith('a/'))];
  };
  assert.equal(await notes([]), [['no pods matched'], 'ok', []]);
  assert.equal(await notes(two), [['the command wrote nothing'], 'ok', []]);
  const loud =
    (stream: 1 | 2) =>
    (call: ExecCall): void => {
      call.write(stream, 'x');
      call.exit(0);
    };
  assert.equal(await notes(two, loud(1)), [[], 'ok', ['a/one/web-1/main-stdout.txt']]);
  assert.equal(await notes(two, loud(2)), [[], 'ok', ['a/one/web-1/main-stderr.txt']]);
});

exec('copy: of the container that is named, from a folder at the root, with a slash at the end', async () => {
  const tar = await tarOf([{ name: 'data/x', content: 'y' }]);
  const copied = async (more: string) => {
    const { calls, files } = await run(
      `  collectors:\n    - copy: {name: c, namespace: one, selector: [app=web], ${more}}\n`,
      (call) => {
        call.write(1, tar);
        call.exit(0);
      },
      { pods: two.slice(0, 1) },
    );
    return [calls[0]?.container, calls[0]?.command, [...files.keys()].filter((path) => path.startsWith('c/'))];
  };
  const tarred = (folder: string, name: string): string[] => ['tar', '-C', folder, '-cf', '-', name];
  assert.equal(await copied('containerPath: /data'), ['main', tarred('/', 'data'), ['c/one/web-1/data/x']]);
  assert.equal(await copied('containerPath: /var/data/, containerName: side'), [
    'side',
    tarred('/var', 'data'),
    ['c/one/web-1/side/var/data/x'],
  ]);
  assert.equal(await copied('containerPath: /'), ['main', tarred('/', '.'), ['c/one/web-1/data/x']]);
});

exec('copy: of no pod it is nothing, of none that could be read a failure', async () => {
  const ended = async (pods: readonly object[]): Promise<unknown> => {
    const { result } = await run(
      '  collectors:\n    - copy: {name: c, namespace: one, selector: [app=web], containerPath: /x}\n',
      (call) => {
        call.write(2, 'tar: /x: Cannot open');
        call.exit(2);
      },
      { pods },
    );
    const report = result.reports.find(({ kind }) => kind === 'copy');
    return [report?.outcome, report?.notes, report?.problems.filter((one) => one.includes('exit code 2')).length];
  };
  assert.equal(await ended([]), ['ok', ['no pods matched'], 0]);
  assert.equal(await ended(two), ['failed', [], 2]);
});

exec('which items collide, and what the server must allow', () => {
  const item = (spec: Record<string, unknown>) => ({ kind: 'exec', host: false, spec }) as never;
  const base = { name: 'n', selector: ['a=b', 'c=d'] };
  assert.is(execCollector.claim(item(base), 'ns'), 'n/ns/{a=b,c=d}/container');
  assert.is(execCollector.claim(item({ ...base, containerName: 'c' }), 'ns'), 'n/ns/{a=b,c=d}/c');
  assert.is(execCollector.claim(item({ ...base, collectorName: 'x', containerName: 'c' }), 'ns'), 'n/ns/{a=b,c=d}/x');
  assert.is(copy.claim(item({ namespace: 'own', containerPath: '/p' }), 'ns'), '/own/{}/' + '/p');
  const rights = (spec: Record<string, unknown>, namespace: string): unknown[] =>
    (execCollector.rights?.(item(spec), namespace) ?? []).map((right) => right.namespace);
  assert.equal(rights({}, 'ns'), ['ns', 'ns']);
  assert.equal(rights({ namespace: 'own' }, 'ns'), ['own', 'own']);
  assert.equal(rights({}, ''), [undefined, undefined]);
});

exec.run();
