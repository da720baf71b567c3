// Whether what was applied to a cluster also runs: the workloads that its sets hold, by the rules of `kubectl rollout status`.

import { KubeApiError } from '../../kube/client/errors.ts';
import { collectionPath, groupOf } from '../../kube/resources.ts';
import { isWorkloadKind, type Workload, workloadVerdict } from '../../kube/watch/workload.ts';
import type { Item } from '../desired/item.ts';
import type { Plan } from '../desired/set-plan.ts';
import type { Spoke } from '../spoke/spoke.ts';

export interface Unhealthy {
  why: string;
  /** Waiting does not help. */
  final: boolean;
}

const GROUPS: ReadonlySet<string> = new Set(['', 'apps', 'batch']);

/** The first workload that is not rolled out; undefined where all are. @throws as the spoke does */
export async function unhealthyOf(plan: Plan, spoke: Spoke, signal: AbortSignal): Promise<Unhealthy | undefined> {
  const workloads = plan.items.filter(
    ({ apiVersion, kind }) => GROUPS.has(groupOf(apiVersion)) && isWorkloadKind(kind),
  );
  const found = await Promise.all(workloads.map((item) => look(item, spoke, signal)));
  return found.find((one) => one?.final === true) ?? found.find((one) => one !== undefined);
}

async function look(item: Item, spoke: Spoke, signal: AbortSignal): Promise<Unhealthy | undefined> {
  const { apiVersion, kind, namespace = 'default', name } = item;
  const resource = await spoke.find(apiVersion, kind, signal);
  if (resource === undefined || !isWorkloadKind(kind)) return undefined;
  const title = `${kind} ${namespace}/${name}`;
  try {
    const path = `${collectionPath(resource, namespace)}/${encodeURIComponent(name)}`;
    const verdict = workloadVerdict(kind, await spoke.json<Workload>({ path, signal }));
    return verdict === undefined ? undefined : { why: `${title}: ${verdict.why}`, final: verdict.final === true };
  } catch (error) {
    if (error instanceof KubeApiError && error.status === 404) return { why: `${title} does not exist`, final: false };
    throw error;
  }
}
