// A fleet that changes at random, what a cluster is to hold at each moment, and what the server's audit log says was deleted.

import { readFileSync } from 'node:fs';
import { OWNERS } from '../../scripts/fleet/desired/names.ts';
import { matches } from '../../scripts/fleet/sets/selector.ts';
import type { SyncSet } from '../../scripts/fleet/sets/types.ts';
import type { KubeClient } from '../../scripts/kube/client/client.ts';
import type { KubeList, KubeObject } from '../../scripts/kube/object.ts';
import { configMap, selectorSet } from './world.ts';

/** The same numbers for the same seed: a failure can be repeated. */
export function randomOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

interface Draft {
  mode: 'Sync' | 'Upsert';
  /** The value of the label that it selects by; undefined for any. */
  tier: string | undefined;
  /** Data by object. */
  objects: Map<string, string>;
}

const TIERS = ['gold', 'silver'];

export interface Spec {
  clusterDeploymentSelector: object;
  resourceApplyMode: string;
  resources: object[];
}

/** A fleet that changes at random, and what one cluster is to hold. */
export class World {
  readonly sets = new Map<string, Draft>();
  tier = 'gold';
  #data = 0;

  /** @param objects how many there are in all */
  constructor(
    readonly random: (below: number) => number,
    readonly objects = 10,
  ) {}

  pick<T>(all: readonly T[]): T | undefined {
    return all[this.random(all.length)];
  }

  change(): void {
    const { random, sets } = this;
    const set = sets.get(this.pick([...sets.keys()]) ?? '');
    const name = `safe-${random(this.objects)}`;
    const kind = set === undefined ? 0 : random(7);
    if (set === undefined || kind === 0) {
      const mode = random(4) === 0 ? 'Upsert' : 'Sync';
      sets.set(`set-${random(6)}`, { mode, tier: this.pick([undefined, ...TIERS]), objects: new Map() });
    } else if (kind === 1) sets.delete(this.pick([...sets.keys()]) ?? '');
    else if (kind === 2) this.tier = this.pick(TIERS) ?? '';
    else if (kind === 3) {
      // An object moves from one set to another.
      const other = sets.get(this.pick([...sets.keys()]) ?? '') ?? set;
      const moved = this.pick([...set.objects.keys()]) ?? name;
      set.objects.delete(moved);
      other.objects.set(moved, String(this.#data++));
    } else if (kind === 4) set.objects.delete(name);
    else set.objects.set(name, String(this.#data++));
  }

  /** The spec of each set. */
  specs(): Map<string, Spec> {
    return new Map(
      [...this.sets].map(([name, { mode, tier, objects }]) => [
        name,
        {
          clusterDeploymentSelector: { matchLabels: { fleet: 'test', ...(tier === undefined ? {} : { tier }) } },
          resourceApplyMode: mode,
          resources: [...objects].map(([object, value]) => configMap(object, { value })),
        },
      ]),
    );
  }

  parsed(): SyncSet[] {
    return [...this.specs()].map(([name, spec]) => selectorSet(name, { ...spec }));
  }

  /** Data by object: the last set in order of name wins. */
  wanted(): Map<string, string> {
    const labels = { fleet: 'test', tier: this.tier };
    const chosen = this.parsed()
      .filter(({ selector }) => selector !== undefined && matches(selector, labels))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
    return new Map(chosen.flatMap(({ name }) => [...(this.sets.get(name)?.objects ?? [])]));
  }
}

/** Names of the objects that were deleted, after so many lines of the log. */
export function deletions(log: string, after: number): { names: string[]; lines: number } {
  const lines = readFileSync(log, 'utf8').trim().split('\n');
  const entries = lines
    .slice(after)
    .flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Record<string, never>]));
  interface Entry {
    stage: string;
    objectRef: { name?: string; resource: string };
    responseStatus?: { code: number };
  }
  const done = (entries as unknown as Entry[]).filter(
    ({ stage, objectRef, responseStatus }) =>
      stage === 'ResponseComplete' && objectRef.resource === 'configmaps' && responseStatus?.code === 200,
  );
  return { names: done.map(({ objectRef }) => objectRef.name ?? ''), lines: lines.length };
}

/** What differs between the cluster and what the sets say; nothing where all is well. */
export async function unlike(world: World, client: KubeClient): Promise<string[]> {
  type Map_ = KubeObject & { data?: Record<string, string> };
  const { items } = await client.json<KubeList<Map_>>({ path: '/api/v1/namespaces/default/configmaps' });
  const found = new Map(
    items.filter(({ metadata }) => metadata.name.startsWith('safe-')).map((one) => [one.metadata.name, one]),
  );
  const wanted = world.wanted();
  const wrong = [...wanted].filter(([name, value]) => found.get(name)?.data?.['value'] !== value);
  const left = [...found].filter(
    ([name, { metadata }]) => !wanted.has(name) && metadata.annotations?.[OWNERS] !== undefined,
  );
  return [
    ...wrong.map(([name, value]) => `${name} is ${found.get(name)?.data?.['value'] ?? 'missing'}, not ${value}`),
    ...left.map(([name]) => `${name} was left by a Sync set`),
  ];
}
