// Finds whether an apply has created, changed or left alone an object, without having read it before.

import type { KubeObject } from '../object.ts';

export type Outcome = 'created' | 'configured' | 'unchanged';

/** A revision that all earlier writes are not above; undefined where the server does not say. */
export type Baseline = bigint | undefined;

export interface ApplyAnswer {
  status: number;
  object: KubeObject;
  /** `Date` header of the answer: the server's clock, to the second. */
  date: string | string[] | undefined;
  /** ms between the request and the answer. */
  elapsedMs: number;
}

/**
 * An apply that changes nothing writes nothing: the object keeps its revision, and our entry in managedFields its time.
 * A revision at or below the baseline is older than the apply. Above it, it was written since: by us, if our entry is as young.
 */
export function outcomeOf(answer: ApplyAnswer, fieldManager: string, baseline: Baseline): Outcome {
  if (answer.status === 201) return 'created';
  const { metadata } = answer.object;
  const revision = revisionOf(metadata.resourceVersion);
  if (baseline !== undefined && revision !== undefined && revision <= baseline) return 'unchanged';
  const started = Date.parse(typeof answer.date === 'string' ? answer.date : '') - answer.elapsedMs;
  // Both clocks are cut to the second; within the same one that is not known, and a needless "configured" does no harm.
  const isOlder = (time: string | undefined): boolean => Date.parse(time ?? '') < Math.floor(started / 1000) * 1000;
  const entries = metadata.managedFields ?? [];
  const ours = entries.find(
    ({ manager, operation, subresource }) =>
      manager === fieldManager && operation === 'Apply' && subresource === undefined,
  );
  if (ours !== undefined) return isOlder(ours.time) ? 'unchanged' : 'configured';
  // The second apply of an object of which we own no field, like a bare Namespace, only notes the owner of the rest.
  const noted = entries.find(({ manager }) => manager === 'before-first-apply');
  return noted !== undefined && !isOlder(noted.time) ? 'unchanged' : 'configured';
}

/** An opaque resourceVersion, as a number where it is one. */
export function revisionOf(resourceVersion: string | undefined): bigint | undefined {
  return resourceVersion !== undefined && /^\d+$/.test(resourceVersion) ? BigInt(resourceVersion) : undefined;
}
