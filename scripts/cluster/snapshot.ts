// Keeps the content of clusters under a name, and brings it back: into the same cluster or into another one.

import { UsageError } from '../base/errors.ts';
import type { Provider } from '../providers/provider.ts';
import type { SnapshotManifest } from '../providers/snapshots/manifest.ts';
import { type SnapshotList, SnapshotStore, noSuchSnapshot } from '../providers/snapshots/store.ts';
import type { Settings } from '../settings/schema.ts';
import { type ClusterContext, clusterProviders } from '../context.ts';
import { withClusterLock } from './cluster-lock.ts';
import { clusterNames } from './down.ts';
import { noSuchCluster } from './find.ts';
import { type StartOptions, type Started, resume } from './start.ts';

export interface SavedSnapshot {
  snapshot: SnapshotManifest;
  durationMs: number;
}

/** @throws UsageError where there is no such cluster, it has no snapshots, or there is one of this name. */
export async function saveSnapshot(
  { name, snapshot, signal, say }: { name: string; snapshot: string } & Pick<StartOptions, 'signal' | 'say'>,
  wiring: ClusterContext,
): Promise<SavedSnapshot> {
  return withClusterLock(name, { signal, say }, wiring, async () => {
    const begun = wiring.clock.now();
    for (const kind of clusterProviders) {
      const provider = await wiring.provider(kind);
      if (!(await namesOf(provider)).includes(name)) continue;
      if (!provider.snapshots) throw notOurs(name);
      const saved = await provider.snapshots.save(name, snapshot, signal);
      if (saved) return { snapshot: saved, durationMs: wiring.clock.now() - begun };
    }
    throw noSuchCluster([name], await clusterNames(wiring));
  });
}

/** @throws UsageError where there is no such snapshot, or it does not fit; and what `runSteps` throws. */
export async function restoreSnapshot(
  { name, snapshot: wanted }: { name: string; snapshot: SnapshotManifest },
  settings: Settings,
  options: StartOptions,
  wiring: ClusterContext,
): Promise<Started> {
  return withClusterLock(name, options, wiring, async () => {
    for (const kind of clusterProviders.filter((one) => one !== wanted.provider)) {
      if (!(await namesOf(await wiring.provider(kind))).includes(name)) continue;
      if (kind === 'existing') throw notOurs(name);
      throw new UsageError(
        `"${name}" is a cluster of the provider ${kind}, and the snapshot of one of ${wanted.provider}`,
      );
    }
    const provider = await wiring.provider(wanted.provider);
    if (!provider.snapshots) throw new UsageError('there are no snapshots here');
    const found = await provider.snapshots.restore(name, wanted);
    return resume({ name, provider, found }, settings, options, wiring);
  });
}

/** @throws UsageError where there is none of this name. */
export async function findSnapshot(name: string, { stateHome }: ClusterContext): Promise<SnapshotManifest> {
  const store = new SnapshotStore(stateHome);
  const found = await store.read(name);
  if (!found) throw noSuchSnapshot(name, await store.names());
  return found;
}

export function listSnapshots({ stateHome }: ClusterContext): Promise<SnapshotList> {
  return new SnapshotStore(stateHome).list();
}

/** @throws UsageError that names all that there are none of, before any is removed. */
export async function removeSnapshots(names: readonly string[], { stateHome }: ClusterContext): Promise<void> {
  const store = new SnapshotStore(stateHome);
  const known = await store.names();
  for (const name of names) if (!known.includes(name)) throw noSuchSnapshot(name, known);
  await Promise.all(names.map((name) => store.remove(name)));
}

/** None where the provider cannot be asked. */
function namesOf(provider: Provider): Promise<string[]> {
  return provider.list().catch((): string[] => []);
}

function notOurs(name: string): UsageError {
  return new UsageError(
    `there are no snapshots of "${name}", a cluster of the provider existing: hoist did not create it`,
    {
      hint: 'Snapshots are of clusters of the providers embedded and k3d.',
    },
  );
}
