import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { CreationError } from '../../scripts/base/errors.ts';
import { exec } from '../../scripts/host/execa.ts';
import type { ToolOptions } from '../../scripts/tools/options.ts';
import { PINS } from '../../scripts/tools/pins.ts';
import { findSum, lockedSum, lockSum } from '../../scripts/tools/sums.ts';
import { sha256 } from './publisher.ts';

const test = suite('checksum files');
const [a, b] = [sha256('a'), sha256('b')];

test('a sum alone', () => {
  assert.is(findSum(a, 'tool'), a);
  assert.is(findSum(`${a.toUpperCase()}\n`, 'tool'), a);
});

test('lines of sum and name, with folders, asterisks and Windows line ends', () => {
  assert.is(findSum(`${b}  other\n${a}  tool\n`, 'tool'), a);
  assert.is(findSum(`${b}  _dist/tool.sha256\n${a}  _dist/tool\n`, 'tool'), a);
  assert.is(findSum(`${b} *other\r\n${a} *tool\r\n`, 'tool'), a);
});

test('what has no such sum is refused', () => {
  for (const text of ['', '<html>not found</html>', `${a}  other`, `${a.slice(1)}  tool`]) {
    assert.throws(
      () => findSum(text, 'tool'),
      (error: unknown) => error instanceof CreationError,
    );
  }
});

test('sums are recorded once, in the order of their names', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'hoist-sums-'));
  try {
    const file = join(folder, 'tools.lock.json');
    const on = (os: 'linux' | 'darwin'): ToolOptions => ({
      ...{ env: { HOIST_TOOLS_LOCK: file }, exec, platform: { os, arch: 'amd64' } },
    });
    const { signal } = new AbortController();
    assert.is(await lockedSum(PINS.kwok, on('linux')), undefined);
    await lockSum(PINS.kwok, { sha256: a, from: 'publisher' }, on('linux'), signal);
    await lockSum(PINS.kwok, { sha256: b, from: 'publisher' }, on('darwin'), signal);
    await lockSum(PINS.etcd, { sha256: b, from: 'publisher' }, on('linux'), signal);
    await lockSum(PINS.kwok, { sha256: b, from: 'publisher' }, on('linux'), signal);
    assert.equal([await lockedSum(PINS.kwok, on('linux')), await lockedSum(PINS.kwok, on('darwin'))], [a, b]);
    const names = Object.keys(JSON.parse(await readFile(file, 'utf8')) as object);
    assert.is(names.length, 3);
    assert.equal(names, [...names].sort());
  } finally {
    await rm(folder, { recursive: true });
  }
});

test.run();
