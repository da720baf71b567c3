// Finds the runs that a person names: `last~3`, an id, a file, a range of dates, a label.

import { existsSync } from 'node:fs';
import { ConfigError } from '../../base/errors.ts';
import { nearest } from '../../base/suggest.ts';
import { listRuns, type Listing, type RunRef } from '../read.ts';
import type { RunHead, Tool } from '../record.ts';

/** Runs that were named together; one side of a comparison. */
export interface Selection {
  /** What the person wrote. */
  name: string;
  runs: RunRef[];
  /** Runs that were named, but failed and cannot be measured with. */
  notDone: number;
}

/** What the logs held besides the runs that were selected. */
export interface Skipped {
  /** Lines that are no record. */
  damaged: number;
  /** Records of a newer schema. */
  newer: number;
  /** Runs that failed. */
  notDone: number;
}

export interface SelectOptions {
  /** The log, or its directory, where a selector does not name one. */
  log: string;
  /** Only runs of this tool. */
  tool: Tool;
}

const LAST = /^last(?:~(\d+))?(?::(\d+))?$/;
const DATE = /^\d{4}-\d\d-\d\d(T[\d:.]+Z?)?$/;

/**
 * Finds the runs of each selector:
 * `last` the newest run, `last~3` the third before it, `last:10` the newest ten, `last~10:10` the ten before those;
 * a path, all runs of that log; `2026-01-31`, `2026-01-01..2026-01-31`, `2026-01-01..`, a range of days in UTC;
 * an id or its beginning; a label. Only runs that succeeded count, save a single one that is named alone by its id.
 * @throws ConfigError that names all selectors without runs
 */
export async function selectRuns(
  selectors: readonly string[],
  options: SelectOptions,
): Promise<{ selections: Selection[]; skipped: Skipped }> {
  const skipped = { damaged: 0, newer: 0, notDone: 0 };
  const count = (listing: Listing): RunRef[] => {
    skipped.damaged += listing.damaged;
    skipped.newer += listing.newer;
    return listing.runs;
  };
  const files = selectors.map((selector) => isPath(selector));
  const asked = selectors.filter((_, index) => files[index] !== true);
  const ofTool = ({ tool }: RunHead): boolean => tool === options.tool;
  const log = asked.length === 0 ? [] : count(await listRuns(options.log, { ...tail(asked, ofTool), match: ofTool }));
  const selections: Selection[] = [];
  for (const [index, name] of selectors.entries()) {
    const named = files[index] === true ? count(await listRuns(name, { match: ofTool })) : find(name, log);
    const alone = selectors.length === 1 && named.length === 1 && named[0]?.head.id.startsWith(name) === true;
    const done = alone ? named : named.filter(({ head }) => head.outcome === 'done');
    selections.push({ name, runs: done, notDone: named.length - done.length });
  }
  const problems = selections.flatMap((selection) =>
    selection.runs.length > 0 ? [] : [missing(selection, log, skipped)],
  );
  if (problems.length > 0)
    throw new ConfigError(problems, { hint: 'See `hoist compare --help` for ways to name runs.' });
  return { selections, skipped };
}

/** Where only the newest runs are asked for, the rest of the log need not be read. */
function tail(
  selectors: readonly string[],
  ofTool: (head: RunHead) => boolean,
): { last?: number; match?: typeof ofTool } {
  const reach = selectors.map((selector) => {
    const [, before = '0', count = '1'] = LAST.exec(selector) ?? [selector, Infinity];
    return Number(before) + Number(count);
  });
  const last = Math.max(...reach);
  return Number.isFinite(last) ? { last: last + SPARE, match: ofTool } : {};
}

/** Runs read beyond those asked for, so that failed ones among them do not matter. */
const SPARE = 200;

function find(selector: string, log: readonly RunRef[]): RunRef[] {
  const last = LAST.exec(selector);
  if (last) {
    const done = log.filter(({ head }) => head.outcome === 'done');
    const end = done.length - Number(last[1] ?? 0);
    return end < 1 ? [] : done.slice(Math.max(0, end - Number(last[2] ?? 1)), end);
  }
  const range = rangeOf(selector);
  if (range) return log.filter(({ head }) => head.startedAt >= range.from && head.startedAt < range.to);
  const labelled = log.filter(({ head }) => head.label === selector);
  if (labelled.length > 0) return labelled;
  const byId = log.filter(({ head }) => head.id.startsWith(selector));
  return new Set(byId.map(({ head }) => head.id)).size === 1 ? byId : [];
}

/** ISO texts that compare as text; the last day counts in full. */
function rangeOf(selector: string): { from: string; to: string } | undefined {
  const [from = '', to = from, ...more] = selector.split('..');
  if (more.length > 0 || (from === '' && to === '')) return undefined;
  if (![from, to].every((date) => date === '' || (DATE.test(date) && !Number.isNaN(Date.parse(date)))))
    return undefined;
  const end = to === '' ? '9999' : to.includes('T') ? to : new Date(Date.parse(to) + 86_400_000).toISOString();
  return { from, to: end };
}

function isPath(selector: string): boolean {
  return /[/\\]|\.jsonl$/.test(selector) || (!LAST.test(selector) && existsSync(selector));
}

function missing(selection: Selection, log: readonly RunRef[], skipped: Skipped): { where: string; message: string } {
  const where = selection.name;
  if (selection.notDone > 0) return { where, message: `none of its ${selection.notDone} runs succeeded` };
  const { damaged, newer } = skipped;
  const rest = [
    ...(damaged > 0 ? [`${damaged} damaged ${damaged === 1 ? 'line' : 'lines'}`] : []),
    ...(newer > 0 ? [`${newer} of a newer version of hoist`] : []),
  ];
  const besides = rest.length === 0 ? '' : `, besides ${rest.join(' and ')}`;
  if (isPath(where)) return { where, message: `there is no run in this file${besides}` };
  if (LAST.test(where)) return { where, message: `the log has only ${runs(log.length)}${besides}` };
  const same = log.filter(({ head }) => head.id.startsWith(where)).length;
  if (same > 1) return { where, message: `${same} ids begin like this; write more of it` };
  const guess = nearest(where, new Set(log.flatMap(({ head }) => head.label ?? [])));
  const hint = guess === undefined ? '' : `; did you mean the label ${guess}?`;
  return { where, message: `no run has this id, label or date${besides}${hint}` };
}

function runs(count: number): string {
  return `${count} ${count === 1 ? 'run' : 'runs'}`;
}
