// What is shown while a fleet is worked on: one line that is redrawn, or one every ten seconds where it cannot be.

import type { Clock } from '../../../../engine/clock.ts';
import type { ClusterRecord, Runner } from '../../../../fleet/runner.ts';
import { duration } from '../../../../base/units.ts';
import { forStream } from '../../../../base/terminal-text.ts';
import { styleFor } from '../../../../progress/style.ts';
import type { Terminal } from '../../../../progress/terminal.ts';
import { truncate } from '../../../../base/layout.ts';

const REDRAW_MS = 100;
const LINE_MS = 10_000;

const BAR = 24;
const CLEAR_LINE = '\r\x1b[2K';

export interface Counts {
  total: number;
  done: number;
  failed: number;
  objects: number;
}

function countsOf(records: Iterable<ClusterRecord>): Counts {
  const counts: Counts = { total: 0, done: 0, failed: 0, objects: 0 };
  for (const { state, result } of records) {
    counts.total += 1;
    if (state !== 'running' && state !== 'pending') counts.done += 1;
    if (state === 'failed' || state === 'unreachable') counts.failed += 1;
    counts.objects += result === undefined ? 0 : result.unchanged + result.confirmed + result.changes.length;
  }
  return counts;
}

export function startLive(terminal: Terminal, runner: Pick<Runner, 'records'>, clock: Clock): { stop: () => void } {
  const started = clock.now();
  // The guard of a stream takes cursor movements out.
  const cursor = terminal.isTTY ? (terminal.raw ?? terminal) : undefined;
  const draw = (): void => {
    const line = lineOf(countsOf(runner.records.values()), clock.now() - started, terminal);
    const text = truncate(line, terminal.columns - 1, styleFor(terminal).marks.ellipsis);
    if (cursor === undefined) terminal.write(`${text}\n`);
    else cursor.write(CLEAR_LINE + forStream(text));
    cancel = clock.after(everyMs, draw);
  };
  const everyMs = cursor === undefined ? LINE_MS : REDRAW_MS;
  let cancel = clock.after(everyMs, draw);
  return {
    stop() {
      cancel();
      cursor?.write(CLEAR_LINE);
    },
  };
}

/** `━━━━──── 412/1000 clusters · 3 failed · 1310 objects/s · 40 s left` */
function lineOf(counts: Counts, ms: number, terminal: Pick<Terminal, 'colour' | 'unicode'>): string {
  const { marks } = styleFor(terminal);
  const full = counts.total === 0 ? 0 : Math.floor((counts.done / counts.total) * BAR);
  const bar = marks.barFull.repeat(full) + marks.barEmpty.repeat(BAR - full);
  const parts = [`${bar} ${counts.done}/${counts.total} clusters`];
  if (counts.failed > 0) parts.push(`${counts.failed} failed`);
  if (ms > 0) parts.push(`${Math.round((counts.objects * 1000) / ms)} objects/s`);
  if (counts.done > 0 && counts.done < counts.total) {
    parts.push(`${duration((ms / counts.done) * (counts.total - counts.done))} left`);
  }
  return parts.join(terminal.unicode ? ' · ' : ', ');
}

/** A cluster's state as one line of JSON. */
export function clusterJson({ cluster, state, reason, result }: ClusterRecord, now: Date): object {
  return {
    type: 'cluster',
    time: now.toISOString(),
    cluster: cluster.id,
    state,
    reason,
    ...(result === undefined
      ? {}
      : {
          sets: result.sets.map(({ id, ok, message, warnings }) => ({ id, ok, message, warnings })),
          wanted: result.wanted,
          unchanged: result.unchanged + result.confirmed,
          changes: result.changes,
          held: result.held,
          requests: result.requests,
          ms: Math.round(result.ms),
        }),
  };
}
