// The compare command on logs on disk: naming runs, tables, the gate, bad input.

import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { exitCodeOf, messageOf } from '../../../scripts/base/errors.ts';
import { compare } from '../../../scripts/records/compare/compare.ts';
import type { CompareOptions, CompareResult } from '../../../scripts/records/compare/options.ts';
import { SCHEMA_VERSION, type RecordInput } from '../../../scripts/records/record.ts';
import { sampleRecord, sampleRun, sampleSystem, scratch } from '../sample.ts';

interface Context {
  path: string;
  log: string;
  remove: () => void;
  run: (selectors: string[], more?: Partial<CompareOptions>) => Promise<CompareResult>;
}

const test = suite<Context>('records/compare');

/** Day `day` of 2026; the whole run takes `ms`, of which the step api takes all but 500. */
function lineOf(day: number, ms: number, more: Partial<RecordInput> = {}): string {
  const startedAt = new Date(Date.UTC(2026, 0, day, 12));
  return `${JSON.stringify(sampleRecord({ startedAt, run: sampleRun({ api: ms - 500, apply: 500 }), ...more }))}\n`;
}

test.before.each((context) => {
  Object.assign(context, scratch());
  context.log = join(context.path, 'runs.jsonl');
  context.run = (selectors, more = {}) => compare({ selectors, log: context.log, output: 'text', ...more });
  const lines = Array.from({ length: 20 }, (_, i) =>
    lineOf(i + 1, (i < 10 ? 3000 : 4000) + 10 * ((i * 7) % 10), { label: i < 10 ? 'before' : 'after' }),
  );
  writeFileSync(context.log, lines.join(''));
});
test.after.each(({ remove }) => {
  remove();
});

async function refusal(promise: Promise<unknown>): Promise<{ message: string; exitCode: number }> {
  const error: unknown = await promise.then(
    () => new Error('nothing was refused'),
    (thrown: unknown) => thrown,
  );
  return { message: messageOf(error), exitCode: exitCodeOf(error) };
}

test('labels, and a table of at most 80 columns', async ({ run }) => {
  const { text, notes, regression } = await run(['before', 'after']);
  assert.equal(notes, []);
  assert.is(regression, undefined);
  assert.match(text, /^A {2}before +10 runs, 2026-01-01 to 2026-01-10/);
  assert.match(text, /^whole run +3\.04 s +4\.04 s +\+33 % +\+3\d…\+3\d % +slower$/m);
  assert.match(text, /^apply +500 ms +500 ms +0\.0 % +0\.0…0\.0 % +no difference seen$/m);
  for (const line of text.split('\n')) assert.ok(line.length <= 80, line);
});

test('names of any length and kind keep the table within 80 columns', async ({ log, run }) => {
  const steps = {
    ['a-very-long-name/'.repeat(9)]: 99_999,
    カタカナの名前はとても長いです: 1e6,
    '\u001b[31mred\nline': 5,
  };
  const lines = [1, 2, 3, 4].map((day) =>
    lineOf(day, 1, { run: sampleRun(steps), label: day < 3 ? '<b>`|`</b>' : 'x'.repeat(200) }),
  );
  writeFileSync(log, lines.join(''));
  const { text } = await run(['last~2:2', 'last:2']);
  const { default: stringWidth } = await import('string-width');
  for (const line of text.split('\n')) assert.ok(stringWidth(line) <= 80, line);
  assert.match(text, /^red line/m);
  const { text: markdown } = await run(['last~2:2', 'last:2'], { output: 'markdown' });
  assert.not.match(markdown, /\u001b|<b>/);
});

