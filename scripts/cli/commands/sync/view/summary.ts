// The end of a run over the fleet: pure.

import type { ClusterRecord, ClusterState } from '../../../../fleet/runner.ts';
import type { ObjectRef } from '../../../../kube/object.ts';
import { count, duration } from '../../../../base/units.ts';
import type { Style } from '../../../../progress/style.ts';
import { plain } from '../../../../base/layout.ts';

export interface SyncSummary {
  clusters: number;
  states: Readonly<Record<ClusterState, number>>;
  created: number;
  updated: number;
  recreated: number;
  patched: number;
  deleted: number;
  held: number;
  unchanged: number;
  requests: number;
  ms: number;
  dryRun: boolean;
}

export function summaryOf(records: readonly ClusterRecord[], ms: number, dryRun: boolean): SyncSummary {
  const states = { pending: 0, running: 0, synced: 0, held: 0, failed: 0, unreachable: 0, skipped: 0 };
  const changes = { create: 0, update: 0, recreate: 0, patch: 0, delete: 0 };
  const summary = { held: 0, unchanged: 0, requests: 0 };
  for (const { state, result } of records) {
    states[state] += 1;
    for (const { action } of result?.changes ?? []) changes[action] += 1;
    summary.held += result?.held.length ?? 0;
    summary.unchanged += (result?.unchanged ?? 0) + (result?.confirmed ?? 0);
    summary.requests += result?.requests ?? 0;
  }
  return {
    clusters: records.length,
    states,
    created: changes.create,
    updated: changes.update,
    recreated: changes.recreate,
    patched: changes.patch,
    deleted: changes.delete,
    ...summary,
    ms: Math.round(ms),
    dryRun,
  };
}

export interface SummaryView {
  style: Style;
  quiet: boolean;
  verbose: boolean;
}

/** Most clusters and objects that are named in a row of the table. */
const NAMED = 3;

export function summaryText(
  summary: SyncSummary,
  records: readonly ClusterRecord[],
  { style, quiet, verbose }: SummaryView,
): string[] {
  const last = lastLine(summary, style);
  if (quiet) return [last];
  return [
    ...failures(records, style),
    ...heldLines(records, style),
    ...(verbose || summary.dryRun ? changeLines(records, style) : []),
    ...warnings(records, style),
    ...skipped(records, style),
    last,
  ];
}

function lastLine(summary: SyncSummary, style: Style): string {
  const { states } = summary;
  const bad = states.failed + states.unreachable;
  const mark =
    bad > 0
      ? style.bad(style.marks.failed)
      : states.held > 0
        ? style.warn(style.marks.warning)
        : style.good(style.marks.done);
  const parts = (['synced', 'held', 'failed', 'unreachable', 'skipped'] as const).flatMap((state) =>
    states[state] > 0 ? [`${states[state]} ${state}`] : [],
  );
  const would = summary.dryRun ? 'would be ' : '';
  const done = (['created', 'updated', 'recreated', 'patched', 'deleted'] as const).flatMap((what) =>
    summary[what] > 0 ? [`${summary[what]} ${would}${what}`] : [],
  );
  const rest = [...done, `${summary.unchanged} as wanted`, count(summary.requests, 'request')].join(', ');
  if (summary.clusters === 0) return `${style.warn(style.marks.warning)} 0 clusters: there is nothing to keep`;
  return `${mark} ${count(summary.clusters, 'cluster')}: ${parts.join(', ')} in ${duration(summary.ms)} (${rest})`;
}

/** The same failure of many clusters is one row. */
function failures(records: readonly ClusterRecord[], style: Style): string[] {
  const rows = new Map<string, string[]>();
  const add = (key: string, cluster: string): void => {
    rows.set(key, [...(rows.get(key) ?? []), cluster]);
  };
  for (const { cluster, state, reason, result } of records) {
    if (state !== 'failed' && state !== 'unreachable') continue;
    const bad = (result?.sets ?? []).filter(({ ok }) => !ok);
    if (bad.length === 0) add(`${state}: ${reason ?? ''}`, cluster.id);
    for (const { id, message } of bad) add(`${id}: ${message ?? ''}`, cluster.id);
  }
  return grouped(rows, style.bad(style.marks.failed), style);
}

function heldLines(records: readonly ClusterRecord[], style: Style): string[] {
  const rows = new Map<string, string[]>();
  for (const { cluster, result } of records) {
    for (const { ref, reason } of result?.held ?? []) {
      const key = `${titleOf(ref)} is not deleted: ${reason}`;
      rows.set(key, [...(rows.get(key) ?? []), cluster.id]);
    }
  }
  return [...grouped(rows, style.warn(style.marks.warning), style), ...waysOut(records, style)];
}

/** What to add to the command for the next run to delete what this one has held. */
function waysOut(records: readonly ClusterRecord[], style: Style): string[] {
  const held = records.flatMap(({ result }) => result?.held ?? []);
  const kinds = new Set(held.flatMap(({ ref, allowedBy }) => (allowedBy === 'kind' ? [ref.kind] : [])));
  const confirms = held.some(({ allowedBy }) => allowedBy === 'confirmation');
  const flags = [...Array.from(kinds, (kind) => `--allow-delete ${kind}`), ...(confirms ? ['--confirm-deletes'] : [])];
  return flags.length === 0 ? [] : [style.dim(`  to delete them all the same, run it again with ${flags.join(' ')}`)];
}

/** Who wonders why a cluster has not got what its sets say. */
function skipped(records: readonly ClusterRecord[], style: Style): string[] {
  const rows = new Map<string, string[]>();
  for (const { cluster, state, reason } of records) {
    if (state !== 'skipped') continue;
    const key = `skipped: ${reason ?? ''}`;
    rows.set(key, [...(rows.get(key) ?? []), cluster.id]);
  }
  return grouped(rows, style.dim(style.marks.warning), style);
}

function warnings(records: readonly ClusterRecord[], style: Style): string[] {
  const rows = new Map<string, string[]>();
  for (const { cluster, result } of records) {
    for (const set of result?.sets ?? []) {
      for (const warning of set.warnings) {
        const key = `${set.id}: ${warning}`;
        rows.set(key, [...(rows.get(key) ?? []), cluster.id]);
      }
    }
  }
  return grouped(rows, style.warn(style.marks.warning), style);
}

function changeLines(records: readonly ClusterRecord[], style: Style): string[] {
  const rows = new Map<string, string[]>();
  for (const { cluster, result } of records) {
    for (const { action, ref, sets } of result?.changes ?? []) {
      const key = `${action} ${titleOf(ref)} (${sets.join(', ')})`;
      rows.set(key, [...(rows.get(key) ?? []), cluster.id]);
    }
  }
  return grouped(rows, style.dim('~'), style);
}

function grouped(rows: ReadonlyMap<string, readonly string[]>, mark: string, style: Style): string[] {
  return [...rows].map(([text, clusters]) => {
    const named = clusters.slice(0, NAMED).join(', ');
    const more = clusters.length > NAMED ? ` and ${clusters.length - NAMED} more` : '';
    return `${mark} ${plain(text)} ${style.dim(`[${plain(named)}${more}]`)}`;
  });
}

export function titleOf({ kind, namespace, name }: ObjectRef): string {
  return `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`;
}
