// A node as a machine: which commands its pod runs, and what is made of what they say.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ExecError } from '../../../../scripts/host/exec.ts';
import { nodeExec, nodeMachine } from '../../../../scripts/support/collectors/pods/node-machine.ts';
import { startExecServer } from '../../../doubles/exec-server.ts';

const test = suite('support/collectors/pods/node-machine');

type Said = string | { code: number; stderr?: string };

/** A node whose programs answer by their whole command line. */
async function onNode(
  answer: (command: string) => Said,
  use: (node: Parameters<typeof nodeMachine>[0], calls: string[]) => Promise<void>,
): Promise<void> {
  const calls: string[] = [];
  const server = await startExecServer((call) => {
    const command = call.command.join(' ');
    calls.push(command);
    const said = answer(command);
    if (typeof said === 'string') call.write(1, said);
    else if (said.stderr !== undefined) call.write(2, said.stderr);
    call.exit(typeof said === 'string' ? 0 : said.code);
  });
  const { signal } = new AbortController();
  try {
    await use({ connection: server.connection, namespace: 'n', pod: 'p', container: 'c', signal }, calls);
  } finally {
    await server.close();
  }
}

const message = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => '',
    (error: unknown) => (error as Error).message,
  );

test('files of the node are below its root, but for those of the kernel', async () => {
  await onNode(
    () => 'text',
    async (node, calls) => {
      const machine = nodeMachine(node);
      for (const path of ['/etc/os-release', '/proc/cpuinfo', '/sys/fs', '/process']) await machine.read(path);
      assert.equal(calls, ['cat /host/etc/os-release', 'cat /proc/cpuinfo', 'cat /sys/fs', 'cat /host/process']);
    },
  );
});

test('what cannot be read says why', async () => {
  await onNode(
    (command) => (command.includes('silent') ? { code: 2 } : { code: 1, stderr: 'no such file\n' }),
    async (node) => {
      const machine = nodeMachine(node);
      assert.is(await message(machine.read('/x')), 'no such file');
      assert.is(await message(machine.read('/silent')), 'cat ended with code 2');
      assert.is(await machine.exists('/x'), false);
      assert.is(await machine.filesBelow('/x'), undefined);
    },
  );
});

test('files below a folder, relative to it', async () => {
  await onNode(
    (command) => (command.startsWith('find') ? '/host/lib/a.ko\n/host/lib/sub/b.ko\n\n' : ''),
    async (node, calls) => {
      assert.equal(await nodeMachine(node).filesBelow('/lib'), ['a.ko', 'sub/b.ko']);
      assert.equal(calls, ['test -e /host/lib', 'find /host/lib -type f']);
    },
  );
});

test('its system, its interfaces with an IPv4 address, and its disk', async () => {
  const answers: Record<string, string> = {
    'uname -n': 'box\n',
    'uname -r': '6.1\n',
    'uname -m': 'x86_64\n',
    'ip -o addr show':
      '1: lo    inet 127.0.0.1/8 scope host lo\n2: eth0    inet 10.0.0.5/24 brd x\n2: eth0    inet6 fe80::1/64 scope link\n3: six    inet6 fd00::2/64 scope\nodd line\n',
    'cat /sys/class/net/eth0/address': 'aa:bb\n',
    'stat -f -c %s %b %f /host/var': '4096 100 40\n',
  };
  await onNode(
    (command) => {
      if (command.startsWith('test -e')) return command.endsWith('/host/var') ? '' : { code: 1 };
      return answers[command] ?? { code: 1, stderr: `no ${command}` };
    },
    async (node) => {
      const machine = nodeMachine(node);
      assert.equal(await machine.system(), { hostname: 'box', kernel: '6.1', machine: 'x86_64' });
      assert.equal(await machine.interfaces(), [
        { name: 'eth0', mac: 'aa:bb', addresses: ['10.0.0.5/24', 'fe80::1/64'] },
      ]);
      assert.equal(await machine.disk('/var/lib/deep'), { used: 60 * 4096, total: 100 * 4096 });
    },
  );
});

test('connections are tried by its own nc, which ends when it is connected', async () => {
  await onNode(
    (command) => (command.includes('good') ? '' : { code: 1, stderr: 'nc: refused\n' }),
    async (node, calls) => {
      const { connect } = nodeMachine(node);
      assert.is(await connect?.({ host: 'good', port: 80, timeoutMs: 2_500 }), undefined);
      assert.is(await connect?.({ host: 'bad', port: 81, timeoutMs: 10 }), 'nc: refused');
      assert.equal(calls, ['nc -w 3 good 80 -e true', 'nc -w 1 bad 81 -e true']);
    },
  );
});

test('programs run in the namespaces of the node, with the environment that is given', async () => {
  await onNode(
    () => 'out',
    async (node, calls) => {
      const exec = nodeExec(node);
      const { exitCode, stdout } = await exec({ file: 'lsblk', args: ['-b'] });
      assert.equal([exitCode, stdout], [0, 'out']);
      await exec({ file: 'x', args: [], env: { A: '1', B: undefined } });
      await exec({ file: 'x', args: [], env: { B: undefined } });
      const enter = 'nsenter -t 1 -m -u -i -n --';
      assert.equal(calls, [`${enter} lsblk -b`, `${enter} env A=1 x`, `${enter} x`]);
    },
  );
});

test('a program that is not there is told from one that fails', async () => {
  const reasonOf = async (said: Said): Promise<string> => {
    let found = '';
    await onNode(
      () => said,
      async (node) => {
        await nodeExec(node)({ file: 'x', args: [] }).then(
          () => assert.unreachable(),
          (error: unknown) => {
            assert.instance(error, ExecError);
            found = `${(error as ExecError).details.reason}: ${(error as ExecError).message}`;
          },
        );
      },
    );
    return found;
  };
  assert.is(await reasonOf({ code: 127 }), 'missing: x was not found on the node');
  assert.is(
    await reasonOf({ code: 1, stderr: 'nsenter: failed to execute x: No such file' }),
    'missing: x was not found on the node',
  );
  assert.is(await reasonOf({ code: 3, stderr: 'broken\n' }), 'exit: x ended with code 3: broken');
});

test.run();
