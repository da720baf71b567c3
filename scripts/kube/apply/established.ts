// Waits until a CustomResourceDefinition is served, by watching it.

import { HealthError } from '../../base/errors.ts';
import type { KubeClient } from '../client/client.ts';
import type { Condition, KubeObject } from '../object.ts';
import { conditionText } from '../watch/verdict.ts';
import { watchUntil, WatchTimeoutError } from '../watch/watch.ts';

export interface Definition extends KubeObject {
  spec?: {
    group?: string;
    scope?: string;
    names?: { kind?: string; plural?: string };
    versions?: { name?: string; served?: boolean }[];
  };
  status?: { conditions?: Condition[] };
}

/** Why the definition is not served yet; undefined where it is. */
export function definitionVerdict(definition: Definition): { why: string; final: boolean } | undefined {
  const conditions = definition.status?.conditions ?? [];
  const find = (type: string): Condition | undefined => conditions.find((condition) => condition.type === type);
  if (find('Established')?.status === 'True') return undefined;
  const names = find('NamesAccepted');
  if (names?.status === 'False') return { why: conditionText(names), final: true };
  return { why: 'is not Established yet', final: false };
}

/**
 * Resolves when the definition of that name is Established.
 * @throws HealthError where the time (ms) is over, or its names are taken by another definition
 */
export async function waitEstablished(
  client: KubeClient,
  name: string,
  options: { timeoutMs: number; signal?: AbortSignal | undefined },
): Promise<void> {
  let last = 'it is not there';
  try {
    await watchUntil<Definition, true>(client, {
      path: '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
      query: { fieldSelector: `metadata.name=${name}` },
      ...options,
      until(definitions) {
        const definition = definitions.get(name);
        if (definition === undefined) return undefined;
        const verdict = definitionVerdict(definition);
        if (verdict?.final === true) throw new HealthError(`CustomResourceDefinition ${name}: ${verdict.why}`);
        last = verdict?.why ?? '';
        return verdict === undefined ? true : undefined;
      },
    });
  } catch (error) {
    if (!(error instanceof WatchTimeoutError)) throw error;
    throw new HealthError(`CustomResourceDefinition ${name} after ${options.timeoutMs / 1000} s: ${last}`, {
      cause: error,
    });
  }
}
