// What a person reads at the end of a run, as a pure function of what is known: lines of at most 80 cells.

import { ranMs } from '../engine/critical-path.ts';
import type { StepError } from '../engine/errors.ts';
import type { RunRecord } from '../engine/event.ts';
import type { StepRecord } from '../engine/step.ts';
import { failureLines, notStartedLines } from './failures.ts';
import { count, duration } from '../base/units.ts';
import type { Style } from './style.ts';
import { LINE_CELLS, NAME_CELLS, plain, truncate, wrap } from '../base/layout.ts';

export interface RunSummary {
  /** What the run was about: `cluster dev`. */
  subject: string;
  /** What the last line says of the subject: "is ready" and "is not ready", "passed" and "failed". */
  verdicts: Readonly<Record<'done' | 'failed', string>>;
  run: RunRecord;
  /** Names and values worth knowing, in order: `address`, `context`, `kubeconfig`. */
  facts: readonly (readonly [name: string, value: string])[];
  /** Wall time of the last run of the same plan that succeeded, in ms. */
  previousMs?: number | undefined;
  /** From the start of the process until now, in ms: what a person has waited. */
  waitedMs?: number | undefined;
  failures: readonly Pick<StepError, 'step' | 'message' | 'lastOutput' | 'hint'>[];
  /** Where the logs are. */
  logs?: string | undefined;
  /** The support bundle of a run that failed. */
  bundle?: string | undefined;
  /** The last line, where there is something to do or to know: `what was made is kept; "hoist up" goes on from there`. */
  next?: string | undefined;
}

const FACT_CELLS = 15;

/** All of it; with `quiet` only the failures and the last line. */
export function summaryLines(summary: RunSummary, style: Style, quiet = false): string[] {
  const { run, failures, logs, bundle, next } = summary;
  const good = run.outcome === 'done';
  return [
    ...(quiet ? [] : warningLines(run, style)),
    ...failureLines(failures, run, style),
    ...(quiet ? [] : notStartedLines(run, style)),
    verdict(summary, style),
    ...(quiet || !good
      ? []
      : summary.facts.flatMap(([name, value]) => fact(plain(name), plain(value).split(' '), style))),
    ...(quiet || !good ? [] : timeLines(summary, style)),
    ...(good || logs === undefined ? [] : fact('logs', [plain(logs)], style)),
    ...(good || bundle === undefined ? [] : fact('bundle', [plain(bundle)], style)),
    ...(next === undefined ? [] : wrap(plain(next).split(' '), LINE_CELLS)),
  ];
}

function verdict({ subject, verdicts, run }: RunSummary, style: Style): string {
  const { done, failed } = style.marks;
  const warnings = run.steps.reduce((sum, { warnings, outcome }) => {
    return sum + (warnings?.length ?? 0) + (outcome === 'warned' ? 1 : 0);
  }, 0);
  const warned = warnings > 0 ? `, ${style.warn(count(warnings, 'warning'))}` : '';
  const steps = count(run.steps.length, 'step');
  const time = duration(run.wallMs);
  const name = style.bold(plain(subject));
  if (run.outcome === 'done') return `${style.good(done)} ${name} ${verdicts.done}: ${steps} in ${time}${warned}`;
  const how = {
    failed: `${run.steps.filter((step) => step.outcome === 'failed').length} of ${steps} failed after ${time}`,
    cancelled: `cancelled after ${time}`,
    timeout: `out of time after ${time}`,
  }[run.outcome];
  return `${style.bad(failed)} ${name} ${verdicts.failed}: ${how}${warned}`;
}

function warningLines(run: RunRecord, style: Style): string[] {
  return run.steps.flatMap(({ name, warnings = [], outcome, reason }) => {
    const all = [...warnings, ...(outcome === 'warned' ? [`failed, but is optional: ${reason ?? ''}`] : [])];
    return all.flatMap((warning) => {
      const [first = '', ...more] = wrap(plain(`${name}: ${warning}`).split(' '), LINE_CELLS - 2);
      return [`${style.warn(style.marks.warning)} ${first}`, ...more.map((line) => `  ${line}`)];
    });
  });
}

/** `  name           words`, continued below the first word. */
function fact(name: string, words: readonly string[], style: Style): string[] {
  const [first = '', ...more] = wrap(words, LINE_CELLS - 2 - FACT_CELLS);
  return [`  ${style.dim(name.padEnd(FACT_CELLS))}${first}`, ...more.map((line) => ' '.repeat(2 + FACT_CELLS) + line)];
}

function timeLines({ run, previousMs, waitedMs }: RunSummary, style: Style): string[] {
  const { arrow, times, ellipsis } = style.marks;
  const ran = run.steps.filter((step) => step.startedMs !== undefined);
  if (ran.length === 0) return [];
  const slowest = [...ran].sort((a, b) => ranMs(b) - ranMs(a)).slice(0, 3);
  const path = run.criticalPath.flatMap((name) => ran.find((step) => step.name === name) ?? []);
  const allMs = ran.reduce((sum, step) => sum + ranMs(step), 0);
  const gain = `${run.parallelGain.toFixed(1)}${times}: ${duration(allMs)} of steps in ${duration(run.wallMs)}`;
  return [
    ...fact(
      'slowest',
      joined(
        slowest.map((step) => timed(step, ellipsis)),
        ',',
      ),
      style,
    ),
    ...fact(
      'critical path',
      joined(
        path.map((step) => timed(step, ellipsis)),
        ` ${arrow}`,
      ),
      style,
    ),
    ...fact('parallel gain', gain.split(' '), style),
    ...(waitedMs === undefined ? [] : fact('waited', waitedText(waitedMs, run.wallMs).split(' '), style)),
    ...(previousMs === undefined ? [] : fact('last run', comparison(run.wallMs, previousMs).split(' '), style)),
  ];
}

function timed(step: StepRecord, ellipsis: string): string {
  return `${truncate(plain(step.name), NAME_CELLS, ellipsis)} ${duration(ranMs(step))}`;
}

function joined(parts: readonly string[], separator: string): string[] {
  return parts.map((part, i) => (i < parts.length - 1 ? part + separator : part));
}

function waitedText(waitedMs: number, wallMs: number): string {
  return `${duration(waitedMs)} in all, ${duration(Math.max(0, waitedMs - wallMs))} of it before and after the steps`;
}

function comparison(nowMs: number, beforeMs: number): string {
  const percent = Math.round(Math.abs(nowMs / beforeMs - 1) * 100);
  const change = percent === 0 ? 'as long' : `${percent} % ${nowMs < beforeMs ? 'less' : 'more'}`;
  return `${duration(beforeMs)}; this one took ${change}`;
}
