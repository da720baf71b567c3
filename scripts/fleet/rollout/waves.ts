// Which clusters come first: a fleet cut into waves by share, count or label. Pure.

import { createHash } from 'node:crypto';
import type { FleetCluster } from '../targets/types.ts';

export type Wave =
  /** Until so much of the fleet has had its turn, the waves before included. */
  | { share: number }
  | { count: number }
  /** All that have the label, and have not had their turn. */
  | { label: string; value: string };

/** Every cluster once: what no wave names comes last. The same fleet is cut in the same way each time; waves can be empty. */
export function cut(clusters: readonly FleetCluster[], waves: readonly Wave[]): FleetCluster[][] {
  // Neither names nor ages decide who goes first: neighbours tend to be alike.
  const rank = new Map(clusters.map(({ uid }) => [uid, createHash('sha256').update(uid).digest('hex')]));
  const left = clusters.toSorted((a, b) => ((rank.get(a.uid) ?? '') < (rank.get(b.uid) ?? '') ? -1 : 1));
  const taken = waves.map((wave) => {
    const had = clusters.length - left.length;
    if ('label' in wave) {
      const chosen = left.filter(
        ({ labels }) => Object.hasOwn(labels, wave.label) && labels[wave.label] === wave.value,
      );
      for (const one of chosen) left.splice(left.indexOf(one), 1);
      return chosen;
    }
    const until = 'count' in wave ? wave.count : Math.ceil(clusters.length * wave.share);
    return left.splice(0, Math.max(0, until - had));
  });
  return left.length === 0 ? taken : [...taken, left];
}
