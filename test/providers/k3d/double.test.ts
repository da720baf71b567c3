// The double of k3d refuses what k3d refuses, in its words: compared with a real k3d where one is on the PATH.

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const DOUBLE = fileURLToPath(new URL('../../doubles/k3d', import.meta.url));

const double = suite('k3d: the double');
const beside = spawnSync('k3d', ['version']).status === 0 ? double : double.skip;

/** Command lines that are refused before an engine is asked. */
const REFUSED = [
  ['cluster', 'create', 'x', '--no-such-flag'],
  ['cluster', 'create', 'x', '--agents', 'two'],
  ['cluster', 'create', 'x', '--servers'],
  ['cluster', 'create', 'UPPER_case'],
  ['cluster', 'create', 'x', '--port', '80:80@nosuch:0'],
  ['cluster', 'create', 'x', '--volume', '/a:/b@nosuch:0'],
  ['cluster', 'create', 'x', '--k3s-arg', '--v=4@nosuch:0'],
  ['cluster', 'create', 'x', 'y'],
  ['registry', 'create', 'a', 'b'],
];

/** Exit code, and the last line without what is around the message. */
function refusal(file: string, args: readonly string[]): { status: number | null; message: string } {
  const env = { PATH: process.env['PATH'], DOCKER_HOST: 'unix:///nowhere/docker.sock', LOG_COLORS: 'false' };
  const { status, stdout, stderr } = spawnSync(file, args, { env, encoding: 'utf8' });
  const last = `${stdout}${stderr}`.trim().split('\n').at(-1) ?? '';
  const plain = last.replace(/\x1b\[\d+m/g, '').trim();
  const structured = /level=fatal msg="((?:[^"\\]|\\.)*)"/.exec(plain)?.[1]?.replaceAll('\\"', '"');
  return { status, message: structured ?? plain.replace(/^FATA\[\d+\]\s*/, '') };
}

for (const args of REFUSED) {
  beside(`refuses as k3d does: ${args.join(' ')}`, () => {
    const [real, ours] = [refusal('k3d', args), refusal(DOUBLE, args)];
    assert.is(real.status, 1, real.message);
    assert.is(ours.status, real.status);
    assert.ok(ours.message.length > 10);
    // k3d says in which of its calls it was, before and behind.
    assert.ok(real.message.includes(ours.message), `${ours.message}\n${real.message}`);
  });
}

double.run();
