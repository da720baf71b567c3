// One command at a time works on a cluster of a name.

import { join } from 'node:path';
import { makeFolder } from '../host/files/make-folder.ts';
import { HoistError, isErrno, messageOf } from '../base/errors.ts';
import { clusterName } from '../base/names.ts';
import { describeHolder, withLock } from '../host/lock.ts';
import type { ClusterContext } from '../context.ts';

export interface ClusterLockOptions {
  signal: AbortSignal;
  /** Called with one line that says what it waits for. */
  say?: (line: string) => void;
}

/** Node says ENOENT of a file system that is read-only, where it may make the folders above, too. */
function reasonOf(error: unknown): string {
  return isErrno(error, 'ENOENT') ? 'nothing can be made there, as on a read-only file system' : messageOf(error);
}

/**
 * Resolves like `work`, which begins when no other command works on the cluster.
 * @throws the signal's reason; UsageError where no cluster can have this name.
 */
export async function withClusterLock<T>(
  name: string,
  { signal, say }: ClusterLockOptions,
  { stateHome }: Pick<ClusterContext, 'stateHome'>,
  work: () => Promise<T>,
): Promise<T> {
  const onWait = (holder: Parameters<typeof describeHolder>[0]): void =>
    say?.(`waiting: another hoist process is using cluster "${name}" (${describeHolder(holder)})`);
  // The first that is made of the state: whatever the umask, it is the user's alone.
  await makeFolder(join(stateHome, 'locks'), 0o700).catch((error: unknown) => {
    throw new HoistError(`the state folder ${stateHome} cannot be made: ${reasonOf(error)}`, {
      hint: 'Set XDG_STATE_HOME to a folder that can be written.',
      cause: error,
    });
  });
  return withLock(join(stateHome, 'locks', `${clusterName(name)}.lock`), { signal, onWait }, work);
}
