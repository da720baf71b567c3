// The runs that a selector means: which texts are ranges of days, and what is said where one means none.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ConfigError } from '../../../scripts/base/errors.ts';
import { RUNS_FILE } from '../../../scripts/records/log.ts';
import { selectRuns } from '../../../scripts/records/compare/select.ts';
import { thrown } from '../../kube/helpers.ts';
import { sampleRecord, scratch } from '../sample.ts';

const test = suite<{ path: string; remove: () => void }>('records/compare/select');
test.before.each((context) => {
  const { path, remove } = scratch();
  const days = ['2026-01-01', '2026-01-02', '2026-01-03'];
  const lines = days.map((day, at) => {
    const outcome = at === 1 ? ('failed' as const) : ('done' as const);
    return JSON.stringify(sampleRecord({ label: `l${at}`, outcome, startedAt: new Date(`${day}T12:00:00Z`) }));
  });
  writeFileSync(join(path, RUNS_FILE), `${lines.join('\n')}\n`);
  Object.assign(context, { path, remove });
});
test.after.each(({ remove }) => remove());

const select = async (log: string, ...selectors: string[]): Promise<[labels: string[], notDone: number][]> => {
  const { selections } = await selectRuns(selectors, { log, tool: 'up' });
  return selections.map(({ runs, notDone }) => [runs.map(({ head }) => head.label ?? ''), notDone]);
};

test('days and moments, open at either end; the last day counts in full', async ({ path }) => {
  for (const [range, labels, notDone] of [
    ['2026-01-01', ['l0'], 0],
    ['2026-01-01..2026-01-02', ['l0'], 1],
    ['2026-01-01..2026-01-03', ['l0', 'l2'], 1],
    ['..2026-01-01', ['l0'], 0],
    ['2026-01-03..', ['l2'], 0],
    ['2026-01-01T11:59:59Z..2026-01-01T12:00:01Z', ['l0'], 0],
    ['2026-01-01T00:00:00Z..2026-01-03', ['l0', 'l2'], 1],
  ] as const)
    assert.equal(await select(path, range), [[[...labels], notDone]], range);
});

test('what only looks like a range is none', async ({ path }) => {
  for (const text of [
    '2026-01-01..2026-01-02..2026-01-03',
    '2026-13-01',
    '2026-01-01..x',
    'x..2026-01-01',
    '2026-1-1',
  ]) {
    const { message } = await thrown(ConfigError, select(path, text));
    assert.is(message.split('\n')[0], `${text}: no run has this id, label or date`, text);
  }
});

test('no text at all means every run, which is too many', async ({ path }) => {
  assert.is((await thrown(ConfigError, select(path, ''))).message, ': 3 ids begin like this; write more of it');
});

test('what has no runs is named, all at once, with what was left out', async ({ path }) => {
  const { message } = await thrown(ConfigError, select(path, 'l9', 'last~7', 'l1'));
  assert.equal(message.split('\n'), [
    'l9: no run has this id, label or date; did you mean the label l0?',
    'last~7: the log has only 3 runs',
    'l1: none of its 1 runs succeeded',
  ]);
  writeFileSync(join(path, RUNS_FILE), `broken\n{"schema":99}\nbroken\n${JSON.stringify(sampleRecord())}\n`);
  const besides = ', besides 2 damaged lines and 1 of a newer version of hoist';
  const { message: other } = await thrown(ConfigError, select(path, 'last~1', 'zzzzzz'));
  assert.equal(other.split('\n'), [
    `last~1: the log has only 1 run${besides}`,
    `zzzzzz: no run has this id, label or date${besides}`,
  ]);
  writeFileSync(join(path, RUNS_FILE), `broken\n${JSON.stringify(sampleRecord())}\n`);
  assert.match((await thrown(ConfigError, select(path, 'last~1'))).message, /only 1 run, besides 1 damaged line$/);
});

test('a run that failed counts where it is named alone by its id', async ({ path }) => {
  const { selections } = await selectRuns(['2026-01-01..2026-01-02'], { log: path, tool: 'up' });
  assert.is(selections[0]?.runs.length, 1);
  const all = await selectRuns([path], { log: path, tool: 'up' });
  assert.equal([all.selections[0]?.runs.length, all.selections[0]?.notDone], [2, 1]);
});

test('runs of other tools are not meant', async ({ path }) => {
  const { message } = await thrown(ConfigError, selectRuns(['last'], { log: path, tool: 'run' }));
  assert.match(message, 'last: the log has only 0 runs');
});

test.run();
