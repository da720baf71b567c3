// Reads a ClusterDeployment: what syncing needs of it, and why it may have to be left alone.

import { createHash } from 'node:crypto';
import { isIP } from 'node:net';
import { HoistError } from '../../base/errors.ts';
import type { KubeConnection } from '../../kube/client/connection.ts';
import { isMapping, type Json, textMap } from '../sets/parse.ts';
import type { FleetCluster, SourceSecret } from './types.ts';

/** Parsed as Go's strconv.ParseBool does. */
const truths = new Set(['1', 't', 'T', 'true', 'TRUE', 'True']);

const PAUSES = ['hive.openshift.io/syncset-pause', 'hive.openshift.io/reconcile-pause'];
const RELOCATE = 'hive.openshift.io/relocate';

export function isClusterDeployment(object: Json): boolean {
  const { apiVersion, kind } = object;
  return typeof apiVersion === 'string' && apiVersion.startsWith('hive.openshift.io/') && kind === 'ClusterDeployment';
}

export interface ClusterDeploymentOptions {
  where: string;
  /** Reads the Secret with the kubeconfig. */
  secret: (namespace: string, name: string) => Promise<SourceSecret | undefined>;
  /** Makes a connection of a kubeconfig's text. */
  connect: (kubeconfig: string, where: string) => Promise<KubeConnection>;
  /** Whether status and `spec.installed` count: a hub says them, a file says nothing of them. */
  fromHub: boolean;
}

/** @returns a sentence where it is no usable ClusterDeployment */
export function readClusterDeployment(object: Json, options: ClusterDeploymentOptions): FleetCluster | string {
  const metadata = isMapping(object['metadata']) ? object['metadata'] : {};
  const spec = isMapping(object['spec']) ? object['spec'] : {};
  const { name } = metadata;
  const namespace = typeof metadata['namespace'] === 'string' ? metadata['namespace'] : 'default';
  if (typeof name !== 'string' || name === '') return 'the ClusterDeployment has no metadata.name';
  const annotations = textMap(metadata['annotations']);
  const id = `${namespace}/${name}`;
  return {
    id,
    namespace,
    name,
    uid: typeof metadata['uid'] === 'string' ? metadata['uid'] : uidOf(id),
    labels: textMap(metadata['labels']),
    annotations,
    skip: skipOf(object, annotations, options.fromHub),
    installedAt: installedAt(object),
    connection: () => connectionOf(spec, namespace, options),
    where: options.where,
  };
}

/** A stable stand-in for the uid of what was never on a server. */
export function uidOf(id: string): string {
  return createHash('sha256').update(id).digest('hex').slice(0, 32);
}

function installedAt(object: Json): string | undefined {
  const status = isMapping(object['status']) ? object['status'] : {};
  const at = status['installedTimestamp'];
  return typeof at === 'string' ? at : undefined;
}

/** Why nothing is done with a hub's cluster: paused, being deleted, not installed, unreachable. */
export function skipReason(object: Json): string | undefined {
  const metadata = isMapping(object['metadata']) ? object['metadata'] : {};
  return skipOf(object, textMap(metadata['annotations']), true);
}

function skipOf(object: Json, annotations: Readonly<Record<string, string>>, fromHub: boolean): string | undefined {
  const pause = PAUSES.find((key) => truths.has(annotations[key] ?? ''));
  if (pause !== undefined) return `paused by ${pause}`;
  if (annotations[RELOCATE] !== undefined) return 'relocating';
  const metadata = isMapping(object['metadata']) ? object['metadata'] : {};
  if (metadata['deletionTimestamp'] !== undefined && metadata['deletionTimestamp'] !== null) return 'being deleted';
  if (!fromHub) return undefined;
  const spec = isMapping(object['spec']) ? object['spec'] : {};
  if (spec['installed'] !== true) return 'not installed';
  return isUnreachable(object) ? 'unreachable' : undefined;
}

/** As hive: without a word on it, a cluster counts as unreachable. */
function isUnreachable(object: Json): boolean {
  const status = isMapping(object['status']) ? object['status'] : {};
  const conditions = Array.isArray(status['conditions']) ? status['conditions'].filter(isMapping) : [];
  return conditions.find((one) => one['type'] === 'Unreachable')?.['status'] !== 'False';
}

async function connectionOf(
  spec: Json,
  namespace: string,
  { secret, connect, where }: ClusterDeploymentOptions,
): Promise<KubeConnection> {
  const metadata = isMapping(spec['clusterMetadata']) ? spec['clusterMetadata'] : {};
  const ref = isMapping(metadata['adminKubeconfigSecretRef']) ? metadata['adminKubeconfigSecretRef'] : {};
  if (typeof ref['name'] !== 'string') {
    throw new HoistError(`${where}: spec.clusterMetadata.adminKubeconfigSecretRef.name is missing`);
  }
  const found = await secret(namespace, ref['name']);
  const encoded = found?.data?.['kubeconfig'];
  if (encoded === undefined) {
    const what = found === undefined ? 'does not exist' : 'has no key "kubeconfig"';
    throw new HoistError(`${where}: Secret ${namespace}/${ref['name']} ${what}`);
  }
  const connection = await connect(Buffer.from(encoded, 'base64').toString(), `Secret ${namespace}/${ref['name']}`);
  const control = isMapping(spec['controlPlaneConfig']) ? spec['controlPlaneConfig'] : {};
  return overridden(connection, control, where);
}

/** The address that the hub is to use in place of the kubeconfig's; the certificate is still checked for the latter's name. */
function overridden(connection: KubeConnection, control: Json, where: string): KubeConnection {
  const url = control['apiURLOverride'];
  const ip = control['apiServerIPOverride'];
  const original = new URL(connection.server);
  if (typeof url === 'string' && url !== '') {
    const server = url.includes('://') ? url : `https://${url}`;
    if (/^https?:\/\//.test(server) && URL.canParse(server)) return { ...connection, server };
    throw new HoistError(`${where}: spec.controlPlaneConfig.apiURLOverride is no address of an API server`);
  }
  if (typeof ip !== 'string' || ip === '') return connection;
  if (isIP(ip) === 0) throw new HoistError(`${where}: spec.controlPlaneConfig.apiServerIPOverride is no IP address`);
  const name = connection.tlsServerName ?? original.hostname;
  original.hostname = ip.includes(':') ? `[${ip}]` : ip;
  return { ...connection, server: original.href.replace(/\/$/, ''), tlsServerName: name };
}
