// The ladder: whether an object has to be applied, from its metadata alone.

import { type Item } from '../desired/item.ts';
import { HASH } from '../desired/names.ts';
import { hasPredecessor, type Listed, ownFields, versionNumber } from './listed.ts';

export type Decision =
  /** Same version as when it was last found as wanted, for the same body. */
  | 'same-version'
  /** Our fields are what they were after our apply of this body; others may have changed fields of their own. */
  | 'same-fields'
  /** CreateOnly, and it exists. */
  | 'exists'
  | 'apply'
  /** Apply, after what hive or kubectl own was taken over. */
  | 'take-over'
  /** It is being deleted, and can be applied only once it is gone. */
  | 'terminating';

/** @param seen version number at which it was last found as wanted, for this very item */
export function decide(item: Item, listed: Listed | undefined, seen: number | undefined): Decision {
  if (listed === undefined) return 'apply';
  const { metadata } = listed;
  if (seen !== undefined && seen === versionNumber(metadata)) return 'same-version';
  if (item.behavior === 'CreateOnly') return 'exists';
  if (metadata.deletionTimestamp !== undefined) return 'terminating';
  const own = ownFields(metadata.managedFields);
  if (own !== undefined && metadata.annotations?.[HASH] === item.hash && item.known.has(own)) return 'same-fields';
  return hasPredecessor(metadata.managedFields) ? 'take-over' : 'apply';
}
