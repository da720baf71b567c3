// Where sets and clusters come from: files or a hub, seen as one state at a time.

import type { SyncSet } from '../sets/types.ts';
import type { FleetCluster, SourceSecret } from '../targets/types.ts';

/** Everything that decides what the clusters are to hold. */
export interface Fleet {
  sets: readonly SyncSet[];
  clusters: readonly FleetCluster[];
  /** Those of other shards too, where there are any: two of them may be one server. */
  everyone?: readonly FleetCluster[] | undefined;
  /** Secrets that mappings copy. @throws where the hub does not answer */
  secret(namespace: string, name: string): Promise<SourceSecret | undefined>;
  /** Set ids that exist but cannot be used; what they own is left alone. */
  broken: ReadonlySet<string>;
  /** Whether all of it was read: nothing may be deleted because of a fleet that is not complete. */
  complete: boolean;
  /** Why the state is doubted, though it was read whole: what it would delete needs to be confirmed. */
  lost?: string | undefined;
}