test('every way to name runs', async ({ path, log, run }) => {
  const other = join(path, 'other.jsonl');
  writeFileSync(other, lineOf(1, 3000, { system: { ...sampleSystem, host: 'elsewhere', cores: 16 } }).repeat(5));
  const runsOf = async (selector: string): Promise<{ id: string; startedAt: string }[]> => {
    const { text } = await run([selector], { output: 'json' });
    return (JSON.parse(text) as { groups: { runs: { id: string; startedAt: string }[] }[] }).groups[0]?.runs ?? [];
  };
  const id = (await runsOf('last'))[0]?.id ?? '';
  const sizes: [string, number][] = [
    ['last', 1],
    ['last~19', 1],
    ['last:4', 4],
    ['last~3:4', 4],
    ['before', 10],
    [id, 1],
    [id.slice(0, 12), 1],
    ['2026-01-05', 1],
    ['2026-01-05..2026-01-07', 3],
    ['2026-01-19..', 2],
    ['..2026-01-02', 2],
    ['2026-01-05T00:00:00Z..2026-01-06T00:00:00Z', 1],
    [other, 5],
    [path, 20],
  ];
  for (const [selector, size] of sizes) assert.is((await runsOf(selector)).length, size, selector);
  assert.is((await runsOf('last~3'))[0]?.startedAt, '2026-01-17T12:00:00.000Z');
  const { text } = await run([log, other]);
  assert.match(text.replace(/\s+/g, ' '), /the machines differ: host box against elsewhere, CPU cores 4 against 16/);
});

test('runs that failed are left out, and said', async ({ log, run }) => {
  const failed = lineOf(25, 9000, { outcome: 'failed', exitCode: 6, label: 'broken' });
  writeFileSync(log, readFileSync(log, 'utf8') + failed);
  const { text, notes } = await run(['last~10:10', '2026-01-11..']);
  assert.match(text, /^B {2}2026-01-11\.\. +10 runs/m);
  assert.equal(notes, ['left out 1 run that failed']);
  assert.match((await refusal(run(['before', 'broken']))).message, /broken: none of its 1 runs succeeded/);
  const { id } = JSON.parse(failed) as { id: string };
  assert.match((await run([id])).text, /: 1 run of plan plan-a, failed$/m, 'alone, by its id');
});

test('the gate fails only beyond its limit, and says when it cannot judge', async ({ run }) => {
  const gate = async (limit: string, ...sides: string[]) => (await run(sides, { failOnRegression: limit })).regression;
  const found = await gate('10%', 'before', 'after');
  assert.is(found?.exitCode, 7);
  assert.match(messageOf(found), /^after took \+33 % against before \(between \+3\d % and \+3\d %\)/);
  assert.is(await gate('40%', 'before', 'after'), undefined);
  assert.is(await gate('33 %', 'before', 'after'), undefined, 'the interval reaches below the limit');
  assert.is(await gate('10%', 'after', 'before'), undefined);
  const few = await run(['last~10', 'last'], { failOnRegression: '10%' });
  assert.is(few.regression, undefined);
  assert.match(few.notes.join(), /too few runs to tell a regression from noise/);
  for (const limit of ['10', '-1%', 'ten%', '']) assert.is((await refusal(gate(limit, 'before', 'after'))).exitCode, 2);
  assert.is((await refusal(gate('10%', 'before'))).exitCode, 2);
});

test('a busier machine is not a regression', async ({ log, run }) => {
  const lines = Array.from({ length: 20 }, (_, i) =>
    lineOf(i + 1, (i < 10 ? 3000 : 4000) + i, { load: { before: i < 10 ? 0.4 : 6, after: 6, during: 0.9 } }),
  );
  writeFileSync(log, lines.join(''));
  const { text, regression } = await run(['last~10:10', 'last:10'], { failOnRegression: '10%' });
  assert.is(regression, undefined);
  assert.match(text, /^whole run .* no difference seen$/m);
  assert.match(text.replace(/\s+/g, ' '), /the machine was busier for B \(load per CPU 0\.10 against 1\.50\)/);
});

