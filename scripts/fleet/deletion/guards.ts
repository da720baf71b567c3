// Decides which of the objects that no set wants may be deleted now, and why the others are held.

import { groupOf } from '../../kube/resources.ts';
import type { ObjectRef } from '../../kube/object.ts';
import { allowsDelete } from '../desired/item.ts';
import { isProtected, OWNERS } from '../desired/names.ts';
import type { Listed } from '../ladder/listed.ts';
import type { Held } from '../pass/result.ts';

export interface DeletionPolicy {
  /** Most objects of one cluster that one pass deletes: a count, or a share of what it holds of ours. */
  max: { count: number } | { share: number };
  /** Whether the user has confirmed what is above that. */
  confirmed: boolean;
  /** Kinds that may be deleted although they take much with them: `Namespace`. */
  kinds: ReadonlySet<string>;
}

/** As many are always within a share: of three objects, one is a third. */
const ALWAYS = 10;

/** An object with our mark that no applicable set holds. */
export interface Orphan {
  ref: ObjectRef;
  listed: Listed;
}

export interface DeletionVerdict {
  remove: Orphan[];
  held: Held[];
}

export interface Circumstances {
  /** Whether the state that says so was read whole. */
  complete: boolean;
  /** Why the state is doubted: that of a hub which has lost its data. */
  lost?: string | undefined;
  /** Ids of sets that did not render, or cannot be read: what they own is theirs. */
  unknown: ReadonlySet<string>;
  /** Ids of sets that are, or were, the source's; undefined where that is not written down, and every owner counts as known. */
  known?: ReadonlySet<string> | undefined;
  /** Objects of ours on the cluster. */
  owned: number;
  /** Whether another cluster of the fleet that is the same server wants the object. */
  wantedElsewhere: (ref: ObjectRef) => boolean;
}

/** The sets that own an object, by its own annotation. */
export function ownersOf({ metadata }: Listed): string[] {
  return (metadata.annotations?.[OWNERS] ?? '').split(' ').filter((id) => id !== '');
}

export function judge(orphans: readonly Orphan[], policy: DeletionPolicy, around: Circumstances): DeletionVerdict {
  const held: Held[] = [];
  let remove: Orphan[] = [];
  for (const orphan of orphans) {
    const kept = reasonToKeep(orphan, policy, around);
    if (kept === undefined) remove.push(orphan);
    else held.push({ ref: orphan.ref, ...kept });
  }
  const most = 'count' in policy.max ? policy.max.count : Math.max(ALWAYS, Math.floor(around.owned * policy.max.share));
  if (remove.length > most && !policy.confirmed) {
    const reason = `${remove.length} of ${around.owned} objects would be deleted, more than ${most}: needs confirmation`;
    held.push(
      ...remove.map(({ ref, listed }) => ({ ref, reason, allowedBy: 'confirmation' as const, sets: ownersOf(listed) })),
    );
    remove = [];
  }
  return { remove, held };
}

type Kept = Omit<Held, 'ref'>;

function reasonToKeep({ ref, listed }: Orphan, policy: DeletionPolicy, around: Circumstances): Kept | undefined {
  const sets = ownersOf(listed);
  if (!around.complete) return { reason: 'the sets could not all be read', sets };
  if (around.lost !== undefined && !policy.confirmed)
    return { reason: `${around.lost}: needs confirmation`, allowedBy: 'confirmation', sets };
  const unknown = sets.find((id) => around.unknown.has(id));
  if (unknown !== undefined) return { reason: `${unknown} could not be rendered`, sets };
  if (around.wantedElsewhere(ref)) return { reason: 'another cluster of the fleet, on the same server, holds it' };
  const { known } = around;
  if (known !== undefined && !policy.confirmed && !sets.some((id) => known.has(id))) {
    // A hub that was restored from an older state, or another hub than the one that made it.
    return { reason: `the hub knows nothing of ${sets.join(', ')}: needs confirmation`, allowedBy: 'confirmation' };
  }
  const needsWord = isProtected(groupOf(ref.apiVersion), ref.kind);
  if (needsWord && !policy.kinds.has(ref.kind) && !allowsDelete(listed.metadata.annotations)) {
    return { reason: `a ${ref.kind} is deleted only where that is allowed by name`, allowedBy: 'kind', sets };
  }
  return undefined;
}
