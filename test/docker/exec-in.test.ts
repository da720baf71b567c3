// Commands in containers: both streams together or stdout alone, and how they ended.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { DockerError } from '../../scripts/docker/docker-errors.ts';
import { execInContainer, outputOfContainer, startInContainer } from '../../scripts/docker/exec-in.ts';
import { thrown } from '../kube/helpers.ts';
import { withEngine } from './answering.ts';

const test = suite('docker/exec-in');

const frame = (stream: 1 | 2, text: string): Buffer => {
  const head = Buffer.alloc(8);
  head[0] = stream;
  head.writeUInt32BE(Buffer.byteLength(text), 4);
  return Buffer.concat([head, Buffer.from(text)]);
};
const engineWith = (output: Buffer, exitCode: number | null) => ({
  '/containers/c/exec': { Id: 'e1' },
  '/exec/e1/start': output,
  '/exec/e1/json': { ExitCode: exitCode },
});

test('output and exit code', () =>
  withEngine(engineWith(Buffer.concat([frame(1, 'out'), frame(2, 'err')]), 3), async (engine, asked) => {
    assert.equal(await execInContainer(engine, 'c', ['a', 'b c']), { exitCode: 3, output: 'outerr' });
    assert.is(asked[0], 'POST /containers/c/exec {"AttachStdout":true,"AttachStderr":true,"Cmd":["a","b c"]}');
    assert.is(asked[1], 'POST /exec/e1/start {"Detach":false,"Tty":false}');
  }));

test('a command that is left to run', () =>
  withEngine({ '/containers/c/exec': { Id: 'e1' }, '/exec/e1/start': {} }, async (engine, asked) => {
    await startInContainer(engine, 'c', ['a', 'b c']);
    assert.equal(asked, [
      'POST /containers/c/exec {"Cmd":["a","b c"]}',
      'POST /exec/e1/start {"Detach":true,"Tty":false}',
    ]);
  }));

test('an exit code that the engine does not say', () =>
  withEngine(engineWith(Buffer.alloc(0), null), async (engine) => {
    assert.equal(await execInContainer(engine, 'c', ['a']), { exitCode: -1, output: '' });
  }));

test('16 MiB of output are kept, and the rest is read', () =>
  withEngine(engineWith(frame(1, 'x'.repeat(17 * 2 ** 20)), 0), async (engine) => {
    assert.is((await execInContainer(engine, 'c', ['a'])).output.length, 16 * 2 ** 20);
  }));

test('stdout as it comes, and an error at the end where it failed', async () => {
  const read = async (exitCode: number): Promise<string> => {
    let out = '';
    await withEngine(engineWith(frame(1, 'out'), exitCode), async (engine, asked) => {
      for await (const chunk of outputOfContainer(engine, 'c', ['tar', '-c', 'a', 'b', 'secret']))
        out += chunk.toString();
      assert.match(asked[0] ?? '', /"AttachStderr":false/);
    });
    return out;
  };
  assert.is(await read(0), 'out');
  assert.is((await thrown(DockerError, read(2))).message, 'tar -c a b ended with 2 in the container');
});

test('a container that is not there', () =>
  withEngine({}, async (engine) => {
    assert.is((await thrown(DockerError, execInContainer(engine, 'c', ['a']))).status, 404);
  }));

test.run();
