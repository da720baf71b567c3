// Registers a cluster on a hub that hive has not made: its kubeconfig in a Secret, and one or many ClusterDeployments for it.

import { HoistError } from '../../base/errors.ts';
import { apply } from '../../kube/apply/apply.ts';
import type { KubeClient } from '../../kube/client/client.ts';
import type { Manifest } from '../../kube/manifests/manifest.ts';
import { clusterDeploymentPath } from './paths.ts';

export interface AdoptOptions {
  namespace: string;
  name: string;
  /** How many ClusterDeployments stand for the one cluster, as hive's scale test does; named NAME-0 and so on if above 1. */
  copies: number;
  labels: Readonly<Record<string, string>>;
  /** Holds everything itself, and names no file. */
  kubeconfig: string;
  now: Date;
  signal: AbortSignal;
  concurrency: number;
}

/** Names of the ClusterDeployments. Done again, it brings labels and kubeconfig up to date. */
export async function adopt(client: KubeClient, options: AdoptOptions): Promise<string[]> {
  const { namespace, name, copies, signal } = options;
  const secret = `${name}-admin-kubeconfig`;
  const names = copies === 1 ? [name] : Array.from({ length: copies }, (_, at) => `${name}-${at}`);
  const first: Manifest[] = [
    manifest('v1', 'Namespace', { name: namespace }, {}),
    manifest(
      'v1',
      'Secret',
      { name: secret, namespace },
      { type: 'Opaque', data: { kubeconfig: Buffer.from(options.kubeconfig).toString('base64') } },
    ),
  ];
  await apply(client, first, { signal, fieldManager: 'hoist-sync-adopt', onConflict: 'take' });
  const deployments = names.map((one) =>
    manifest(
      'hive.openshift.io/v1',
      'ClusterDeployment',
      { name: one, namespace, labels: options.labels },
      {
        spec: {
          clusterName: one,
          baseDomain: 'adopted.invalid',
          installed: true,
          preserveOnDelete: true,
          clusterMetadata: { adminKubeconfigSecretRef: { name: secret } },
        },
      },
    ),
  );
  await apply(client, deployments, {
    signal,
    fieldManager: 'hoist-sync-adopt',
    onConflict: 'take',
    concurrency: options.concurrency,
  });
  await inParallel(names, options.concurrency, (one) => reachable(client, one, options));
  return names;
}

function manifest(apiVersion: string, kind: string, metadata: Manifest['object']['metadata'], rest: object): Manifest {
  return { object: { apiVersion, kind, metadata, ...rest }, where: 'adopt' };
}

/** A hive hub probes this itself; where there is none, we say so. */
async function reachable(client: KubeClient, name: string, { namespace, now, signal }: AdoptOptions): Promise<void> {
  const at = now.toISOString().replace(/\.\d+Z$/, 'Z');
  await client.json({
    method: 'PATCH',
    path: `${clusterDeploymentPath(namespace, name)}/status`,
    query: { fieldManager: 'hoist-sync-adopt' },
    contentType: 'application/merge-patch+json',
    body: {
      status: {
        installedTimestamp: at,
        conditions: [
          {
            type: 'Unreachable',
            status: 'False',
            reason: 'Adopted',
            message: 'adopted by hoist sync',
            lastProbeTime: at,
            lastTransitionTime: at,
          },
        ],
      },
    },
    signal,
  });
}

/** Runs over the names, so many at once; stops at the first failure. */
async function inParallel<T>(all: readonly T[], concurrency: number, work: (one: T) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let at = next++; at < all.length; at = next++) {
      const one = all[at];
      if (one !== undefined) await work(one);
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, all.length) }, worker));
}

/** @throws HoistError where it is no name for an object */
export function checkName(what: string, name: string): string {
  if (/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(name)) return name;
  throw new HoistError(
    `${what} must be a DNS label of at most 63 lower-case letters, digits and dashes, not "${name}"`,
  );
}
