// How the differences of a fleet read: what is the same on many clusters stands once. Pure.

import { isDeepStrictEqual } from 'node:util';
import { plain } from '../../../../base/layout.ts';
import { count } from '../../../../base/units.ts';
import type { FieldChange } from '../../../../fleet/difference/fields.ts';
import type { Change } from '../../../../fleet/pass/result.ts';
import type { ClusterRecord } from '../../../../fleet/runner.ts';
import type { ObjectRef } from '../../../../kube/object.ts';
import { type SummaryView, titleOf } from './summary.ts';

export interface Difference extends Change {
  clusters: string[];
}

export interface Differences {
  clusters: number;
  /** Clusters of which something would change. */
  differing: number;
  changes: Difference[];
  /** Objects that would not be deleted, and why. */
  held: { ref: ObjectRef; reason: string; clusters: string[] }[];
  /** What could not be looked at: a set, or a cluster as a whole. */
  failed: { cluster: string; set?: string; reason: string }[];
}

export function differencesOf(records: readonly ClusterRecord[]): Differences {
  const changes = new Map<string, Difference>();
  const held = new Map<string, Differences['held'][number]>();
  const failed: Differences['failed'] = [];
  let differing = 0;
  for (const { cluster, state, reason, result } of records) {
    if (state === 'failed' || state === 'unreachable') {
      const bad = (result?.sets ?? []).filter(({ ok }) => !ok);
      if (bad.length === 0) failed.push({ cluster: cluster.id, reason: reason ?? state });
      for (const { id, message } of bad) failed.push({ cluster: cluster.id, set: id, reason: message ?? state });
    }
    if ((result?.changes.length ?? 0) > 0) differing += 1;
    for (const change of result?.changes ?? []) {
      const { action, ref, sets, fields } = change;
      const key = JSON.stringify([action, ref, sets, fields]);
      const known = changes.get(key);
      if (known === undefined) changes.set(key, { ...change, clusters: [cluster.id] });
      else known.clusters.push(cluster.id);
    }
    for (const { ref, reason: why } of result?.held ?? []) {
      const key = JSON.stringify([ref, why]);
      const known = held.get(key);
      if (known === undefined) held.set(key, { ref, reason: why, clusters: [cluster.id] });
      else known.clusters.push(cluster.id);
    }
  }
  const all = [...changes.values()].sort((a, b) => (titleOf(a.ref) < titleOf(b.ref) ? -1 : 1));
  return { clusters: records.length, differing, changes: all, held: [...held.values()], failed };
}

/** Most fields of one object, clusters of one difference, and characters of a value that are shown without --verbose. */
const FIELDS = 20;
const CLUSTERS = 3;
const CHARACTERS = 120;

export function differenceText(differences: Differences, view: SummaryView): string[] {
  const { style, quiet } = view;
  const { changes, held } = differences;
  const last = lastLine(differences);
  if (quiet) return [last];
  const marks = {
    create: style.good('+'),
    update: style.warn('~'),
    patch: style.warn('~'),
    recreate: style.bad('±'),
    delete: style.bad('-'),
  };
  return [
    ...changes.flatMap((change) => [
      `${marks[change.action]} ${plain(titleOf(change.ref))} ${style.dim(`${plain(change.sets.join(', '))} ${whereText(change.clusters, view)}`)}`,
      ...fieldLines(change.fields ?? [], view),
    ]),
    ...held.map(
      ({ ref, reason, clusters: on }) =>
        `${style.warn(style.marks.warning)} ${plain(titleOf(ref))} is not deleted: ${plain(reason)} ${style.dim(whereText(on, view))}`,
    ),
    ...failureLines(differences, view),
    last,
  ];
}

function lastLine({ clusters, changes, held, failed, differing }: Differences): string {
  const bad = new Set(failed.map(({ cluster }) => cluster)).size;
  const parts = [
    ...(differing > 0 ? [`${differing} differ`, count(changes.length, 'difference')] : []),
    ...(held.length > 0 ? [`${count(held.length, 'deletion')} held`] : []),
    ...(bad > 0 ? [`${bad} failed`] : []),
  ];
  return `${count(clusters, 'cluster')}: ${parts.length === 0 ? 'nothing differs' : parts.join(', ')}`;
}

/** The same failure of many clusters is one line. */
function failureLines({ failed }: Differences, view: SummaryView): string[] {
  const rows = new Map<string, string[]>();
  for (const { cluster, set, reason } of failed) {
    const text = set === undefined ? reason : `${set}: ${reason}`;
    rows.set(text, [...(rows.get(text) ?? []), cluster]);
  }
  const { style } = view;
  return [...rows].map(
    ([text, clusters]) => `${style.bad(style.marks.failed)} ${plain(text)} ${style.dim(whereText(clusters, view))}`,
  );
}

function whereText(clusters: readonly string[], { verbose }: SummaryView): string {
  const named = verbose ? clusters : clusters.slice(0, CLUSTERS);
  const more = clusters.length > named.length ? ` and ${clusters.length - named.length} more` : '';
  return `[${plain(named.join(', '))}${more}]`;
}

function fieldLines(fields: readonly FieldChange[], { style, verbose }: SummaryView): string[] {
  const shown = verbose ? fields : fields.slice(0, FIELDS);
  const lines = shown.map((field) => {
    const { path, before, after } = field;
    const name = `    ${plain(path)}`;
    if (!('before' in field)) return style.good(`${name}: ${valueText(after, verbose)}`);
    if (!('after' in field)) return style.bad(`${name}: ${valueText(before, verbose)} is removed`);
    // Only of a Secret: what differs is not shown.
    if (isDeepStrictEqual(before, after)) return `${name} differs`;
    return `${name}: ${valueText(before, verbose)} → ${valueText(after, verbose)}`;
  });
  const more = fields.length - shown.length;
  return more > 0 ? [...lines, style.dim(`    and ${count(more, 'more field')}`)] : lines;
}

function valueText(value: unknown, verbose: boolean): string {
  const text = JSON.stringify(value);
  return plain(
    verbose || text.length <= CHARACTERS ? text : `${text.slice(0, CHARACTERS)}… (${text.length} characters)`,
  );
}
