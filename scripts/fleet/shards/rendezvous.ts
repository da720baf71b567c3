// Which of several processes keeps a cluster: rendezvous hashing, so that only a lost shard's clusters move.

import { createHash } from 'node:crypto';

/**
 * The member with the highest weight for the key; the same in every process that sees the same members.
 * @param members without any, there is no owner
 */
export function ownerOf(key: string, members: Iterable<string>): string | undefined {
  let owner: string | undefined;
  let highest = '';
  for (const member of members) {
    const weight = createHash('sha256').update(member).update('\0').update(key).digest('hex');
    if (weight > highest) [owner, highest] = [member, weight];
  }
  return owner;
}
