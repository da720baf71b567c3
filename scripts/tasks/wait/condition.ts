// What a cluster wait waits for, as a judgement over single objects.

import type { KubeObject } from '../../kube/object.ts';
import { conditionText } from '../../kube/watch/verdict.ts';
import { isWorkloadKind, workloadVerdict } from '../../kube/watch/workload.ts';
import { parseJsonPath, textOf } from './jsonpath.ts';

export interface Wanted {
  /** Whether the objects are to exist, or to be gone. */
  gone: boolean;
  /** Why an object is not as wanted; undefined where it is. */
  judge: (object: KubeObject, kind: string) => string | undefined;
}

/** @param condition empty, `exists`, `delete`, `ready`, the name of a condition in any case, or `{.jsonpath}=value` */
export function wantedOf(condition: string): Wanted {
  const text = condition.trim();
  const word = text.toLowerCase();
  if (word === '' || word === 'exist' || word === 'exists' || word === 'create')
    return { gone: false, judge: () => undefined };
  if (word === 'delete' || word === 'deleted') return { gone: true, judge: () => 'still exists' };
  if (text.startsWith('{') || word.startsWith('jsonpath='))
    return { gone: false, judge: jsonPathJudge(text.replace(/^jsonpath=/i, '')) };
  const [name = '', value = 'true'] = text.replace(/^condition=/i, '').split('=');
  if (name.toLowerCase() === 'ready' && value.toLowerCase() === 'true') return { gone: false, judge: readyJudge };
  return { gone: false, judge: (object) => conditionJudge(object, name, value) };
}

interface Conditioned extends KubeObject {
  status?: {
    observedGeneration?: number;
    phase?: string;
    conditions?: { type: string; status: string; reason?: string; message?: string; observedGeneration?: number }[];
  };
}

function conditionJudge(object: Conditioned, name: string, value: string): string | undefined {
  const found = object.status?.conditions?.find(({ type }) => type.toLowerCase() === name.toLowerCase());
  if (found === undefined) return `has no condition ${name}`;
  const generation = object.metadata.generation ?? 0;
  const observed = found.observedGeneration ?? object.status?.observedGeneration ?? generation;
  if (observed < generation) return 'its controller has not seen the last change yet';
  return found.status.toLowerCase() === value.toLowerCase() ? undefined : conditionText(found);
}

/** The condition Ready where an object has it, its rollout where it is a workload; anything else is ready as it is. */
function readyJudge(object: Conditioned, kind: string): string | undefined {
  const hasReady = object.status?.conditions?.some(({ type }) => type === 'Ready') === true;
  if (hasReady) return conditionJudge(object, 'Ready', 'true');
  if (isWorkloadKind(kind)) return workloadVerdict(kind, object)?.why;
  if (object.status?.conditions?.some(({ type }) => type === 'Available') === true) {
    return conditionJudge(object, 'Available', 'true');
  }
  const generation = object.metadata.generation ?? 0;
  if ((object.status?.observedGeneration ?? generation) < generation)
    return 'its controller has not seen the last change yet';
  return kind === 'Node' ? 'has not reported its state' : undefined;
}

function jsonPathJudge(text: string): Wanted['judge'] {
  const [, written = text, value] = /^(\{.*?\}|(?:[^={}[]|\[[^\]]*\])+?)\s*(?:=(.*))?$/s.exec(text) ?? [];
  const path = parseJsonPath(written);
  return (object) => {
    const found = path(object);
    if (found.length === 0) return `has nothing at ${written}`;
    if (value === undefined || found.some((one) => textOf(one) === value)) return undefined;
    return `${written} is ${found.map(textOf).join(', ')}`;
  };
}
