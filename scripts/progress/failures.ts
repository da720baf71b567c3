// How failures are reported at the end of a run: each with its last lines and what to do, and what they kept from starting.

import type { StepError } from '../engine/errors.ts';
import type { RunRecord } from '../engine/event.ts';
import { lastWritten } from '../base/terminal-text.ts';
import { count } from '../base/units.ts';
import { effort } from './notices.ts';
import type { Style } from './style.ts';
import { LINE_CELLS, NAME_CELLS, plain, truncate, wrap } from '../base/layout.ts';

const LAST_LINES = 10;
/** Of one line that a step wrote, in cells: enough for a sentence, too little for a dumped document. */
const LONGEST_OUTPUT = 300;
const NAMED_AT_MOST = 8;

type Failure = Pick<StepError, 'step' | 'message' | 'lastOutput' | 'hint'>;

/** Each failed step: its name and effort, its message, the last lines that it wrote, and its hint. */
export function failureLines(failures: readonly Failure[], run: RunRecord, style: Style): string[] {
  const { failed, gutter, ellipsis } = style.marks;
  return failures.flatMap(({ step, message, lastOutput, hint }) => {
    const record = run.steps.find(({ name }) => name === step);
    const took = record?.startedMs === undefined ? '' : ` (${effort(record)})`;
    const output = lastOutput.map(lastWritten).filter((line) => line !== '' && !message.includes(line));
    return [
      `${style.bad(failed)} ${style.bold(truncate(plain(step), NAME_CELLS, ellipsis))} failed${took}`,
      ...message
        .split('\n')
        .flatMap((line) => wrap(plain(line).split(' '), LINE_CELLS - 4).map((part) => `    ${part}`)),
      ...output.slice(-LAST_LINES).flatMap((line) => {
        const rows = wrap(truncate(line, LONGEST_OUTPUT, ellipsis).split(' '), LINE_CELLS - 6);
        return rows.map((row) => style.dim(`    ${gutter} ${row}`));
      }),
      ...(hint === undefined
        ? []
        : wrap(plain(hint).split(' '), LINE_CELLS - 4).map((line) => `    ${style.bold(line)}`)),
      '',
    ];
  });
}

/** One sentence that names the steps that never started. */
export function notStartedLines(run: RunRecord, style: Style): string[] {
  const names = run.steps.filter((step) => step.startedMs === undefined).map((step) => plain(step.name));
  if (names.length === 0) return [];
  const shown = names.length > NAMED_AT_MOST ? names.slice(0, NAMED_AT_MOST - 1) : names;
  const rest = names.length > shown.length ? ` and ${names.length - shown.length} more` : '';
  const text = `${count(names.length, 'step')} not started: ${shown.join(', ')}${rest}`;
  return [...wrap(text.split(' '), LINE_CELLS).map((line) => style.dim(line)), ''];
}
