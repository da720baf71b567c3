// How snapshots are shown: pure.

import { bytesText, duration } from '../../../base/units.ts';
import type { RunRecord } from '../../../engine/event.ts';
import type { SavedSnapshot } from '../../../cluster/snapshot.ts';
import type { SnapshotManifest } from '../../../providers/snapshots/manifest.ts';

export function savedLine({ snapshot: { name, cluster, content, archives }, durationMs }: SavedSnapshot): string {
  const what = archives === undefined ? 'objects' : 'archives';
  const size = `${content.keys} ${what}, ${bytesText(content.bytes)}`;
  return `saved snapshot "${name}" of cluster "${cluster}": ${size}, in ${duration(durationMs)}`;
}

/** What to do about a restore that failed. */
export function nextStep({ steps }: Pick<RunRecord, 'steps'>, snapshot: string, cluster: string): string {
  const isWhole = steps.some(({ name, outcome }) => name === 'restore' && outcome === 'done');
  if (isWhole) return `It has all of the snapshot, but is not ready: \`hoist start ${cluster}\` goes on from here.`;
  return `It may have half of the snapshot: \`hoist snapshot restore ${snapshot} --name ${cluster}\` tries again.`;
}

export function listLines(snapshots: readonly SnapshotManifest[], now: Date): string[] {
  if (snapshots.length === 0) return ['there are no snapshots; `hoist snapshot save NAME` makes one'];
  const rows = snapshots.map(({ name, cluster, kubernetes, content, archives, createdAt }) => [
    name,
    cluster,
    kubernetes,
    archives === undefined ? String(content.keys) : '-',
    bytesText(content.bytes),
    duration(Math.max(0, now.getTime() - Date.parse(createdAt))),
  ]);
  const table = [['snapshot', 'cluster', 'kubernetes', 'objects', 'size', 'age'], ...rows];
  const widths = table.reduce<number[]>((all, row) => row.map((cell, i) => Math.max(all[i] ?? 0, cell.length)), []);
  return table.map((row) =>
    row
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
