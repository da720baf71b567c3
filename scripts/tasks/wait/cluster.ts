// Waits for objects of a cluster by watching them, from before there is a cluster until they are as wanted.

import { setTimeout as sleep } from 'node:timers/promises';
import { HoistError, messageOf } from '../../base/errors.ts';
import type { Exec } from '../../host/exec.ts';
import { type KubeClient, connect } from '../../kube/client/client.ts';
import { kubeconfigPaths } from '../../kube/kubeconfig/kubeconfig.ts';
import { readConnection } from '../../kube/kubeconfig/read.ts';
import { type KubeObject, keyOf } from '../../kube/object.ts';
import { collectionPath } from '../../kube/resources.ts';
import { type Snapshot, watchUntil } from '../../kube/watch/watch.ts';
import { type Wanted, wantedOf } from './condition.ts';
import { findKind } from './kinds.ts';

export interface ClusterWait {
  kind: string;
  /** A name, or a label selector. */
  name: string;
  namespace: string | undefined;
  condition: string;
  /** Of the action: KUBECONFIG in it counts. */
  env: Readonly<Record<string, string>>;
  exec: Exec;
  signal: AbortSignal;
  /** What is missing, whenever that changes. */
  onMiss: (why: string) => void;
}

/** ms between two attempts to reach a cluster, or to find a kind, that is not there yet. */
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2_000;

/** Resolves when all that is asked for is as wanted. @throws the signal's reason; HoistError for a condition that is none */
export async function waitForCluster(wait: ClusterWait): Promise<void> {
  const wanted = wantedOf(wait.condition);
  const { signal, onMiss } = wait;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
    signal.throwIfAborted();
    try {
      if (await attempt(wait, wanted)) return;
      onMiss(`the cluster has no kind "${wait.kind}"`);
    } catch (error) {
      signal.throwIfAborted();
      // Neither a cluster that does not answer nor a missing kubeconfig is final: another action may be making it.
      if (!(error instanceof HoistError)) throw error;
      onMiss(messageOf(error));
    }
    await sleep(pauseMs, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}

/** False where the cluster does not know the kind. */
async function attempt(wait: ClusterWait, wanted: Wanted): Promise<boolean> {
  const { env, exec, signal } = wait;
  const target = await readConnection({ paths: kubeconfigPaths(env, undefined), exec });
  const client = connect(target.connection);
  try {
    const found = await findKind(client, wait.kind, signal);
    if (found === undefined) return wanted.gone;
    const namespace = wait.namespace ?? target.namespace ?? 'default';
    await follow(client, { path: collectionPath(found.resource, namespace), kind: found.kind, wanted, wait });
    return true;
  } finally {
    client.close();
  }
}

interface Following {
  path: string;
  kind: string;
  wanted: Wanted;
  wait: ClusterWait;
}

function follow(client: KubeClient, { path, kind, wanted, wait }: Following): Promise<true> {
  const { name, signal, onMiss } = wait;
  const selector = /[=!]|\bin\b|\bnotin\b/.test(name);
  return watchUntil<KubeObject, true>(client, {
    path,
    query: selector ? { labelSelector: name } : { fieldSelector: `metadata.name=${name}` },
    signal,
    until(objects) {
      const missing = missingOf(objects, kind, wanted, selector ? `${kind} with ${name}` : `${kind} ${name}`);
      if (missing !== undefined) onMiss(missing);
      return missing === undefined ? true : undefined;
    },
  });
}

/** A selector that matches nothing is not met by that. */
function missingOf(
  objects: Snapshot<KubeObject>,
  kind: string,
  { gone, judge }: Wanted,
  what: string,
): string | undefined {
  if (objects.size === 0) return gone ? undefined : `there is no ${what}`;
  for (const object of objects.values()) {
    const why = judge(object, kind);
    if (why !== undefined) return `${kind} ${keyOf(object)}: ${why}`;
  }
  return undefined;
}
