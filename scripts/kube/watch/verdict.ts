// What a judgement over an object looks like, and those over nodes and conditions.

import type { Condition, KubeObject } from '../object.ts';

/** Why something is not ready. */
export interface ReadyVerdict {
  why: string;
  /** It will not become ready by waiting. */
  final?: boolean;
}

export interface Node extends KubeObject {
  status?: { conditions?: Condition[] };
}

/** `Reason: message` of a condition, as far as it has them. */
export function conditionText({ type, status, reason, message }: Condition): string {
  const parts = [reason, message].filter((part) => part !== undefined && part !== '');
  return parts.length === 0 ? `${type} is ${status}` : parts.join(': ');
}

/**
 * Undefined where the node is Ready.
 * @param startedAt when it was started last, in ms since the epoch; reports have whole seconds.
 */
export function nodeVerdict(node: Node, startedAt = 0): ReadyVerdict | undefined {
  const ready = node.status?.conditions?.find((condition) => condition.type === 'Ready');
  if (ready === undefined) return { why: 'has not reported its state' };
  const heardAt = Date.parse(ready.lastHeartbeatTime ?? '');
  if (heardAt < Math.floor(startedAt / 1000) * 1000) return { why: 'has not reported its state since it was started' };
  return ready.status === 'True' ? undefined : { why: conditionText(ready) };
}
