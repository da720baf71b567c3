// What a cluster of the fleet is: hive's ClusterDeployment, as far as syncing reads it.

import type { KubeConnection } from '../../kube/client/connection.ts';

export interface FleetCluster {
  /** `namespace/name`: unique in the fleet. */
  id: string;
  namespace: string;
  name: string;
  /** Of the ClusterDeployment; for a cluster from a file, a hash of its id. Spreads the cluster over time and shards. */
  uid: string;
  labels: Readonly<Record<string, string>>;
  annotations: Readonly<Record<string, string>>;
  /** Why nothing is to be done with it now: paused, deleting, not installed, unreachable. */
  skip?: string | undefined;
  /** ISO 8601; where it is known. */
  installedAt?: string | undefined;
  /** Which server and credentials; resolved when first used. @throws HoistError that says what is missing */
  connection: () => Promise<KubeConnection>;
  where: string;
}

/** A Secret on the hub, as far as mappings copy it. */
export interface SourceSecret {
  type?: string | undefined;
  data?: Readonly<Record<string, string>> | undefined;
  labels?: Readonly<Record<string, string>> | undefined;
  annotations?: Readonly<Record<string, string>> | undefined;
}
