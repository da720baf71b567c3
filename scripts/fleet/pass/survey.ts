// Looks at what a cluster holds of ours: one list for each kind that its sets have, or that was ever in use there.

import { messageOf } from '../../base/errors.ts';
import { KubeApiError } from '../../kube/client/errors.ts';
import { groupOf, type Resource } from '../../kube/resources.ts';
import type { Item } from '../desired/item.ts';
import { nameKey, type Plan } from '../desired/set-plan.ts';
import { type Listed, listManaged } from '../ladder/listed.ts';
import { configMaps, isInventory, type KindRef, kindsIn } from '../spoke/inventory.ts';
import type { Spoke } from '../spoke/spoke.ts';

export interface SurveyedKind extends KindRef {
  /** Undefined where the cluster has no such kind. */
  resource: Resource | undefined;
  /** By `namespace/name`. */
  listed: Map<string, Listed>;
  /** Why it could not be listed; its objects are then applied without looking, and none is deleted. */
  error?: string | undefined;
}

export interface Survey {
  /** By group and kind. */
  kinds: Map<string, SurveyedKind>;
  /** Kinds by the inventory. */
  recorded: readonly KindRef[];
  /** Objects with our mark. */
  owned: number;
}

const CONFIG_MAPS = '/ConfigMap';

export async function survey(plan: Plan, spoke: Spoke, signal: AbortSignal): Promise<Survey> {
  const kinds = new Map<string, SurveyedKind>();
  const own = plan.kinds.get(CONFIG_MAPS);
  // Alone and first: a cluster that does not answer then holds one request, not one for each kind.
  await look(own ?? { apiVersion: 'v1', kind: 'ConfigMap' });
  await Promise.all([...plan.kinds.values()].filter((kind) => kind !== own).map((kind) => look(kind)));
  const maps = kinds.get(CONFIG_MAPS);
  const inventory = [...(maps?.listed.values() ?? [])].find(isInventory);
  if (inventory !== undefined) maps?.listed.delete(nameKey(inventory.metadata.namespace, inventory.metadata.name));
  const recorded = kindsIn(inventory);
  await Promise.all(recorded.filter((kind) => !kinds.has(keyOf(kind))).map((kind) => look(kind)));
  let owned = 0;
  for (const { listed } of kinds.values()) owned += listed.size;
  return { kinds, recorded, owned };

  async function look({ apiVersion, kind }: KindRef): Promise<void> {
    const found: SurveyedKind = { apiVersion, kind, resource: undefined, listed: new Map() };
    kinds.set(keyOf(found), found);
    found.resource = kind === 'ConfigMap' ? configMaps : await spoke.find(apiVersion, kind, signal);
    if (found.resource === undefined) return;
    try {
      for (const item of await listManaged(spoke, found.resource, signal)) {
        found.listed.set(nameKey(item.metadata.namespace, item.metadata.name), item);
      }
    } catch (error) {
      // Without ConfigMaps nothing is known of what was in use: a cluster that does not let us see them cannot be kept.
      if (!(error instanceof KubeApiError) || keyOf(found) === CONFIG_MAPS) throw error;
      // The kind has gone since discovery was read.
      if (error.status === 404) found.resource = undefined;
      else found.error = messageOf(error);
    }
  }
}

export function keyOf({ apiVersion, kind }: KindRef): string {
  return `${groupOf(apiVersion)}/${kind}`;
}

/** The key under which a list has the item. */
export function listedKey(item: Item, resource: Resource): string {
  return nameKey(resource.namespaced ? (item.namespace ?? 'default') : undefined, item.name);
}
