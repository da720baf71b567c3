// The --output, --quiet and --verbose flags as every command takes them.

import { UsageError } from '../base/errors.ts';
import type { Arguments, outputFlags } from './command.ts';

export interface OutputOptions {
  output: 'text' | 'json';
  quiet: boolean;
  verbose: boolean;
}

/** @throws UsageError for another format. */
export function outputOptions({ flags }: Pick<Arguments<typeof outputFlags>, 'flags'>): OutputOptions {
  const { output = 'text', quiet, verbose } = flags;
  if (output !== 'text' && output !== 'json') throw new UsageError(`--output must be text or json, not "${output}"`);
  return { output, quiet, verbose };
}
