// Writes the values that won a sweep into the settings file, which otherwise stays as its author left it.

import { ConfigError } from '../../base/errors.ts';
import { readTextBounded } from '../../host/files/bounded.ts';
import { writeAtomic } from '../../host/files/files.ts';
import type { Variant } from './factors.ts';

/**
 * Sets each winner in the YAML file; comments and order stay.
 * @throws ConfigError where the file cannot be read or is no YAML
 */
export async function saveWinners(file: string, winners: readonly Variant[]): Promise<void> {
  const { parseDocument } = await import('yaml');
  const text = await readTextBounded(file).catch((cause: unknown) => {
    throw new ConfigError([{ where: file, message: 'cannot be read' }], { cause });
  });
  const document = parseDocument(text);
  const [error] = document.errors;
  if (error !== undefined) throw new ConfigError([{ where: file, message: error.message }]);
  for (const { option, value } of winners) document.setIn(option.key.split('.'), typed(option.kind, value));
  await writeAtomic(file, document.toString({ lineWidth: 0 }));
}

function typed(kind: Variant['option']['kind'], value: string): string | number | boolean {
  if (kind === 'number') return Number(value);
  return kind === 'boolean' ? value === 'true' : value;
}
