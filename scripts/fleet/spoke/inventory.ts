// The object on each cluster that lists the kinds in use there: written before the first object of a new kind is.

import { collectionPath, type Resource } from '../../kube/resources.ts';
import { FIELD_MANAGER, INVENTORY, KINDS, MANAGED_LABEL } from '../desired/names.ts';
import type { Listed } from '../ladder/listed.ts';
import type { Spoke } from './spoke.ts';

export interface KindRef {
  apiVersion: string;
  kind: string;
}

export const configMaps: Resource = { base: '/api/v1', plural: 'configmaps', namespaced: true };

export function isInventory({ metadata }: Listed): boolean {
  return metadata.namespace === INVENTORY.namespace && metadata.name === INVENTORY.name;
}

/** The kinds that were in use; what is not `version/Kind` or `group/version/Kind` is passed over. */
export function kindsIn(inventory: Listed | undefined): KindRef[] {
  const text = inventory?.metadata.annotations?.[KINDS] ?? '';
  return text.split(' ').flatMap((entry) => {
    const match = /^((?:[a-z0-9.-]+\/)?v\w+)\/([A-Za-z]\w*)$/.exec(entry);
    return match === null ? [] : [{ apiVersion: match[1] ?? '', kind: match[2] ?? '' }];
  });
}

export async function writeInventory(spoke: Spoke, kinds: readonly KindRef[], signal: AbortSignal): Promise<void> {
  const { namespace, name } = INVENTORY;
  await spoke.json({
    method: 'PATCH',
    path: `${collectionPath(configMaps, namespace)}/${name}`,
    query: { fieldManager: FIELD_MANAGER, force: true },
    contentType: 'application/apply-patch+yaml',
    body: {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {
        namespace,
        name,
        labels: { [MANAGED_LABEL]: 'true' },
        annotations: { [KINDS]: [...new Set(kinds.map((one) => `${one.apiVersion}/${one.kind}`))].sort().join(' ') },
      },
    },
    signal,
  });
}