test('plans are compared each with itself; others with a warning', async ({ log, run }) => {
  const plan = (hash: string, agents: number) => ({ planHash: hash, plan: { agents, nested: { list: [1, agents] } } });
  const side = (label: string, first: 'p' | 'r') =>
    [1, 2, 3, 4, 5].flatMap((day) => [
      lineOf(day, 3000, { label, ...plan(first, 1) }),
      lineOf(day, 5000, { label, ...plan('q', 2) }),
    ]);
  writeFileSync(log, [...side('x', 'p'), ...side('y', 'p'), ...side('z', 'r')].join(''));
  const both = JSON.parse((await run(['x', 'y'], { output: 'json' })).text) as {
    comparisons: { a: { plans: string[] } }[];
  };
  assert.equal(
    both.comparisons.map(({ a }) => a.plans),
    [['p'], ['q']],
  );
  const { text } = await run(['x', 'z']);
  assert.match(text.replace(/\s+/g, ' '), /Mind: 10 runs of plans that only one side has are left out/);
  writeFileSync(
    log,
    [lineOf(1, 3000, { label: 'x', ...plan('p', 1) }), lineOf(2, 3000, { label: 'y', ...plan('q', 2) })].join(''),
  );
  const differ = (await run(['x', 'y'])).text.replace(/\s+/g, ' ');
  assert.match(differ, /the plans differ: agents 1 against 2, nested\.list\[1\] 1 against 2/);
});

test('what differs within both sides is named once', async ({ log, run }) => {
  const lines = ['x', 'x', 'y', 'y'].map((label, at) =>
    lineOf(at + 1, 3000, { label, system: { ...sampleSystem, host: at % 2 === 0 ? 'box' : 'elsewhere' } }),
  );
  writeFileSync(log, lines.join(''));
  const { text } = await run(['x', 'y']);
  assert.match(text.replace(/\s+/g, ' '), /the machines differ: host box or elsewhere(?! against)/);
});

test('of one group the figures of each step are shown, with how many runs have it', async ({ run }) => {
  assert.match((await run(['before'])).text, /^apply +10 +500 ms +/m);
});

test('of many differences the first six are named, and how many more there are', async ({ log, run }) => {
  const differ = async (count: number): Promise<string> => {
    const plan = (value: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, i) => [`f${i + 1}`, value] as const));
    const line = (day: number, label: string): string => lineOf(day, 3000, { label, planHash: label, plan: plan(day) });
    writeFileSync(log, line(1, 'x') + line(2, 'y'));
    return (await run(['x', 'y'])).text.replace(/\s+/g, ' ');
  };
  assert.match(await differ(6), /f5 1 against 2, f6 1 against 2(?!, and)/);
  assert.match(await differ(7), /f6 1 against 2, and 1 more/);
  assert.match(await differ(9), /f6 1 against 2, and 3 more/);
});

test('without selectors the newest runs are listed', async ({ run }) => {
  const { text } = await run([]);
  assert.is(text.split('\n').filter((line) => line.includes(' up ')).length, 20);
  const { runs } = JSON.parse((await run([], { output: 'json' })).text) as { runs: { label: string }[] };
  assert.is(runs.length, 20);
});

test('prune keeps the newest', async ({ log, run }) => {
  const newer = `${JSON.stringify({ ...sampleRecord(), schema: SCHEMA_VERSION + 1 })}\n`;
  writeFileSync(log, `damaged\n${readFileSync(log, 'utf8')}${newer}`);
  const { notes } = await run([], { prune: 5 });
  assert.match(notes.join(), /^removed 16 of 21 runs from /);
  const lines = readFileSync(log, 'utf8').split('\n');
  assert.is(lines.length, 6);
  assert.is(`${lines[4] ?? ''}\n`, newer);
  assert.is((await refusal(run([], { prune: 1.5 }))).exitCode, 2);
});

