// `hoist sync lint`: mistakes in sets, located, without any cluster.

import { resolve } from 'node:path';
import { ConfigError, ExitCode, UsageError } from '../../../../base/errors.ts';
import { type LintFinding, lintSets } from '../../../../fleet/sets/lint.ts';
import { isSet } from '../../../../fleet/sets/parse.ts';
import { readObjects } from '../../../../fleet/sources/files.ts';
import { count } from '../../../../base/units.ts';
import { plain } from '../../../../base/layout.ts';
import { styleFor } from '../../../../progress/style.ts';
import { terminalOf } from '../../../../progress/terminal.ts';
import type { Io } from '../../../command.ts';
import { outputOptions } from '../../../output.ts';
import type { FormArguments } from '../flags.ts';
import { parameters } from '../options.ts';

/** Exit code 3 where there are errors; warnings alone are fine, with --strict they are errors. */
export async function lint(args: FormArguments<'lint'>, io: Io): Promise<number> {
  const { output, quiet } = outputOptions(args);
  if (args.operands.length === 0) throw new UsageError('name the files or folders that are to be checked');
  const { objects, problems } = await readObjects(
    args.operands.map((path) => resolve(io.cwd, path)),
    parameters(args.flags),
  );
  if (problems.length > 0) throw new ConfigError(problems);
  const sets = objects.filter(({ object }) => isSet(object));
  if (sets.length === 0) throw new UsageError('there is no SyncSet and no SelectorSyncSet in these files');
  const findings = lintSets(sets);
  const errors = findings.filter(({ level }) => args.flags.strict || level === 'error').length;
  const stdout = terminalOf(io.stdout, io.env);
  if (output === 'json') {
    stdout.write(`${JSON.stringify({ type: 'lint', sets: sets.length, errors, findings })}\n`);
  } else {
    const style = styleFor(stdout);
    if (!quiet) for (const finding of findings) stdout.write(`${lineOf(finding, style.bad, style.warn)}\n`);
    const warnings = findings.length - errors;
    stdout.write(`${count(sets.length, 'set')}, ${count(errors, 'error')}, ${count(warnings, 'warning')}\n`);
  }
  return errors > 0 ? ExitCode.unhealthy : ExitCode.ok;
}

function lineOf(
  { where, set, level, path, message, rule }: LintFinding,
  bad: (text: string) => string,
  warn: (text: string) => string,
): string {
  return `${plain(where)}: ${level === 'error' ? bad(level) : warn(level)}: ${plain(`${set}: ${path} ${message}`)} (${rule})`;
}
