// Go templates in the messages and conditions of checks, over what a check found.

import { TemplateError } from '../../../base/go-template/template-errors.ts';
import { evaluate } from '../../../base/go-template/evaluate.ts';
import { type Dialect, parseTemplate } from '../../../base/go-template/parse.ts';
import { functions } from '../../templates/functions.ts';
import { BadCheck } from './check.ts';

const dialect: Dialect = { left: '{{', right: '}}', functions };

/** The message with what `{{ }}` stands for. @throws BadCheck for what is no such template */
export function render(template: string, data: unknown): string {
  if (!template.includes('{{')) return template;
  try {
    return evaluate(parseTemplate(template, dialect), { dialect, data, field: member, nil: '' });
  } catch (error) {
    if (error instanceof TemplateError) throw new BadCheck(`${error.message} in: ${template}`);
    throw error;
  }
}

/** A key; fields of Go's structs are written with a capital letter, keys of JSON are not. */
function member(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  const own = keyIn(value, key);
  if (own !== undefined) return (value as Record<string, unknown>)[own];
  // Metadata is embedded in Go's objects.
  const metadata = 'metadata' in value ? value.metadata : undefined;
  const inner = typeof metadata === 'object' && metadata !== null ? keyIn(metadata, key) : undefined;
  return inner === undefined ? undefined : (metadata as Record<string, unknown>)[inner];
}

function keyIn(value: object, key: string): string | undefined {
  if (Object.hasOwn(value, key)) return key;
  return /^[A-Z]/.test(key) ? Object.keys(value).find((own) => own.toLowerCase() === key.toLowerCase()) : undefined;
}
