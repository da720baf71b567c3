// What applying one object needs to know, and where the object is.

import { collectionPath, type Resource } from '../../kube/resources.ts';
import type { Item } from '../desired/item.ts';
import type { FieldChange } from '../difference/fields.ts';
import type { Spoke } from '../spoke/spoke.ts';

export interface ApplyContext {
  spoke: Spoke;
  resource: Resource;
  signal: AbortSignal;
  dryRun: boolean;
  /** Sees the fields that a dry run would change; without it they are not looked at. */
  differs?: ((fields: readonly FieldChange[]) => void) | undefined;
  /** Fails on fields that the server does not know, rather than leaving them out. */
  strict: boolean;
  warn: (message: string) => void;
}

export function pathOf(item: Item, resource: Resource): string {
  const namespace = resource.namespaced ? (item.namespace ?? 'default') : undefined;
  return `${collectionPath(resource, namespace)}/${encodeURIComponent(item.name)}`;
}
