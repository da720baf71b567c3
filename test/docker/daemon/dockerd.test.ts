// The running dockerd: found by its pid file, with its flags; nothing else is taken for it.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { findDockerd, flagOf, reload } from '../../../scripts/docker/daemon/dockerd.ts';

const test = suite<{ file: string; folder: string }>('docker/daemon/dockerd');
test.before.each((context) => {
  context.folder = mkdtempSync(join(tmpdir(), 'hoist-dockerd-'));
  context.file = join(context.folder, 'docker.pid');
});
test.after.each(({ folder }) => rmSync(folder, { recursive: true }));

test('a pid file that is absent, odd, or names what is no dockerd', async ({ file }) => {
  const why = async (text?: string): Promise<string> => {
    if (text !== undefined) writeFileSync(file, text);
    const found = await findDockerd(file);
    return 'why' in found ? found.why.replace(file, 'FILE') : 'found';
  };
  assert.is(await why(), 'FILE names no process');
  for (const text of ['', 'x', '1', '0', '-5', '1.5']) assert.is(await why(text), 'FILE names no process', text);
  if (process.platform !== 'linux') return;
  assert.match(
    await why(`${process.pid}\n`),
    new RegExp(
      `^process ${process.pid}, which FILE names, is ${readFileSync('/proc/self/comm', 'utf8').trim()}, not dockerd$`,
    ),
  );
  assert.match(await why('4194304'), /^process 4194304, which FILE names, does not run$/);
});

test('flags in both forms', () => {
  const dockerd = { pid: 2, args: ['--a=1', '--b', '2', '--ab=3', '--c'] };
  assert.equal(
    ['--a', '--b', '--ab', '--c', '--d'].map((flag) => flagOf(dockerd, flag)),
    ['1', '2', '3', '', undefined],
  );
});

test('one that has ended cannot be told', () => {
  assert.is(reload({ pid: 4194304, args: [] }), 'process 4194304 has ended');
});

test.run();
