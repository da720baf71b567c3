// What `preflight` shows: each check with its outcome, what is missing, and a verdict.

import { messageOf } from '../../../base/errors.ts';
import { count, duration } from '../../../base/units.ts';
import { styleFor } from '../../../progress/style.ts';
import { type Env, terminalOf } from '../../../progress/terminal.ts';
import { brief } from '../../../base/layout.ts';
import type { BundleResult } from '../../../support/make-bundle.ts';
import type { AnalyzeOutcome } from '../../../support/types.ts';
import type { Io } from '../../command.ts';
import type { OutputOptions } from '../../output.ts';

/** One object, with the keys that scripts read which call troubleshoot's preflight. */
export function checksJson({ results, reports, stopped, unreachable }: BundleResult): string {
  const of = (wanted: AnalyzeOutcome): object[] =>
    results
      .filter(({ outcome }) => outcome === wanted)
      .map(({ title, message, uri, strict, reason }) => ({
        title,
        message,
        uri,
        ...(strict === true ? { strict } : {}),
        reason,
      }));
  const missing = reports
    .filter(({ outcome }) => outcome !== 'ok')
    .map(({ title, outcome, problems }) => ({ title, outcome, problems }));
  return `${JSON.stringify({
    type: 'preflight',
    pass: of('pass'),
    warn: of('warn'),
    fail: of('fail'),
    collectors: missing,
    unreachable,
    ...(stopped === undefined ? {} : { stopped: messageOf(stopped) }),
  })}\n`;
}

export function checkLines(
  { results, reports, wallMs, stopped }: BundleResult,
  { output, io, env }: { output: OutputOptions; io: Io; env: Env },
): string {
  const style = styleFor(terminalOf(io.stdout, env));
  const { done, warning, failed } = style.marks;
  const marks = { pass: style.good(done), warn: style.warn(warning), fail: style.bad(failed) };
  const missing = reports
    .filter(({ outcome }) => outcome !== 'ok' && outcome !== 'excluded')
    .flatMap(({ title, problems }) =>
      problems.map((problem) => `${style.warn(warning)} ${brief(title)}: ${brief(problem)}`),
    );
  const checks = results
    .filter(({ outcome }) => !output.quiet || outcome === 'fail')
    .map(
      ({ title, message, outcome, uri }) =>
        `${marks[outcome]} ${brief(title)}: ${brief(message)}${uri === undefined || uri === '' ? '' : ` (${brief(uri)})`}`,
    );
  const of = (wanted: AnalyzeOutcome): number => results.filter(({ outcome }) => outcome === wanted).length;
  const how = stopped === undefined ? '' : `stopped (${brief(messageOf(stopped))}): `;
  const verdict = `${how}${count(results.length, 'check')} in ${duration(wallMs)}: ${of('pass')} passed, ${of('warn')} warned, ${of('fail')} failed`;
  return `${[...(output.quiet ? [] : missing), ...checks, verdict].join('\n')}\n`;
}