test('bad input is one clear sentence, exit code 2, and nothing is written', async ({ path, log, run }) => {
  const write = (name: string, text: string): string => {
    writeFileSync(join(path, name), text);
    return join(path, name);
  };
  const half = lineOf(1, 3000);
  const files = {
    empty: write('empty.jsonl', ''),
    half: write('half.jsonl', half.slice(0, half.length / 2)),
    future: write('future.jsonl', half.replace('"schema":1', '"schema":99')),
    apart: write('apart.jsonl', lineOf(1, 3000, { run: sampleRun({ other: 3000 }), planHash: 'apart' })),
  };
  const out = { report: join(path, 'report.html'), trace: join(path, 'trace.json'), hyperfine: join(path, 'hf.json') };
  const cases: [string[], RegExp][] = [
    [['last', join(path, 'nowhere.jsonl')], /nowhere\.jsonl: there is no such benchmark log/],
    [['last', files.empty], /empty\.jsonl: there is no run in this file$/],
    [['last', files.half], /half\.jsonl: there is no run in this file, besides 1 damaged line$/],
    [['last', files.future], /future\.jsonl: there is no run in this file, besides 1 of a newer version of hoist$/],
    [['last', files.apart], /their plans share no step, so there is nothing to compare/],
    [['last', 'last'], /last and last: one run is on both sides/],
    [['last~20', 'last'], /last~20: the log has only 20 runs/],
    [['befor', 'after'], /befor: no run has this id, label or date; did you mean the label before\?/],
    [['nothing', 'at all'], /nothing: no run.*\nat all: no run/],
    [['202601', 'last'], /202601: 20 ids begin like this; write more of it/],
    [['a', 'b', 'c'], /at most two groups/],
  ];
  const before = readdirSync(path);
  for (const [selectors, message] of cases) {
    const refused = await refusal(run(selectors, out));
    assert.match(refused.message, message);
    assert.is(refused.exitCode, 2, refused.message);
  }
  assert.is((await refusal(run([], { log: files.empty }))).exitCode, 2);
  assert.equal(readdirSync(path), before);
  assert.ok(readFileSync(log).length > 0);
});

test('files are written beside the table', async ({ path, run }) => {
  const { notes } = await run(['before', 'after'], { trace: join(path, 't.json'), hyperfine: join(path, 'h.json') });
  assert.equal(notes, [`wrote ${join(path, 't.json')}`, `wrote ${join(path, 'h.json')}`]);
  const read = (name: string): unknown => JSON.parse(readFileSync(join(path, name), 'utf8'));
  assert.is((read('t.json') as { traceEvents: unknown[] }).traceEvents.length, 20 * 5);
  assert.is((read('h.json') as { results: { times: unknown[] }[] }).results[1]?.times.length, 10);
  const one = await run(['before', 'after'], { trace: join(path, 'one.json') });
  assert.equal([one.notes, existsSync(join(path, 'one.json'))], [[`wrote ${join(path, 'one.json')}`], true]);
  assert.equal((await run(['before', 'after'])).notes, []);
});

test('without a group the newest runs are listed, or those of one tool', async ({ log, run }) => {
  writeFileSync(log, lineOf(1, 3000) + lineOf(2, 3000, { tool: 'run' }) + lineOf(3, 3000, { tool: 'run' }));
  assert.match((await run([])).text, /^3 runs of .*: hoist compare last~1 last --tool run$/m);
  const { text } = await run([], { tool: 'run' });
  assert.not.match(text, / up /);
  assert.match(text, /^2 runs of .*: hoist compare last~1 last --tool run$/m);
  for (const line of text.split('\n')) assert.ok(line.length <= 80, line);
  writeFileSync(log, lineOf(1, 3000) + lineOf(2, 3000, { tool: 'run' }) + lineOf(3, 3000));
  assert.match((await run([])).text, /; to compare the last two: hoist compare last~1 last$/m);
  writeFileSync(log, lineOf(1, 3000) + lineOf(2, 3000, { tool: 'run' }));
  assert.not.match((await run([])).text, 'to compare');
  assert.match((await refusal(run([], { tool: 'sync' }))).message, 'there is no run of sync in this log');
});

test.run();
