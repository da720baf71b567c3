// What kube-apiserver writes into an empty etcd for itself, distinguished from all that a cluster's users and controllers write: pure.

import { randomUUID } from 'node:crypto';
import type { KeyValue, StoredKey } from '../etcd/etcd-client.ts';
import { readStored, renewed } from '../etcd/stored-object.ts';

/**
 * What is the same in every cluster of one kube-apiserver. Namespaces, services, leases, service accounts, ConfigMaps
 * with certificates and addresses are a cluster's own, and are not here; kube-apiserver makes them in each.
 */
export const SEED_PREFIXES: readonly string[] = [
  '/registry/clusterrolebindings/',
  '/registry/clusterroles/',
  '/registry/flowschemas/',
  '/registry/priorityclasses/',
  '/registry/prioritylevelconfigurations/',
  '/registry/rolebindings/kube-public/',
  '/registry/rolebindings/kube-system/',
  '/registry/roles/kube-public/',
  '/registry/roles/kube-system/',
];

/** kube-apiserver under each of the names that it writes by. */
const OWN_MANAGERS: readonly string[] = [
  'kube-apiserver',
  'api-priority-and-fairness-config-producer-v1',
  'api-priority-and-fairness-config-consumer-v1',
];

/** Whether kube-apiserver alone ever wrote a field of it. */
export function isBare({ key, value, expires }: StoredKey): boolean {
  if (expires || !SEED_PREFIXES.some((prefix) => key.startsWith(prefix))) return false;
  const managers = readStored(value)?.managers ?? [];
  return managers.length > 0 && managers.every((manager) => OWN_MANAGERS.includes(manager));
}

/** The objects as those of a new cluster: uids of their own, made now. */
export function planted(entries: readonly KeyValue[], now: Date): KeyValue[] {
  const seconds = Math.floor(now.getTime() / 1000);
  return entries.map(({ key, value }) => ({ key, value: renewed(value, randomUUID(), seconds) }));
}
