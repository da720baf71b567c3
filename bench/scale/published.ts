// Published sets as a fleet: clusters with labels that the sets' own selectors name, so that all combinations occur.

import { readObjects } from '../../scripts/fleet/sources/files.ts';
import { isSet, parseSet } from '../../scripts/fleet/sets/parse.ts';
import type { SyncSet } from '../../scripts/fleet/sets/types.ts';
import type { Fleet } from '../../scripts/fleet/sources/source.ts';
import type { FleetCluster } from '../../scripts/fleet/targets/types.ts';
import { builtinResources, groupOf, kindKey } from '../../scripts/kube/resources.ts';
import { fleetOf } from '../../test/fleet/world.ts';
import type { KindOf } from './emulator.ts';

/** Clusters of as many kinds: versions, products, regions. */
const PROFILES = 12;

export interface Published {
  sets: SyncSet[];
  kinds: KindOf[];
  labels: (at: number) => Record<string, string>;
}

/** @throws where the file cannot be read, or a set in it is wrong */
export async function published(file: string): Promise<Published> {
  const { objects } = await readObjects([file], {});
  const sets = objects.filter(({ object }) => isSet(object)).map(({ object, where }) => parseSet(object, where).set);
  return { sets, kinds: kindsOf(sets), labels: labelsOf(sets) };
}

/** The sets on the clusters, where every Secret that they copy is there. */
export function publishedFleet({ sets }: Pick<Published, 'sets'>, clusters: readonly FleetCluster[]): Fleet {
  return { ...fleetOf(sets, clusters), secret: () => Promise.resolve({ type: 'Opaque', data: { token: 'eA==' } }) };
}

/** The kinds that not every server has. */
function kindsOf(sets: readonly SyncSet[]): KindOf[] {
  const kinds = new Map<string, KindOf>();
  for (const one of sets.flatMap(({ resources, patches }) => [...resources, ...patches])) {
    const { apiVersion, kind, namespace, metadata } = one as {
      apiVersion: string;
      kind: string;
      namespace?: string;
      metadata?: { namespace?: string };
    };
    if (builtinResources.has(kindKey(apiVersion, kind))) continue;
    const namespaced = (namespace ?? metadata?.namespace) !== undefined;
    const version = apiVersion.split('/').at(-1) ?? '';
    const plural = `${kind.toLowerCase()}s`;
    kinds.set(kindKey(apiVersion, kind), { group: groupOf(apiVersion), version, kind, plural, namespaced });
  }
  return [...kinds.values()];
}

function labelsOf(sets: readonly SyncSet[]): Published['labels'] {
  const values = new Map<string, Set<string>>();
  const always: Record<string, string> = {};
  for (const { selector } of sets) {
    Object.assign(always, selector?.matchLabels ?? {});
    for (const { key, operator, values: some } of selector?.matchExpressions ?? []) {
      if (operator === 'In') values.set(key, new Set([...(values.get(key) ?? []), ...(some ?? [])]));
    }
  }
  return (at) => {
    const profile = at % PROFILES;
    const drawn = [...values].flatMap(([key, some], number) => {
      const list = [...some, undefined];
      const value = list[(profile * 7 + number * 3) % list.length];
      return value === undefined ? [] : [[key, value] as const];
    });
    return { ...Object.fromEntries(drawn), ...always };
  };
}
