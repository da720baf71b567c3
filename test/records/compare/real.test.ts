// Verdicts on real runs of the embedded cluster, tuned and default in turn: 40 on a machine with eight tasks for each CPU,
// and 40 on one that did nothing else.

import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compare } from '../../../scripts/records/compare/compare.ts';
import { seeded } from '../../../scripts/records/compare/random.ts';
import { judge } from '../../../scripts/records/compare/verdict.ts';
import { listRuns, readRuns } from '../../../scripts/records/read.ts';

// Settings, reasons and most needs were taken out of the records to keep them small.
const fixture = (name: string): string => join(import.meta.dirname, '../../fixtures/records', name);
const log = fixture('busy-machine.jsonl');
const quiet = fixture('quiet-machine.jsonl');

const test = suite('records/compare/real');

test('so much noise hides the tuning, and the table says so', async () => {
  const { text, notes, regression } = await compare({
    selectors: ['default', 'tuned'],
    log,
    output: 'text',
    failOnRegression: '10%',
  });
  assert.is(regression, undefined, 'the tuned median is 13 % higher, which means nothing here');
  assert.equal(notes, []);
  const flat = text.replace(/\s+/g, ' ');
  assert.match(text, /^whole run +11\.81 s +13\.32 s +\+13 % +-\d+…\+\d+ % +no difference seen$/m);
  assert.not.match(flat, /faster|slower/, 'no step either');
  assert.match(flat, /the machine was busy when the runs started \(load per CPU 8\.05 against 8\.12\)/);
  assert.match(flat, /the runs of B scatter widely: 27 % around their median/);
  assert.match(flat, /the plans differ: components\.etcd\[0\]\.flag none against unsafe-no-fsync/);
  for (const line of text.split('\n')) assert.ok(line.length <= 80, line);
});

test('on a quiet machine the tuning shows, and where', async () => {
  const { text, regression } = await compare({
    selectors: ['default', 'tuned'],
    log: quiet,
    output: 'text',
    failOnRegression: '10%',
  });
  assert.is(regression, undefined);
  assert.match(text, /^whole run +3\.66 s +3\.14 s +-14 % +-\d+…-\d+ % +faster$/m);
  assert.match(text, /^api +1\.38 s +1\.06 s +-23 % +-\d+…-\d+ % +faster$/m);
});

test('the other way around it is a regression', async () => {
  const { regression } = await compare({
    selectors: ['tuned', 'default'],
    log: quiet,
    output: 'text',
    failOnRegression: '5%',
  });
  assert.is(regression?.exitCode, 7);
});

test('of 1,000 equal pairs drawn from them at most 5 % are called different', async () => {
  const { records } = await readRuns((await listRuns(log)).runs);
  const random = seeded(11);
  const draw = () =>
    Array.from({ length: 10 }, () => records[Math.floor(random() * records.length)]?.durationMs ?? NaN);
  let wrong = 0;
  for (let i = 0; i < 1000; i++) {
    if (judge(draw(), draw(), { confidence: 0.95, random }).verdict !== 'no difference seen') wrong++;
  }
  assert.ok(wrong <= 50, `${wrong} of 1,000`);
});

test.run();
