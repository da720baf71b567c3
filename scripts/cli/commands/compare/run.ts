// What `hoist compare` does: options in, text out, exit code 7 for a regression.

import { resolve } from 'node:path';
import { logDirOf } from '../../../cluster/settings-files.ts';
import { ExitCode, UsageError } from '../../../base/errors.ts';
import { compare } from '../../../records/compare/compare.ts';
import type { CompareOptions } from '../../../records/compare/options.ts';
import { TOOLS } from '../../../records/record.ts';
import type { Arguments, Io } from '../../command.ts';
import { environment } from '../../settings-input.ts';

const OUTPUTS = ['text', 'json', 'markdown'] as const;

/** @throws RegressionError after the table was printed, where the gate finds one */
export async function runCompare(args: Arguments, io: Io): Promise<number> {
  const { values } = args;
  const path = (file: string | undefined): string | undefined =>
    file === undefined ? undefined : resolve(io.cwd, file);
  const options: CompareOptions = {
    selectors: args.operands,
    log: await logDirOf({ config: values['config'], flags: values }, { env: environment(args, io), cwd: io.cwd }),
    output: oneOf('output', values['output'] ?? 'text', OUTPUTS),
    tool: oneOf('tool', values['tool'] ?? 'up', TOOLS),
    failOnRegression: values['fail-on-regression'],
    prune: values['prune'] === undefined ? undefined : count(values['prune']),
    report: path(values['report']),
    trace: path(values['trace']),
    hyperfine: path(values['hyperfine']),
  };
  const { text, notes, regression } = await compare(options);
  io.stdout.write(text);
  for (const note of notes) io.stderr.write(`${note}\n`);
  if (regression !== undefined) throw regression;
  return ExitCode.ok;
}

function oneOf<T extends string>(flag: string, value: string, known: readonly T[]): T {
  const found = known.find((one) => one === value);
  if (found === undefined) throw new UsageError(`--${flag} must be one of ${known.join(', ')}, not "${value}"`);
  return found;
}

function count(text: string): number {
  if (!/^\d+$/.test(text)) throw new UsageError(`--prune must be a number of runs to keep, not "${text}"`);
  return Number(text);
}
