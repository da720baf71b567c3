// One command at a time works on a cluster of a name.

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { clusterName } from '../base/names.ts';
import { describeHolder, withLock } from '../host/lock.ts';
import type { ClusterContext } from '../context.ts';

export interface ClusterLockOptions {
  signal: AbortSignal;
  /** Called with one line that says what it waits for. */
  say?: (line: string) => void;
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
  // The first that is made of it: whatever the umask, it is the user's alone.
  await mkdir(join(stateHome, 'locks'), { recursive: true, mode: 0o700 });
  return withLock(join(stateHome, 'locks', `${clusterName(name)}.lock`), { signal, onWait }, work);
}
