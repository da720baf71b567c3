// A table of what each collector gave and what it cost, for people.

import { duration } from '../../base/units.ts';
import { plain } from '../../base/layout.ts';
import type { LeftOut } from '../bundle/store.ts';
import type { CollectorReport } from '../run/collect.ts';

export interface SummaryInputs {
  collectors: readonly CollectorReport[];
  leftOut: readonly LeftOut[];
  cut: readonly { path: string; bytes: number }[];
}

/** Slowest first. */
export function summaryText({ collectors, leftOut, cut }: SummaryInputs): string {
  const rows = [...collectors].sort((a, b) => msOf(b) - msOf(a)).map((row) => ({ ...row, title: plain(row.title) }));
  const width = Math.max(0, ...rows.map(({ title }) => title.length));
  const lines = rows.map((row) => {
    const time = row.startedMs === undefined ? '' : duration(msOf(row));
    const words = [...row.notes, ...row.problems].map(plain).join('; ');
    return `${row.title.padEnd(width)}  ${row.outcome.padEnd(11)}  ${time.padStart(9)}  ${String(row.files).padStart(6)} files  ${words}`.trimEnd();
  });
  return [
    '============ Collectors ============',
    ...lines,
    ...(cut.length > 0 ? ['============ Cut to the newest bytes ============'] : []),
    ...cut.map(({ path, bytes }) => `${plain(path)}: ${bytes} older bytes are not in it`),
    ...(leftOut.length > 0 ? ['============ Left out ============'] : []),
    ...leftOut.map(({ path, reason }) => `${plain(path)}: ${plain(reason)}`),
    '',
  ].join('\n');
}

export function msOf({ startedMs, endedMs }: CollectorReport): number {
  return startedMs === undefined ? 0 : (endedMs ?? startedMs) - startedMs;
}
