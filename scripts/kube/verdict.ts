// Pure judgements over objects: why something is not ready yet, or undefined where it is.

import type { Condition, KubeObject } from './object.ts';

export interface Node extends KubeObject {
  status?: { conditions?: Condition[] };
}

/** `Reason: message` of a condition, as far as it has them. */
export function conditionText(condition: Condition): string {
  return [condition.reason, condition.message].filter((part) => part !== undefined && part !== '').join(': ');
}

/** Why the node is not Ready; undefined where it is. */
export function nodeVerdict(node: Node): string | undefined {
  const ready = node.status?.conditions?.find((condition) => condition.type === 'Ready');
  if (ready === undefined) return 'has not reported its state';
  if (ready.status === 'True') return undefined;
  const text = conditionText(ready);
  return text === '' ? `Ready is ${ready.status}` : text;
}
