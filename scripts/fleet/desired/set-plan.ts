// What one cluster is to hold: its sets rendered and joined, shared by all clusters for which it comes out the same.

import { matches } from '../sets/selector.ts';
import { bySetOrder, type SyncSet } from '../sets/types.ts';
import type { Fleet } from '../sources/source.ts';
import type { FleetCluster } from '../targets/types.ts';
import { type Item, withOwners } from './item.ts';
import { Mapper } from './mapper.ts';
import { type Rendered, Renderer } from './render.ts';

export interface Plan {
  sets: readonly Rendered[];
  /** Each object once, whichever sets hold it. */
  items: readonly Item[];
  /** Indexes into `items` of each set, in the order given; same order as `sets`. */
  order: readonly (readonly number[])[];
  /** Ids of the sets that hold each item; same order as `items`. */
  holders: readonly (readonly string[])[];
  /** Groups of items by group and kind. */
  kinds: ReadonlyMap<string, KindPlan>;
  /** Objects that sets hold in different forms: the last one in hive's order is applied. */
  conflicts: readonly string[];
  /** Ids of sets of which it is not known what they hold. */
  unknown: ReadonlySet<string>;
}

export interface KindPlan {
  groupKind: string;
  /** The version to list with: that of the first item. */
  apiVersion: string;
  kind: string;
  /** Indexes into `items`, by `namespace/name` as written; the namespace empty where there is none. */
  byName: ReadonlyMap<string, number>;
}

/** The sets that apply to a cluster, in hive's order. */
export function setsOf(fleet: Pick<Fleet, 'sets'>, cluster: FleetCluster): SyncSet[] {
  return fleet.sets.filter((set) => applies(set, cluster)).sort(bySetOrder);
}

/** Whether the set is for the cluster. */
export function applies(set: SyncSet, cluster: FleetCluster): boolean {
  if (set.kind === 'SyncSet') return set.namespace === cluster.namespace && set.clusters.includes(cluster.name);
  return set.selector !== undefined && matches(set.selector, cluster.labels);
}

/** Makes plans, and hands out the same one where the same sets render equally. */
export class Planner {
  readonly #renderer = new Renderer();
  readonly #mapper = new Mapper();
  #plans = new Map<string, Plan>();
  #numbers = new WeakMap<Rendered, number>();
  #next = 0;
  #sets: readonly SyncSet[] | undefined;

  /** @throws where a Secret cannot be read because the hub does not answer */
  async plan(fleet: Fleet, cluster: FleetCluster): Promise<Plan> {
    if (fleet.sets !== this.#sets) {
      this.#renderer.keep(fleet.sets);
      this.#plans = new Map();
      this.#sets = fleet.sets;
    }
    const rendered: Rendered[] = [];
    for (const set of setsOf(fleet, cluster)) {
      const one = this.#renderer.render(set, cluster.labels);
      rendered.push(one.mappings.length === 0 ? one : await this.#mapper.complete(one, fleet));
    }
    const key = rendered.map((one) => this.#number(one)).join(' ');
    let plan = this.#plans.get(key);
    if (plan === undefined) {
      plan = join(rendered);
      this.#plans.set(key, plan);
    }
    return plan;
  }

  #number(rendered: Rendered): number {
    let number = this.#numbers.get(rendered);
    if (number === undefined) {
      number = this.#next++;
      this.#numbers.set(rendered, number);
    }
    return number;
  }
}

function join(sets: readonly Rendered[]): Plan {
  const items: Item[] = [];
  const at = new Map<string, number>();
  const conflicts: string[] = [];
  const holders: string[][] = [];
  const order = sets.map(({ id, items: own }) =>
    own.map((item) => {
      const key = `${item.groupKind} ${nameKey(item.namespace, item.name)}`;
      const earlier = at.get(key);
      if (earlier === undefined) {
        at.set(key, items.length);
        holders.push([id]);
        return items.push(item) - 1;
      }
      if (holders[earlier]?.at(-1) !== id) holders[earlier]?.push(id);
      const other = items[earlier];
      if (other !== undefined) {
        if (JSON.stringify(other.object) !== JSON.stringify(item.object)) conflicts.push(`${key} (${id} wins)`);
        items[earlier] = merged(other, item);
      }
      return earlier;
    }),
  );
  return {
    sets,
    items,
    order,
    holders,
    kinds: kindsOf(items),
    conflicts,
    unknown: new Set(sets.filter((one) => (one.problem ?? one.mappingProblem) !== undefined).map(({ id }) => id)),
  };
}

/** Items that several sets share are made again for each pair, so they are kept here as the originals are by the renderer. */
const shared = new WeakMap<Item, Map<string, Item>>();

function merged(earlier: Item, later: Item): Item {
  const owners = [...new Set([...earlier.owners, ...later.owners])].sort();
  if (owners.join(' ') === later.owners.join(' ')) return later;
  const key = owners.join(' ');
  const kept = shared.get(later) ?? new Map<string, Item>();
  shared.set(later, kept);
  let item = kept.get(key);
  if (item === undefined) {
    item = withOwners(later, owners);
    kept.set(key, item);
  }
  return item;
}

function kindsOf(items: readonly Item[]): Map<string, KindPlan> {
  const kinds = new Map<string, KindPlan & { byName: Map<string, number> }>();
  items.forEach((item, index) => {
    let kind = kinds.get(item.groupKind);
    if (kind === undefined) {
      kind = { groupKind: item.groupKind, apiVersion: item.apiVersion, kind: item.kind, byName: new Map() };
      kinds.set(item.groupKind, kind);
    }
    kind.byName.set(nameKey(item.namespace, item.name), index);
  });
  return kinds;
}

/** `namespace/name`, or `/name`. */
export function nameKey(namespace: string | undefined, name: string): string {
  return `${namespace ?? ''}/${name}`;
}
