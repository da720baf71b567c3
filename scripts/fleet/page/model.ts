// What the page shows: the state of the fleet at one moment, small enough to be sent twice a second.

import type { ClusterRecord, ClusterState, Runner } from '../runner.ts';

export interface PageState {
  time: string;
  title: string;
  clusters: number;
  states: Record<ClusterState, number>;
  /** One letter for each cluster, in order of name. */
  cells: string;
  objects: number;
  changes: number;
  held: number;
  load: Runner['load'];
  slowest: { cluster: string; ms: number; requests: number }[];
  failing: { set: string; message: string; clusters: number; example: string }[];
}

/** Letters of the states: the page knows them too. */
const letters: Readonly<Record<ClusterState, string>> = {
  pending: 'p',
  running: 'r',
  synced: 's',
  held: 'h',
  failed: 'f',
  unreachable: 'u',
  skipped: 'k',
};

/** Rows of the tables. */
const ROWS = 10;

export function pageState(runner: Runner, title: string, now: Date): PageState {
  const records = [...runner.records.values()].sort((a, b) => (a.cluster.id < b.cluster.id ? -1 : 1));
  const states = { pending: 0, running: 0, synced: 0, held: 0, failed: 0, unreachable: 0, skipped: 0 };
  let cells = '';
  let [objects, changes, held] = [0, 0, 0];
  for (const { state, result } of records) {
    states[state] += 1;
    cells += letters[state];
    objects += result?.wanted ?? 0;
    changes += result?.changes.length ?? 0;
    held += result?.held.length ?? 0;
  }
  return {
    time: now.toISOString(),
    title,
    clusters: records.length,
    states,
    cells,
    objects,
    changes,
    held,
    load: runner.load,
    slowest: slowest(records),
    failing: failing(records),
  };
}

/** Names of the clusters, in the order of the cells; sent only when it changes. */
export function pageNames(runner: Runner): string[] {
  return [...runner.records.keys()].sort();
}

/** Everything about one cluster. */
export function pageCluster(record: ClusterRecord): object {
  const { cluster, state, reason, result, failures, passes } = record;
  return {
    cluster: cluster.id,
    state,
    reason,
    failures,
    passes,
    labels: cluster.labels,
    sets: result?.sets.map(({ id, ok, message, warnings }) => ({ id, ok, message, warnings })) ?? [],
    changes: result?.changes.slice(0, 100) ?? [],
    held: result?.held.slice(0, 100) ?? [],
    requests: result?.requests ?? 0,
    ms: Math.round(result?.ms ?? 0),
  };
}

function slowest(records: readonly ClusterRecord[]): PageState['slowest'] {
  return records
    .flatMap(({ cluster, result }) =>
      result === undefined ? [] : [{ cluster: cluster.id, ms: Math.round(result.ms), requests: result.requests }],
    )
    .sort((a, b) => b.ms - a.ms)
    .slice(0, ROWS);
}

function failing(records: readonly ClusterRecord[]): PageState['failing'] {
  const rows = new Map<string, PageState['failing'][number]>();
  const add = (set: string, message: string, example: string): void => {
    const key = `${set}\n${message}`;
    const row = rows.get(key);
    if (row === undefined) rows.set(key, { set, message, clusters: 1, example });
    else row.clusters += 1;
  };
  for (const { cluster, state, reason, result } of records) {
    if (state !== 'failed' && state !== 'unreachable') continue;
    const bad = result?.sets.filter(({ ok }) => !ok) ?? [];
    if (bad.length === 0) add(state, reason ?? '', cluster.id);
    for (const { id, message } of bad) add(id, message ?? '', cluster.id);
  }
  return [...rows.values()].sort((a, b) => b.clusters - a.clusters).slice(0, ROWS);
}
