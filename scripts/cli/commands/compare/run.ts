// What `hoist compare` does: options in, text out, exit code 7 for a regression.

import { resolve } from 'node:path';
import { logDirOf } from '../../../cluster/settings-files.ts';
import { ExitCode, UsageError } from '../../../base/errors.ts';
import { compare } from '../../../records/compare/compare.ts';
import type { CompareOptions } from '../../../records/compare/options.ts';
import { TOOLS } from '../../../records/record.ts';
import type { Io } from '../../command.ts';
import { environment } from '../../settings-input.ts';

const OUTPUTS = ['text', 'json', 'markdown'] as const;

interface CompareArguments {
  flags: Record<
    | 'config'
    | 'profile'
    | 'env-file'
    | 'output'
    | 'tool'
    | 'fail-on-regression'
    | 'prune'
    | 'report'
    | 'trace'
    | 'hyperfine',
    string | undefined
  >;
  settings: Readonly<Record<string, string>>;
  operands: readonly string[];
}

/** @throws RegressionError after the table was printed, where the gate finds one */
export async function runCompare({ flags, settings, operands }: CompareArguments, io: Io): Promise<number> {
  const path = (file: string | undefined): string | undefined =>
    file === undefined ? undefined : resolve(io.cwd, file);
  const request = { config: flags.config, flags: { ...settings, profile: flags.profile } };
  const options: CompareOptions = {
    selectors: operands,
    log: await logDirOf(request, { env: environment(flags['env-file'], io), cwd: io.cwd }),
    output: oneOf('output', flags.output ?? 'text', OUTPUTS),
    tool: flags.tool === undefined ? undefined : oneOf('tool', flags.tool, TOOLS),
    failOnRegression: flags['fail-on-regression'],
    prune: flags.prune === undefined ? undefined : count(flags.prune),
    report: path(flags.report),
    trace: path(flags.trace),
    hyperfine: path(flags.hyperfine),
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
