// Notices a hub that takes most sets from their clusters at once: one that was restored from a backup, or answers wrongly.

import { setsOf } from '../desired/set-plan.ts';
import { setId } from '../sets/types.ts';
import type { Fleet } from '../sources/source.ts';
import type { FleetCluster } from '../targets/types.ts';

/** Share of all pairs of a set and a cluster above which a list that lacks them is doubted. */
const MOST = 0.5;

/** The edit of one set is somebody's wish, however many clusters it is for. */
export const LEAST_SETS = 2;

export class Losses {
  /** Ids of the sets of each cluster, by the state before. */
  readonly #had: Map<string, ReadonlySet<string>>;
  /** Pairs that went and have not come back. */
  readonly #lost = new Map<string, Set<string>>();

  /** @param had what clusters were given before this process began */
  constructor(had: ReadonlyMap<string, ReadonlySet<string>>) {
    this.#had = new Map(had);
  }

  /**
   * @param touched clusters for which something may differ from the state before
   * @param isListed whether it comes of a list: what a watch shows as changed or deleted, somebody has changed or deleted
   * @returns how many pairs are doubted
   */
  look(fleet: Fleet, touched: (cluster: FleetCluster) => boolean, isListed: boolean): number {
    const clusters = fleet.everyone ?? fleet.clusters;
    const gone: { id: string; set: string }[] = [];
    let pairs = 0;
    for (const cluster of clusters) {
      const had = this.#had.get(cluster.id);
      pairs += had?.size ?? 0;
      if (had !== undefined && !touched(cluster)) continue;
      const has = new Set(setsOf(fleet, cluster).map(setId));
      for (const set of had ?? []) if (!has.has(set)) gone.push({ id: cluster.id, set });
      this.#had.set(cluster.id, has);
      this.#cameBack(cluster.id, has);
    }
    this.#forget(new Set(clusters.map(({ id }) => id)));
    const many = new Set(gone.map(({ set }) => set)).size >= LEAST_SETS && gone.length > pairs * MOST;
    if (isListed && many) for (const { id, set } of gone) this.#lose(id, set);
    let doubted = 0;
    for (const sets of this.#lost.values()) doubted += sets.size;
    return doubted;
  }

  #lose(id: string, set: string): void {
    const lost = this.#lost.get(id) ?? new Set();
    this.#lost.set(id, lost.add(set));
  }

  #cameBack(id: string, has: ReadonlySet<string>): void {
    const lost = this.#lost.get(id);
    if (lost === undefined) return;
    for (const set of has) lost.delete(set);
    if (lost.size === 0) this.#lost.delete(id);
  }

  /** Of a cluster that is no longer of the fleet, nothing is deleted. */
  #forget(present: ReadonlySet<string>): void {
    for (const id of this.#had.keys()) {
      if (present.has(id)) continue;
      this.#had.delete(id);
      this.#lost.delete(id);
    }
  }
}
