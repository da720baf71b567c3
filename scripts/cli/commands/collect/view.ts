// What `collect` shows: the plan, and what came of it.

import { messageOf } from '../../../base/errors.ts';
import { amount } from '../../../progress/format.ts';
import { count, duration } from '../../../base/units.ts';
import { styleFor } from '../../../progress/style.ts';
import { type Env, terminalOf } from '../../../progress/terminal.ts';
import { brief } from '../../../base/layout.ts';
import type { Usual } from '../../../records/usual.ts';
import type { BundleResult } from '../../../support/make-bundle.ts';
import { msOf } from '../../../support/report/summary-text.ts';
import type { Io } from '../../command.ts';
import type { OutputOptions } from '../../output.ts';
import { redactedText, redactedValue } from '../../redaction.ts';
import { type Asked, whereOf } from './inputs.ts';

/** The widest column of names, in characters; longer names push the rest of their line. */
const MOST_NAME = 60;

/** What is odd about the specs, and what is not done by itself. */
export function warningLines({ warnings, spec }: Asked): string[] {
  return [
    ...warnings.map(({ place, message }) => `warning: ${whereOf(place)}: ${message}`),
    ...spec.notFollowed.map((what) => `note: ${what}`),
  ];
}

export function planText(asked: Asked, output: OutputOptions['output'], usual?: Usual): string {
  const { plan, spec } = asked;
  const warnings = redactedValue(asked.warnings);
  const items = redactedValue(planRows(plan));
  const skipped = redactedValue(skippedRows(plan));
  if (output === 'json') {
    const analyzers = spec.analyzers.map(({ kind, host, place }) => ({ kind, host, place: whereOf(place) }));
    const problems = warnings.map(({ place, message, severity }) => ({ place: whereOf(place), message, severity }));
    return `${JSON.stringify({ type: 'collect.plan', items, skipped, analyzers, problems, notFollowed: spec.notFollowed, usualMs: usual?.ms })}\n`;
  }
  const width = Math.min(MOST_NAME, Math.max(0, ...[...items, ...skipped].map(({ name }) => brief(name).length)));
  const lines = [
    ...items.map(
      ({ name, lane, timeoutMs, place }) =>
        `${brief(name).padEnd(width)}  ${lane.padEnd(8)}  ${duration(timeoutMs).padEnd(12)}  ${place}`,
    ),
    ...skipped.map(({ name, message, place }) => `${brief(name).padEnd(width)}  left out  ${message}  ${place}`),
    `${count(items.length, 'collector')}, ${count(spec.analyzers.length, 'check')}`,
    ...(usual === undefined ? [] : [`usually ${duration(usual.ms)}, of ${count(usual.runs, 'run')}`]),
    ...warningLines(asked).map(redactedText),
  ];
  return `${lines.join('\n')}\n`;
}

const planRows = ({ items }: Asked['plan']) =>
  items.map(({ step, item, lane, timeoutMs, needs, suffix }) => ({
    name: step,
    kind: item.kind,
    place: whereOf(item.place),
    lane,
    timeoutMs,
    needs: lane === 'host' ? needs : needs.length,
    suffix,
  }));

const skippedRows = ({ skipped }: Asked['plan']) =>
  skipped.map(({ title, item, reason, message }) => ({
    name: title,
    kind: item.kind,
    place: whereOf(item.place),
    reason,
    message,
  }));

export function resultJson(result: BundleResult, asked: Asked): string {
  const { spec } = asked;
  const warnings = redactedValue(asked.warnings);
  const { stopped, file, reports, results, failures, ...rest } = result;
  const shown = {
    type: 'collect',
    archivePath: file,
    analyzerResults: results.map(({ place, ...others }) => ({ ...others, place: whereOf(place) })),
    collectors: reports,
    failures: failures.map(({ place, ...others }) => ({ ...others, place: place && whereOf(place) })),
    ...rest,
    problems: warnings.map(({ place, message, severity }) => ({ place: whereOf(place), message, severity })),
    notFollowed: spec.notFollowed,
    ...(stopped === undefined ? {} : { stopped: messageOf(stopped) }),
  };
  return `${JSON.stringify(shown)}\n`;
}

export function resultLines(
  result: BundleResult,
  { output, io, env, warnings }: { output: OutputOptions; io: Io; env: Env; warnings: Asked['warnings'] },
): string {
  const style = styleFor(terminalOf(io.stdout, env));
  const { done, warning, failed } = style.marks;
  const { reports, results, leftOut, cut, file, stopped } = result;
  const lines: string[] = [];
  const grouped = new Map<string, string[]>();
  // What the specs' own warnings have said is not said again.
  const said = new Set(warnings.map(({ place }) => whereOf(place)));
  for (const { title, problems, outcome, place } of reports) {
    if (outcome === 'excluded' || (outcome === 'unsupported' && said.has(place))) continue;
    for (const problem of problems) grouped.set(problem, [...(grouped.get(problem) ?? []), title]);
  }
  for (const [problem, titles] of grouped) {
    const who =
      titles.length > 3 ? `${titles.slice(0, 2).join(', ')} and ${titles.length - 2} more` : titles.join(', ');
    lines.push(`${style.warn(warning)} ${brief(who)}: ${brief(problem)}`);
  }
  for (const { path, reason } of leftOut)
    lines.push(`${style.bad(failed)} ${brief(path)} was left out: ${brief(reason)}`);
  if (cut.length > 0) lines.push(`${style.warn(warning)} ${count(cut.length, 'file')} cut to the newest bytes`);
  for (const { title, outcome, message } of results) {
    if (outcome === 'pass') continue;
    const mark = outcome === 'fail' ? style.bad(failed) : style.warn(warning);
    lines.push(`${mark} ${brief(title)}: ${brief(message)}`);
  }
  const good = reports.filter(({ outcome }) => outcome === 'ok' || outcome === 'partial').length;
  const head = stopped === undefined ? style.good(done) : style.bad(failed);
  const how = stopped === undefined ? '' : `stopped (${brief(messageOf(stopped))}): `;
  const checks = results.length === 0 ? '' : `, ${checksOf(result)}`;
  const verdict = `${head} ${how}${good} of ${count(reports.length, 'collector')} in ${duration(result.wallMs)}, ${count(result.files, 'file')}${checks}`;
  const slowest = reports
    .filter(({ startedMs }) => startedMs !== undefined)
    .sort((a, b) => msOf(b) - msOf(a))
    .slice(0, 3);
  const more =
    output.quiet || slowest.length === 0
      ? []
      : [`  slowest  ${slowest.map((report) => `${brief(report.title)} ${duration(msOf(report))}`).join(', ')}`];
  const where =
    file === undefined
      ? []
      : [`  archive  ${file} (${amount({ done: result.bytes, unit: 'bytes' })} before it was packed)`];
  return `${[...(output.quiet ? [] : lines), verdict, ...more, ...where].join('\n')}\n`;
}

function checksOf({ results }: BundleResult): string {
  const of = (wanted: string): number => results.filter(({ outcome }) => outcome === wanted).length;
  return `${count(results.length, 'check')}: ${of('pass')} passed, ${of('warn')} warned, ${of('fail')} failed`;
}
