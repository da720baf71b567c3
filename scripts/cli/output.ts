// The --output, --quiet and --verbose flags as every command takes them.

import { UsageError } from '../base/errors.ts';
import type { Arguments } from './command.ts';

export interface OutputWish {
  output: 'text' | 'json';
  quiet: boolean;
  verbose: boolean;
}

/** @throws UsageError for another format. */
export function outputWish(args: Arguments): OutputWish {
  const output = args.values['output'] ?? 'text';
  if (output !== 'text' && output !== 'json') throw new UsageError(`--output must be text or json, not "${output}"`);
  return { output, quiet: args.switches['quiet'] ?? false, verbose: args.switches['verbose'] ?? false };
}
