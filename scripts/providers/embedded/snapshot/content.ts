// Which keys of etcd a snapshot has, and what becomes of them in a cluster that is another one than it was taken of: pure.

import { type KeyValue, type StoredKey } from '../etcd/etcd-client.ts';
import { isSecretOf, readStored, renewed, withoutData } from '../etcd/stored-object.ts';

/** Everything that the API stores. */
export const ROOT = '/registry/';

/** What a running kube-apiserver says of itself, by its own address and certificate. */
const OF_THE_SERVER = [
  /^\/registry\/leases\/kube-system\/apiserver-/,
  /^\/registry\/configmaps\/kube-system\/extension-apiserver-authentication$/,
  /^\/registry\/masterleases\//,
  /^\/registry\/peerserverleases\//,
];

/** The uid of this namespace is what tools take for the cluster's own. */
export const IDENTITY_KEY = '/registry/namespaces/kube-system';

const TOKEN_SECRET = 'kubernetes.io/service-account-token';
/** The controller manager fills them in again. */
const TOKEN_DATA = ['token', 'ca.crt'];

const API_SERVICES = '/registry/apiregistration.k8s.io/apiservices/';
/** kube-apiserver makes one for each group that it serves, those of custom resources included, and removes them. */
const AUTOMANAGED = 'kube-aggregator.kubernetes.io/automanaged';

/** Whether a key is part of a snapshot. What etcd removes by itself, as events, is not. */
export function isContent({ key, value, expires }: Pick<StoredKey, 'key' | 'value' | 'expires'>): boolean {
  if (expires || OF_THE_SERVER.some((pattern) => pattern.test(key))) return false;
  return !(key.startsWith(API_SERVICES) && value.includes(AUTOMANAGED));
}

export interface Target {
  /** The uid of the cluster: that which it has, or a new one. */
  uid: string;
  /** Whether tokens of the snapshot's cluster are good in this one. */
  sameKeys: boolean;
}

/** An entry of a snapshot as it is written into a cluster. */
export function adapted({ key, value }: KeyValue, { uid, sameKeys }: Target): KeyValue {
  if (key === IDENTITY_KEY) return { key, value: withUid(value, uid) };
  if (!sameKeys && key.startsWith('/registry/secrets/') && isSecretOf(TOKEN_SECRET, value))
    return { key, value: withoutData(value, TOKEN_DATA) };
  return { key, value };
}

function withUid(value: Buffer, uid: string): Buffer {
  return readStored(value)?.uid === uid ? value : renewed(value, uid, undefined);
}
