// A command in a container: its streams apart, its exit code, and what is said where it could not run.

import { buffer } from 'node:stream/consumers';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { HoistError } from '../../../scripts/base/errors.ts';
import { KubeApiError, KubeConnectionError } from '../../../scripts/kube/client/errors.ts';
import { execInPod, type ExecSession } from '../../../scripts/kube/exec/session.ts';
import { type ExecCall, startExecServer } from '../../doubles/exec-server.ts';
import { thrown } from '../helpers.ts';

const test = suite('kube/exec/session');

async function run(
  handle: (call: ExecCall) => void,
  use: (session: ExecSession, calls: readonly ExecCall[], abort: (reason: Error) => void) => Promise<void>,
  command = ['sh', '-c', 'a b'],
): Promise<void> {
  const server = await startExecServer(handle);
  const end = new AbortController();
  const request = { namespace: 'web', pod: 'p/1', container: 'main', command, signal: end.signal };
  try {
    await use(execInPod(server.connection, request), server.calls, (reason) => end.abort(reason));
  } finally {
    await server.close();
  }
}
const status = (call: ExecCall, text: string): void =>
  call.socket.send(Buffer.from(`\x03${text}`), () => call.socket.close());

test('both streams, and the exit code', () =>
  run(
    (call) => {
      call.write(1, 'out');
      call.write(2, 'err');
      call.write(1, '');
      call.write(1, 'put');
      call.exit(0);
    },
    async ({ stdout, stderr, ended }, calls) => {
      const [out, err, code] = await Promise.all([buffer(stdout), buffer(stderr), ended]);
      assert.equal([out.toString(), err.toString(), code], ['output', 'err', 0]);
      const [{ path, command, container, protocol }] = calls as [ExecCall];
      assert.equal(
        [path, command, container, protocol],
        ['/api/v1/namespaces/web/pods/p%2F1/exec', ['sh', '-c', 'a b'], 'main', 'v5.channel.k8s.io'],
      );
    },
  ));

test('a command that fails has its own code', () =>
  run(
    (call) => call.exit(3),
    async ({ stdout, stderr, ended }) => {
      stdout.resume();
      stderr.resume();
      assert.is(await ended, 3);
    },
  ));

test('a command that could not run: in the words of the server', async () => {
  const said = async (text: string): Promise<string> => {
    let message = '';
    await run(
      (call) => status(call, text),
      async ({ ended, stdout }) => {
        message = (await thrown(HoistError, ended)).message;
        assert.is(stdout.destroyed, true);
      },
    );
    return message;
  };
  assert.is(await said('{"status":"Failure","message":"no such file"}'), 'exec in web/p/1/main: no such file');
  assert.is(
    await said('{"status":"Failure","details":{"causes":[{"reason":"Other","message":"9"}]}}'),
    'exec in web/p/1/main: it failed',
  );
  assert.is(await said('no JSON'), 'exec in web/p/1/main: it failed');
});

test('a connection that breaks before the end is no end', () =>
  run(
    (call) => {
      call.write(1, 'half');
      call.socket.terminate();
    },
    async ({ ended }) => {
      const error = await thrown(KubeConnectionError, ended);
      assert.equal([error.code, error.unsent], ['CUT', false]);
      assert.match(error.message, /^exec in web\/p\/1\/main: the connection to http.* broke before the command ended$/);
    },
  ));

test('a refusal is that of the server', () =>
  run(
    () => assert.unreachable('it was refused'),
    async ({ ended }) => {
      const error = await thrown(KubeApiError, ended);
      assert.equal([error.status, error.message], [403, 'exec in web/p/1/main: exec is forbidden']);
    },
    ['refuse'],
  ));

test('no server is a server that cannot be reached', async () => {
  const server = await startExecServer(() => undefined);
  await server.close();
  const { signal } = new AbortController();
  const { ended } = execInPod(server.connection, { namespace: 'a', pod: 'b', container: 'c', command: ['x'], signal });
  const error = await thrown(KubeConnectionError, ended);
  assert.is(error.code, 'ECONNREFUSED');
});

test('an end from outside is the reason, before and while it runs', async () => {
  const reason = new Error('enough');
  await run(
    (call) => call.write(1, 'x'),
    async ({ stdout, ended }, _calls, abort) => {
      await new Promise((resolve) => stdout.once('data', resolve));
      abort(reason);
      assert.is(await ended.catch((error: unknown) => error), reason);
    },
  );
  const server = await startExecServer(() => undefined);
  const { ended } = execInPod(server.connection, {
    namespace: 'a',
    pod: 'b',
    container: 'c',
    command: ['x'],
    signal: AbortSignal.abort(reason),
  });
  assert.is(await ended.catch((error: unknown) => error), reason);
  await server.close();
});

test.run();
