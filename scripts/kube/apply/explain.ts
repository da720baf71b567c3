// Turns the server's refusal of an object into words that say what to do; never repeats what a Secret holds.

import { HoistError, messageOf } from '../../base/errors.ts';
import { KubeApiError } from '../client/errors.ts';
import { conflictsOf } from './conflicts.ts';
import { stringifyExact } from '../manifests/exact-json.ts';
import { type Manifest, titleOf } from '../manifests/manifest.ts';

const longestMessage = 500;

/** What to report of an object that could not be applied. */
export interface Explanation {
  message: string;
  hint?: string | undefined;
}

/** Explains the error of an object; what is not the server's refusal is reported as it is. */
export function explain(manifest: Manifest, error: unknown): Explanation {
  if (!(error instanceof KubeApiError)) {
    return { message: messageOf(error), ...(error instanceof HoistError ? { hint: error.hint } : {}) };
  }
  const { message, hint } = explainRefusal(manifest, error);
  const safe = manifest.object.kind === 'Secret' ? withoutSecrets(message, manifest.object) : message;
  return { message: safe.length > longestMessage ? `${safe.slice(0, longestMessage)}…` : safe, hint };
}

function explainRefusal(manifest: Manifest, error: KubeApiError): Explanation {
  const { namespace } = manifest.object.metadata;
  const conflicts = conflictsOf(error);
  if (conflicts.length > 0) {
    const fields = conflicts.map(({ field, manager }) => `${field} (by ${manager})`);
    return {
      message: `changed by others since the last apply: ${fields.join(', ')}`,
      hint: 'take these fields out of the manifest, or let the setting onConflict take them back or leave them',
    };
  }
  const immutable = error.causes.filter(isImmutable);
  if (error.status === 422 && immutable.length > 0) {
    return {
      message: `cannot be changed on the existing object: ${immutable.map(({ field }) => field ?? '?').join(', ')}`,
      hint: `delete it first (kubectl delete ${kubectlName(manifest)}), or keep the old value`,
    };
  }
  if (error.causes.some((cause) => cause.reason === 'NamespaceTerminating')) {
    return {
      message: `namespace ${namespace ?? ''} is being deleted`,
      hint: 'wait until it is gone and try again; finalizers of its content may hold it (kubectl get namespace -o yaml)',
    };
  }
  if (error.status === 404 && error.details.kind === 'namespaces') {
    return {
      message: `namespace ${error.details.name ?? ''} does not exist`,
      hint: 'add it to the namespaces of the settings, or to the manifests',
    };
  }
  if (error.status === 403) {
    return {
      message: error.message,
      hint: error.message.includes('cannot patch') ? 'the user lacks the right' : undefined,
    };
  }
  const known = HINTS.find(({ said }) => said.test(error.message));
  const message = error.message.replaceAll(/&value\.valueUnstructured\{Value:(.*?)\}(?=\s|$)/g, '$1');
  return { message, hint: error.hint ?? known?.hint };
}

/** What the server says of mistakes that many make, and what to do about them. */
const HINTS: readonly { said: RegExp; hint: string }[] = [
  {
    said: /expected string, got &value\.valueUnstructured\{Value:(true|false|-?[\d.]+([eE][-+]?\d+)?)\}/,
    hint: 'put the value in quotes: without them YAML reads yes, no, on, off, true, false and numbers as something else',
  },
  {
    said: /metadata\.managedFields must be nil|uid mismatch|resourceVersion|the object has been modified/,
    hint: "it looks like an export of `kubectl get -o yaml`: take metadata.managedFields, uid, resourceVersion and creationTimestamp out of it, which are the server's, and status",
  },
];

function isImmutable({ message = '' }: { message?: string }): boolean {
  return /field is immutable|may not be changed|updates to .* are forbidden|cannot be changed/i.test(message);
}

function kubectlName(manifest: Manifest): string {
  const { namespace, name } = manifest.object.metadata;
  const kind = titleOf(manifest).split(' ')[0]?.toLowerCase() ?? '';
  return `${kind} ${name}${namespace === undefined ? '' : ` -n ${namespace}`}`;
}

/** The server quotes offending values, and a Secret's values must reach no log. */
function withoutSecrets(message: string, object: Manifest['object']): string {
  let safe = message;
  for (const field of ['data', 'stringData']) {
    for (const value of Object.values((object[field] ?? {}) as Record<string, unknown>)) {
      const plain = typeof value === 'string' ? value : stringifyExact(value);
      for (const form of [plain, JSON.stringify(plain).slice(1, -1), Buffer.from(plain, 'base64').toString()]) {
        if (form.length > 0) safe = safe.replaceAll(form, '***');
      }
    }
  }
  return safe;
}
