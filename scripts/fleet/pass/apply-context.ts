// What applying one object needs to know, and where the object is.

import { HoistError } from '../../base/errors.ts';
import { collectionPath, type Resource } from '../../kube/resources.ts';
import type { Item } from '../desired/item.ts';
import type { FieldChange } from '../difference/fields.ts';
import { isSegment } from '../ladder/listed.ts';
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

/** @throws HoistError where a name would make another path of it: behind a proxy, that may be another cluster */
export function pathOf(item: Pick<Item, 'name'> & { namespace?: string | undefined }, resource: Resource): string {
  const namespace = resource.namespaced ? (item.namespace ?? 'default') : undefined;
  for (const name of [item.name, ...(namespace === undefined ? [] : [namespace])]) {
    if (!isSegment(name)) throw new HoistError(`"${name}" can be no name of an object`);
  }
  return `${collectionPath(resource, namespace)}/${encodeURIComponent(item.name)}`;
}
