// Test files one after another in one process, on real runs of uvu.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { bundleTests, type TestBundle } from './bundle.ts';
import { judge } from './guard.ts';
import { type Ended, SharedProcess } from './shared-process.ts';

interface Context {
  bundle: TestBundle;
  play(name: string): Promise<Ended>;
}

const test = suite<Context>('a process for many test files');
const PROGRAM = 'test/file-after-file.ts';
const NAMES = ['fails', 'skips', 'ends-early', 'before-throws', 'leaves-changed', 'waits'];
const fixture = (name: string): string => `test/fixtures/guard/${name}.ts`;
let one: SharedProcess;

test.before(async (context) => {
  context.bundle = await bundleTests([PROGRAM, ...NAMES.map(fixture)]);
});
test.before.each((context) => {
  const { bundle } = context;
  one = new SharedProcess(bundle.fileOf(PROGRAM), { cwd: process.cwd(), env: process.env });
  context.play = (name) => one.run(bundle.fileOf(fixture(name)), 20_000);
});
test.after.each(() => one.kill());
test.after(({ bundle }) => bundle.remove());

test('files that end well follow each other, each with its own output', async ({ play }) => {
  const first = await play('skips');
  const second = await play('leaves-changed');
  assert.equal(judge('skips', first.code, first.output), { file: 'skips', passed: 1, failed: 0, skipped: 1 });
  assert.match(second.output, 'leaves its environment changed');
  assert.not.match(second.output, 'skips');
});

test('a failed test, a hook that throws, and a changed environment are failures, and are named', async ({ play }) => {
  for (const [name, said] of [
    ['fails', /FAIL/],
    ['before-throws', /Passed: {4}0/],
    ['leaves-changed', /it leaves changed: LEFT_BY_A_TEST/],
  ] as const) {
    const { code, output } = await play(name);
    assert.ok(judge(name, code, output).failed > 0, name);
    assert.match(output, said, name);
  }
});

test('a file that ends the process is judged by that, and so is one that is given to it afterwards', async ({
  play,
}) => {
  const { code, output } = await play('ends-early');
  assert.is(judge('ends-early', code, output).failed, 1);
  const after = await play('skips');
  assert.is(judge('skips', after.code, after.output).failed, 1);
});

test('one that never ends is killed at its limit', async ({ bundle }) => {
  const { code } = await one.run(bundle.fileOf(fixture('waits')), 500);
  assert.is(code, 'took longer than 0.5 s');
});

test.run();
