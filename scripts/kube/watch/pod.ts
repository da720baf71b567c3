// Pure judgement over a pod: why it is not ready, in the words of its containers and conditions.

import type { Condition, KubeObject } from '../object.ts';
import { conditionText, type ReadyVerdict } from './verdict.ts';

interface ContainerStatus {
  name: string;
  ready?: boolean;
  restartCount?: number;
  state?: {
    waiting?: { reason?: string; message?: string };
    terminated?: { reason?: string; exitCode?: number; message?: string };
  };
  lastState?: { terminated?: { reason?: string; exitCode?: number } };
}

export interface Pod extends KubeObject {
  status?: {
    phase?: string;
    reason?: string;
    message?: string;
    conditions?: Condition[];
    initContainerStatuses?: ContainerStatus[];
    containerStatuses?: ContainerStatus[];
  };
}

/** Undefined where the pod is Ready, or has succeeded. */
export function podVerdict({ metadata, status = {} }: Pod): ReadyVerdict | undefined {
  const { phase, conditions = [], initContainerStatuses = [], containerStatuses = [] } = status;
  if (phase === 'Succeeded') return undefined;
  if (metadata.deletionTimestamp !== undefined) return { why: 'is being deleted' };
  const containers = [...initContainerStatuses, ...containerStatuses];
  const troubles = containers.map(containerTrouble).filter((trouble) => trouble !== undefined);
  if (phase === 'Failed') {
    const own = [status.reason, status.message].filter((part) => part !== undefined).join(': ');
    return { why: ['has failed', own, ...troubles].filter((part) => part !== '').join('; '), final: true };
  }
  const find = (type: string): Condition | undefined => conditions.find((condition) => condition.type === type);
  const ready = find('Ready');
  if (ready?.status === 'True') return undefined;
  const scheduled = find('PodScheduled');
  if (scheduled?.status === 'False') return { why: conditionText(scheduled) };
  if (troubles.length > 0) return { why: troubles.join('; ') };
  return { why: ready === undefined ? `is ${phase ?? 'Pending'}` : conditionText(ready) };
}

/** Reasons that every pod goes through on its way up, and that explain nothing. */
const ordinary = new Set(['ContainerCreating', 'PodInitializing']);

function containerTrouble({ name, restartCount = 0, state = {}, lastState }: ContainerStatus): string | undefined {
  const { waiting, terminated } = state;
  const before = lastState?.terminated;
  const past =
    restartCount > 0 && before !== undefined
      ? ` (restarted ${restartCount} times; last: ${before.reason ?? 'ended'}, exit code ${before.exitCode ?? '?'})`
      : '';
  if (waiting?.reason !== undefined && !ordinary.has(waiting.reason)) {
    return `container ${name}: ${[waiting.reason, waiting.message].filter((part) => part !== undefined).join(': ')}${past}`;
  }
  if (terminated !== undefined && terminated.exitCode !== 0) {
    return `container ${name}: ${terminated.reason ?? 'ended'}, exit code ${terminated.exitCode ?? '?'}${past}`;
  }
  return undefined;
}
