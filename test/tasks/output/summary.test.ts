// The end of a run for people: what failed and why, what was given up for it, and where the time went.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { RunRecord } from '../../../scripts/engine/event.ts';
import type { StepRecord } from '../../../scripts/engine/step.ts';
import { styleFor } from '../../../scripts/progress/style.ts';
import { ActionError } from '../../../scripts/tasks/actions/action-errors.ts';
import { Source } from '../../../scripts/tasks/file/source.ts';
import { type RunSummary, failureText, timeText } from '../../../scripts/tasks/output/summary.ts';

const summary = suite('tasks: summary');

const step = (
  name: string,
  startedMs: number | undefined,
  endedMs: number,
  more: Partial<StepRecord> = {},
): StepRecord => ({
  name,
  needs: [],
  queuedMs: startedMs ?? 0,
  startedMs,
  endedMs,
  attempts: startedMs === undefined ? 0 : 1,
  outcome: 'done',
  ...more,
});
const summaryOf = (run: Partial<RunRecord>, more: Partial<RunSummary> = {}): RunSummary => ({
  run: { outcome: 'done', wallMs: 5000, steps: [], criticalPath: [], parallelGain: 1, ...run },
  failures: [],
  lastShown: undefined,
  style: styleFor({ colour: false, unicode: false }),
  mask: (text) => text.replaceAll('s3cret', '***'),
  ...more,
});

summary('of what runs in the background, the path counts what the next step waited for', () => {
  const steps = [step('server', 0, 5000), step('tests', 1000, 5000)];
  const run = { steps, criticalPath: ['server', 'tests'], parallelGain: 1.8 };
  assert.equal(timeText(summaryOf(run), false), [
    '+ done: 2 actions in 5.0 s, parallel gain 1.8x',
    '  critical path: server 1.0 s -> tests 4.0 s',
  ]);
});

summary('what began before the step that it followed has cost that one nothing', () => {
  const steps = [step('late', 1000, 2000), step('early', 0, 3000)];
  const [, path] = timeText(summaryOf({ steps, criticalPath: ['late', 'early'], parallelGain: 2 }), false);
  assert.is(path, '  critical path: late 0 ms -> early 3.0 s');
});

summary('each step with its time, its end and its attempts, where all of it is asked for', () => {
  const steps = [
    step('a s3cret', 0, 1500),
    step('b', 0, 250, { outcome: 'failed', attempts: 3 }),
    step('never', undefined, 9),
  ];
  assert.equal(timeText(summaryOf({ steps, outcome: 'failed' }), true), [
    'x failed: 2 actions in 5.0 s',
    '     1.5 s  done      a ***',
    '    250 ms  failed    b (3 attempts)',
  ]);
  const one = (outcome: RunRecord['outcome'], parallelGain = 1.05): string[] =>
    timeText(summaryOf({ steps: [step('a', 0, 1)], outcome, parallelGain }), false);
  assert.equal(one('done'), ['+ done: 1 action in 5.0 s']);
  assert.equal(one('cancelled'), ['x cancelled: 1 action in 5.0 s']);
  assert.equal(one('timeout'), ['x out of time: 1 action in 5.0 s']);
  assert.is(one('done', 1.06).length, 2);
});

summary('of a long path the steps that took longest', () => {
  const steps = Array.from({ length: 9 }, (_, at) => step(`s${at}`, at * 1000, at * 1000 + (at === 4 ? 1 : 1000 - at)));
  const [, path = ''] = timeText(
    summaryOf({ steps, criticalPath: steps.map(({ name }) => name), parallelGain: 2 }),
    false,
  );
  assert.equal(path.match(/s\d/g), ['s0', 's1', 's2', 's3', 's5', 's6', 's7', 's8']);
  const [, whole = ''] = timeText(
    summaryOf({ steps: steps.slice(0, 8), criticalPath: ['s4', 's0', 'gone', 's7'], parallelGain: 2 }),
    false,
  );
  assert.equal(whole.match(/s\d/g), ['s4', 's0', 's7']);
});

const at = { source: new Source('t.yaml', 'a\nb\n'), offset: 2 };
const failure = (message: string, more: Partial<ActionError['details']> = {}, hint?: string): ActionError =>
  new ActionError(
    message,
    { step: 'bad s3cret', at, calls: [{ task: 'default', at }], attempts: 1, lastLines: [], ...more },
    { hint },
  );

summary('a failure with its step, place, command, last lines and hint, all without secrets', () => {
  const lastLines = Array.from({ length: 12 }, (_, line) => `line ${line} s3cret`);
  const run = { steps: [step('bad s3cret', 0, 1000)] };
  const details = { command: '\necho s3cret\nmore', lastLines, attempts: 2 };
  const text = failureText(summaryOf(run, { failures: [failure('s3cret is wrong', details, 'try again')] }));
  assert.equal(text.slice(0, 3), [
    'x bad *** *** is wrong after 1.0 s, 2 attempts',
    '    at t.yaml:2:1 <- default (t.yaml:2)'.replace('<-', '←'),
    '    $ echo *** …',
  ]);
  assert.is(text.length, 3 + 10 + 1);
  assert.match(text[3] ?? '', /line 2 \*\*\*$/);
  assert.is(text.at(-1), '    try again');
  const shown = failureText(
    summaryOf(run, { failures: [failure('no', { command: 'true', lastLines })], lastShown: 'bad s3cret' }),
  );
  assert.equal(shown.slice(2), ['    $ true']);
  assert.is(failureText(summaryOf(run, { failures: [failure('no', { attempts: 1 })] }))[0], 'x bad *** no after 1.0 s');
  assert.equal(failureText(summaryOf({}, { failures: [failure('no')] })).length, 2);
  assert.is(failureText(summaryOf({}, { failures: [failure('no')] }))[0], 'x bad *** no');
});

summary('what was given up and what was not started, eight of each at most', () => {
  const steps = [
    ...Array.from({ length: 8 }, (_, one) => step(`g${one}`, 0, 1, { outcome: 'given-up' })),
    ...Array.from({ length: 10 }, (_, one) => step(`n${one}`, undefined, 1, { outcome: 'skipped', reason: 'x' })),
    step('if', undefined, 1, { outcome: 'skipped', reason: 'its "if" is false' }),
  ];
  assert.equal(failureText(summaryOf({ steps })), [
    '  given up because of that: g0, g1, g2, g3, g4, g5, g6, g7',
    '  not started: n0, n1, n2, n3, n4, n5, n6, n7 and 2 more',
  ]);
  assert.equal(failureText(summaryOf({})), []);
});

summary.run();
