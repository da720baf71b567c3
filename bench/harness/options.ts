// The command line that every bench understands.

import { parseArgs } from 'node:util';
import { messageOf, UsageError } from '../../scripts/base/errors.ts';

export interface Options {
  /** Measured turns of each side. */
  runs: number;
  output: 'text' | 'json';
  help: boolean;
}

/** @throws UsageError for an unknown flag or a value that cannot be used. */
export function readOptions(argv: readonly string[], defaultRuns: number): Options {
  const values = parse(argv);
  const runs = values.runs === undefined ? defaultRuns : Number(values.runs);
  if (!Number.isInteger(runs) || runs < 1)
    throw new UsageError(`--runs ${values.runs ?? ''}: a whole number of at least 1 is expected`);
  const output = values.output ?? 'text';
  if (output !== 'text' && output !== 'json') throw new UsageError(`--output ${output}: text or json is expected`);
  return { runs, output, help: values.help ?? false };
}

function parse(argv: readonly string[]): { runs?: string; output?: string; help?: boolean } {
  try {
    return parseArgs({
      args: [...argv],
      options: { runs: { type: 'string' }, output: { type: 'string' }, help: { type: 'boolean' } },
    }).values;
  } catch (error) {
    throw new UsageError(messageOf(error));
  }
}

export function usage(bench: { name: string; question: string; runs?: number }): string {
  return [
    bench.question,
    '',
    `npx tsx bench/${bench.name}.ts [--runs N] [--output text|json]`,
    `  --runs N       measured turns of each side (default ${bench.runs ?? 5}); fewer than 5 are a look, not a measurement`,
    '  --output json  one object with all samples, then as the last line one with the ratios',
    '',
    'Ends with 0 where every ratio meets its target, with 7 where one does not.',
  ].join('\n');
}
