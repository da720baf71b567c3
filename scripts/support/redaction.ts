// The redactor of a bundle: hoist's own rules, those of the specs' Redactors, and the values that both name.

import { ConfigError, messageOf } from '../base/errors.ts';
import { CustomRedactors, type RedactorSpec } from '../base/redact/custom.ts';
import { createRedactor, type Redactor } from '../base/redact/redactor.ts';
import type { Item } from './types.ts';

/** Shorter values of a Redactor are hidden in the files that it selects only. */
const SECRET_EVERYWHERE = 6;

export interface RedactionOptions {
  tokenize: boolean;
  /** Secrets that hoist itself knows. */
  values?: readonly string[];
}

/** @throws ConfigError with the place of every Redactor that cannot be used: nothing is collected then. */
export function bundleRedactor(items: readonly Item[], { tokenize, values = [] }: RedactionOptions): Redactor {
  const problems: { where: string; message: string }[] = [];
  const specs: RedactorSpec[] = [];
  for (const { spec, place } of items) {
    try {
      // Compiled one by one, so that each error has its place.
      new CustomRedactors([spec]);
      specs.push(spec);
    } catch (error) {
      problems.push({ where: `${place.file}:${place.line}:${place.column}`, message: messageOf(error) });
    }
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return createRedactor({
    tokenize,
    custom: specs.length === 0 ? undefined : new CustomRedactors(specs),
    // The Redactors themselves can be among what is collected, as ConfigMaps.
    values: [...values, ...namedValues(items)],
  });
}

/** Values that Redactors name, which are secret wherever they stand: in messages too. */
export function namedValues(items: readonly Item[]): string[] {
  return items
    .flatMap(({ spec }) => (spec as RedactorSpec).removals?.values ?? [])
    .filter((value) => typeof value === 'string' && value.length >= SECRET_EVERYWHERE);
}
