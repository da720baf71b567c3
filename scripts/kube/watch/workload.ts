// Pure judgements over workloads, by the rules of `kubectl rollout status`.

import type { Condition, KubeObject } from '../object.ts';
import { podVerdict } from './pod.ts';
import { conditionText, type ReadyVerdict } from './verdict.ts';

export interface LabelSelector {
  matchLabels?: Record<string, string>;
  matchExpressions?: { key: string; operator: string; values?: string[] }[];
}

export interface Workload extends KubeObject {
  spec?: {
    replicas?: number;
    completions?: number;
    suspend?: boolean;
    paused?: boolean;
    selector?: LabelSelector;
    updateStrategy?: { type?: string; rollingUpdate?: { partition?: number } };
  };
  status?: {
    observedGeneration?: number;
    conditions?: Condition[];
    replicas?: number;
    updatedReplicas?: number;
    readyReplicas?: number;
    availableReplicas?: number;
    currentRevision?: string;
    updateRevision?: string;
    desiredNumberScheduled?: number;
    updatedNumberScheduled?: number;
    numberAvailable?: number;
    numberReady?: number;
    succeeded?: number;
  };
}

export type WorkloadKind = 'Deployment' | 'StatefulSet' | 'DaemonSet' | 'Job' | 'Pod';

type Judge = (workload: Workload) => ReadyVerdict | undefined;

const judges: Readonly<Record<WorkloadKind, Judge>> = {
  Deployment: observed(deploymentVerdict),
  StatefulSet: observed(statefulSetVerdict),
  DaemonSet: observed(daemonSetVerdict),
  Job: jobVerdict,
  // The two differ in what they say of their status, which is checked field by field.
  Pod: podVerdict,
};

export function isWorkloadKind(kind: string): kind is WorkloadKind {
  return kind in judges;
}

/** Undefined where the workload is rolled out: all replicas updated and available, the job complete, the pod ready. */
export function workloadVerdict(kind: WorkloadKind, workload: Workload): ReadyVerdict | undefined {
  return judges[kind](workload);
}

/** Until its controller has seen the last change, a status describes the past. */
function observed(judge: Judge): Judge {
  return (workload) =>
    (workload.status?.observedGeneration ?? 0) < (workload.metadata.generation ?? 0)
      ? { why: 'its controller has not seen the last change yet' }
      : judge(workload);
}

function findCondition(workload: Workload, type: string): Condition | undefined {
  return workload.status?.conditions?.find((condition) => condition.type === type);
}

function deploymentVerdict(deployment: Workload): ReadyVerdict | undefined {
  const { spec = {}, status = {} } = deployment;
  const progressing = findCondition(deployment, 'Progressing');
  if (progressing?.reason === 'ProgressDeadlineExceeded') return { why: conditionText(progressing), final: true };
  const wanted = spec.replicas ?? 1;
  const { replicas = 0, updatedReplicas = 0, availableReplicas = 0 } = status;
  const failure = findCondition(deployment, 'ReplicaFailure');
  if (failure?.status === 'True') return { why: conditionText(failure) };
  if (updatedReplicas < wanted) return { why: `${updatedReplicas} of ${wanted} replicas are updated` };
  if (replicas > updatedReplicas) return { why: `${replicas - updatedReplicas} old replicas have not ended` };
  if (availableReplicas < updatedReplicas) return { why: `${availableReplicas} of ${wanted} replicas are available` };
  return undefined;
}

function statefulSetVerdict({ spec = {}, status = {} }: Workload): ReadyVerdict | undefined {
  const wanted = spec.replicas ?? 1;
  const { readyReplicas = 0, updatedReplicas = 0, updateRevision, currentRevision } = status;
  if (readyReplicas < wanted) return { why: `${readyReplicas} of ${wanted} replicas are ready` };
  if (spec.updateStrategy?.type === 'OnDelete') return undefined;
  const partition = spec.updateStrategy?.rollingUpdate?.partition ?? 0;
  const toUpdate = Math.max(0, wanted - partition);
  if (partition > 0) {
    return updatedReplicas < toUpdate ? { why: `${updatedReplicas} of ${toUpdate} replicas are updated` } : undefined;
  }
  return updateRevision === currentRevision
    ? undefined
    : { why: `${updatedReplicas} of ${wanted} replicas are updated` };
}

function daemonSetVerdict({ spec = {}, status = {} }: Workload): ReadyVerdict | undefined {
  const { desiredNumberScheduled: wanted = 0, updatedNumberScheduled = 0, numberAvailable = 0 } = status;
  if (spec.updateStrategy?.type !== 'OnDelete' && updatedNumberScheduled < wanted) {
    return { why: `${updatedNumberScheduled} of ${wanted} pods are updated` };
  }
  return numberAvailable < wanted ? { why: `${numberAvailable} of ${wanted} pods are available` } : undefined;
}

function jobVerdict(job: Workload): ReadyVerdict | undefined {
  if (findCondition(job, 'Complete')?.status === 'True') return undefined;
  const failed = findCondition(job, 'Failed');
  if (failed?.status === 'True') return { why: conditionText(failed), final: true };
  if (job.spec?.suspend === true) return { why: 'is suspended' };
  return { why: `${job.status?.succeeded ?? 0} of ${job.spec?.completions ?? 1} completions` };
}

/** A selector as the `labelSelector` of a query. */
export function selectorQuery({ matchLabels = {}, matchExpressions = [] }: LabelSelector): string {
  const operators: Record<string, (key: string, values: string) => string> = {
    In: (key, values) => `${key} in (${values})`,
    NotIn: (key, values) => `${key} notin (${values})`,
    Exists: (key) => key,
    DoesNotExist: (key) => `!${key}`,
  };
  return [
    ...Object.entries(matchLabels).map(([key, value]) => `${key}=${value}`),
    ...matchExpressions.map(({ key, operator, values = [] }) => operators[operator]?.(key, values.join(',')) ?? key),
  ].join(',');
}
