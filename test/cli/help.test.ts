// Help texts: their layout, and what they say of flags whose value may be left out.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { helpText } from '../../scripts/cli/help.ts';
import { commands } from '../../scripts/cli/commands.ts';
import { main } from '../../scripts/cli/hoist.ts';
import type { Outlet } from '../../scripts/cli/run.ts';

const test = suite('cli/help');

test('the overview has a gap after each name, and at most 80 columns', async () => {
  let text = '';
  const stdout = { write: (part: string) => (text += part) !== '', on: () => undefined };
  await main(['help'], { stdout, stderr: stdout, exitCode: undefined } as unknown as Outlet);
  for (const { name, summary } of commands) {
    const line = text.split('\n').find((one) => one.startsWith(`  ${name} `) && one.endsWith(summary));
    assert.match(line ?? '', new RegExp(`^ {2}${name} {2,}\\S`), name);
  }
  for (const line of text.split('\n')) assert.ok(line.length <= 80, line);
});

test('the help of each command has at most 80 columns', async () => {
  for (const command of commands) {
    const text = helpText(await command.load());
    for (const line of text.split('\n')) assert.ok(line.length <= 80, `${command.name}: ${line}`);
  }
});

test('a long usage is wrapped, and no earlier than it must be', async () => {
  const spec = await commands[0]?.load();
  assert.ok(spec);
  const words = Array.from({ length: 40 }, (_, i) => `[a${i}]`);
  const lines = helpText({ ...spec, usage: words.join(' ') }).split('\n');
  const first = lines.findIndex((line) => line.startsWith('Usage: '));
  const rows = lines.slice(
    first,
    lines.findIndex((line) => line.startsWith('       npx')),
  );
  assert.ok(rows.length > 1);
  for (const row of rows) assert.ok(row.length <= 80, row);
  for (const row of rows.slice(0, -1)) assert.ok(row.length > 70, row);
  for (const row of rows.slice(1)) assert.match(row, /^ {9}\[a\d+\]/);
  assert.match(rows[0] ?? '', /^Usage: hoist \S+ \[a0\]/);
});

test('a text stands beside a flag as long as there is room, else below it, in the same column', async () => {
  const spec = await commands[0]?.load();
  assert.ok(spec);
  for (let length = 20; length < 36; length++) {
    const flags = [{ name: 'x'.repeat(length - 2), help: Array.from({ length: 20 }, () => 'text').join(' ') }];
    const lines = helpText({ ...spec, flags, settings: [] }).split('\n');
    const at = lines.findIndex((line) => line.startsWith('  --x'));
    const isBeside = lines[at]?.includes('text') === true;
    assert.is(isBeside, length <= 30, `${length} cells`);
    const rows = lines.slice(
      isBeside ? at : at + 1,
      lines.findIndex((line) => line.includes('--help')),
    );
    assert.ok(rows.length > 1);
    for (const row of rows) assert.is(row.search(/text/), 34, row);
  }
});

test('a flag with a value shows what stands for it, a switch does not', async () => {
  const spec = await commands[0]?.load();
  assert.ok(spec);
  const flags = [
    { name: 'file', short: 'f', metavar: 'FILE', help: 'a file' },
    { name: 'all', help: 'all of them' },
  ];
  const text = helpText({ ...spec, flags, settings: [] });
  assert.match(text, /^ {2}-f, --file FILE {2,}a file$/m);
  assert.match(text, /^ {2}--all {2,}all of them$/m);
});

test('a value that may be left out is shown as one that takes an equals sign', async () => {
  const run = commands.find(({ name }) => name === 'run');
  assert.ok(run);
  assert.match(helpText(await run.load()), /^ {2}-t, --list\[=md\] {2,}list the tasks/m);
});

test.run();
