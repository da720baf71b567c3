// The findings of `hoist doctor` as lines for people.

import type { Diagnosis } from '../../../cluster/doctor/doctor.ts';
import { plain, wrap } from '../../../base/layout.ts';
import { count } from '../../../base/units.ts';
import type { Style } from '../../../progress/style.ts';

/** Cells of the column with the names; a longer one moves its own text only. */
const NAME_CELLS = 26;

/**
 * One for each finding, with what to do next, and a verdict; with `quiet` only what failed.
 * @param columns cells in a line; no more than these are used unless a word is longer.
 */
export function findingLines(
  { provider, findings }: Diagnosis,
  { style, quiet, columns }: { style: Style; quiet: boolean; columns: number },
): string[] {
  const { done, warning, failed } = style.marks;
  const marks = { ok: style.good(done), warn: style.warn(warning), fail: style.bad(failed) };
  const widest = Math.max(...findings.map(({ name }) => plain(name).length)) + 1;
  const cells = { line: columns - 2, name: Math.min(widest, NAME_CELLS) };
  const rows = findings
    .filter(({ status }) => !quiet || status === 'fail')
    .flatMap(({ name, status, detail, hint }) => {
      const next = hint === undefined ? '' : `${/[.!?]$/.test(detail) ? '' : '.'} ${hint}`;
      const [first = '', ...more] = hanging(plain(name), plain(detail + next), cells);
      return [`${marks[status]} ${first}`, ...more.map((line) => `  ${line}`)];
    });
  const fails = findings.filter(({ status }) => status === 'fail').length;
  const warnings = findings.filter(({ status }) => status === 'warn').length;
  const warned = warnings > 0 ? `, ${style.warn(count(warnings, 'warning'))}` : '';
  const verdict = fails > 0 ? style.bad(count(fails, 'failure')) : style.good('no problems found');
  return [...rows, `${provider}: ${verdict}${warned}`];
}

/** The name and its text, continued below where the text of a short name begins. */
function hanging(name: string, text: string, cells: { line: number; name: number }): string[] {
  const words = text.split(' ');
  const [first = ''] = wrap([`${name} `.padEnd(cells.name), ...words], cells.line);
  const rest = words.slice(first.slice(name.length).trim().split(' ').length);
  if (rest.length === 0) return [first];
  return [first, ...wrap(rest, cells.line - cells.name - 1).map((line) => ' '.repeat(cells.name + 1) + line)];
}
