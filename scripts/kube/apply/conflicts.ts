// Decides, field by field, what becomes of fields that another manager has changed since the last apply.

import type { KubeApiError } from '../client/errors.ts';
import type { Manifest } from '../manifests/manifest.ts';
import { withoutField } from './field-path.ts';

/**
 * `decide`: what people changed is set back, what controllers own is left to them. `take`: all is set back.
 * `leave`: all is left as it is. `fail`: the object is refused.
 */
export type ConflictPolicy = 'decide' | 'take' | 'leave' | 'fail';

/** A field of the manifest that someone else has changed. */
export interface OwnedField {
  /** As the server writes it: `.spec.replicas`. */
  field: string;
  /** Who: `kubectl-edit`, `kube-controller-manager (scale)`. */
  manager: string;
}

export interface Resolution {
  /** What is to be sent instead, with force. */
  object: Manifest['object'];
  /** Set back to what the manifest says. */
  taken: readonly OwnedField[];
  /** Left to those who own them. */
  left: readonly OwnedField[];
}

/** The fields of a refusal that others own; none where it was refused for something else. */
export function conflictsOf(error: KubeApiError): OwnedField[] {
  return error.causes
    .filter(({ reason }) => reason === 'FieldManagerConflict')
    .map(({ field = '?', message = '' }) => {
      const [, manager = message, subresource] =
        /conflict with "([^"]*)"(?: with subresource "([^"]*)")?/.exec(message) ?? [];
      return { field, manager: subresource === undefined ? manager : `${manager} (${subresource})` };
    });
}

/** What to send instead; undefined where the refusal has to stand. */
export function resolveConflicts(
  object: Manifest['object'],
  conflicts: readonly OwnedField[],
  policy: ConflictPolicy,
): Resolution | undefined {
  if (policy === 'fail' || conflicts.length === 0) return undefined;
  const isLeft = ({ manager }: OwnedField): boolean =>
    policy === 'leave' || (policy === 'decide' && !isPerson(manager));
  const left = conflicts.filter(isLeft);
  let rest: Manifest['object'] | undefined = object;
  for (const { field } of left) rest = rest && (withoutField(rest, field) as Manifest['object'] | undefined);
  // A field that cannot be found in the manifest cannot be left out of it.
  if (rest === undefined) return undefined;
  return { object: rest, taken: conflicts.filter((one) => !isLeft(one)), left };
}

/**
 * Managers through which a person changes an object by hand: kubectl's commands, and clients for people. Objects that were
 * made before their fields had owners are `before-first-apply`.
 */
function isPerson(manager: string): boolean {
  return /^(kubectl|k9s|lens|freelens|headlamp|dashboard|node-fetch|Mozilla|curl|before-first-apply)\b/i.test(manager);
}
