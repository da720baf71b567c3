// The end of a run for people: what failed and the way to it, what was given up for it, where the time went.

import type { RunRecord } from '../../engine/event.ts';
import type { StepRecord } from '../../engine/step.ts';
import { duration } from '../../base/units.ts';
import type { Style } from '../../progress/style.ts';
import type { ActionError } from '../actions/action-errors.ts';

const LAST_LINES = 10;
const NAMED = 8;

export interface RunSummary {
  run: RunRecord;
  failures: readonly ActionError[];
  /** The action whose output was shown last: its lines need no repeating. */
  lastShown: string | undefined;
  style: Style;
  mask: (text: string) => string;
}

export function failureText({ run, failures, lastShown, style, mask }: RunSummary): string[] {
  const { failed, gutter } = style.marks;
  const lines = failures.flatMap((failure) => {
    const { step, lastLines, command, attempts } = failure.details;
    const record = run.steps.find(({ name }) => name === step);
    const took = record === undefined ? '' : ` after ${timeOf(record)}${attempts > 1 ? `, ${attempts} attempts` : ''}`;
    const first = command?.trim().split('\n') ?? [];
    const repeated = step === lastShown ? [] : lastLines.slice(-LAST_LINES);
    return [
      `${style.bad(failed)} ${style.bold(mask(step))} ${mask(failure.message)}${took}`,
      `    at ${failure.path}`,
      ...(command === undefined ? [] : [`    $ ${mask(first[0] ?? '')}${first.length > 1 ? ' …' : ''}`]),
      ...repeated.map((line) => style.dim(`    ${gutter} ${mask(line)}`)),
      ...(failure.hint === undefined ? [] : [`    ${failure.hint}`]),
    ];
  });
  return [
    ...lines,
    ...named(run, 'given-up', 'given up because of that', mask),
    ...named(run, 'skipped', 'not started', mask),
  ];
}

function named(
  { steps }: RunRecord,
  outcome: StepRecord['outcome'],
  words: string,
  mask: (text: string) => string,
): string[] {
  // A step that its own `if` skips is no news.
  const names = steps
    .filter((step) => step.outcome === outcome && step.reason !== 'its "if" is false')
    .map(({ name }) => mask(name));
  if (names.length === 0) return [];
  const rest = names.length > NAMED ? ` and ${names.length - NAMED} more` : '';
  return [`  ${words}: ${names.slice(0, NAMED).join(', ')}${rest}`];
}

/** One line for a run of one action, more where there is more to say. */
export function timeText({ run, style, mask }: RunSummary, whole: boolean): string[] {
  const ran = run.steps.filter(({ startedMs }) => startedMs !== undefined);
  const { done, failed, arrow, times } = style.marks;
  const mark = run.outcome === 'done' ? style.good(done) : style.bad(failed);
  const words = { done: 'done', failed: 'failed', cancelled: 'cancelled', timeout: 'out of time' }[run.outcome];
  const actions = `${ran.length} ${ran.length === 1 ? 'action' : 'actions'}`;
  const gain = run.parallelGain > 1.05 ? `, parallel gain ${run.parallelGain.toFixed(1)}${times}` : '';
  const path = run.criticalPath.flatMap((name) => ran.find((step) => step.name === name) ?? []);
  const shown = path.length > NAMED ? [...path].sort((a, b) => ms(b) - ms(a)).slice(0, NAMED) : path;
  return [
    `${mark} ${words}: ${actions} in ${duration(run.wallMs)}${gain}`,
    ...(whole
      ? ran.map(
          (step) =>
            `  ${timeOf(step).padStart(8)}  ${step.outcome.padEnd(9)} ${mask(step.name)}${step.attempts > 1 ? ` (${step.attempts} attempts)` : ''}`,
        )
      : []),
    ...(gain === ''
      ? []
      : [
          `  critical path: ${shown.map((step) => `${mask(step.name)} ${duration(untilNext(step, path))}`).join(` ${arrow} `)}`,
        ]),
  ];
}

/** ms of the path: what runs in the background goes on beside the next one. */
function untilNext(step: StepRecord, path: readonly StepRecord[]): number {
  const next = path[path.indexOf(step) + 1];
  return Math.min(ms(step), Math.max(0, (next?.startedMs ?? Infinity) - (step.startedMs ?? 0)));
}

function ms(step: StepRecord): number {
  return step.endedMs - (step.startedMs ?? step.endedMs);
}

function timeOf(step: StepRecord): string {
  return duration(ms(step));
}
