// `hoist sync diff`: what a pass would change, field by field, and nothing does.

import { ExitCode, UsageError } from '../../../../base/errors.ts';
import type { ClusterContext } from '../../../../context.ts';
import { type ClusterRecord, Runner } from '../../../../fleet/runner.ts';
import { Service } from '../../../../fleet/service.ts';
import { styleFor } from '../../../../progress/style.ts';
import { terminalOf } from '../../../../progress/terminal.ts';
import { realWiring } from '../../../../wiring.ts';
import type { Io } from '../../../command.ts';
import { outputOptions } from '../../../output.ts';
import { redactedText } from '../../../redaction.ts';
import { readFleet, warningLines } from '../fleet-input.ts';
import type { FormArguments } from '../flags.ts';
import { hubClient } from '../hub-input.ts';
import { fleetOptions, passFlags } from '../options.ts';
import { runnerOptions } from '../runner-options.ts';
import { differenceText, differencesOf } from '../view/difference.ts';

/** As `diff`'s: there are differences. */
const DIFFERENT = 1;

/** Exit code 1 where something differs, 3 where that could not be found out everywhere. */
export async function diff(args: FormArguments<'diff'>, io: Io): Promise<number> {
  const output = outputOptions(args);
  const context = realWiring(io.env, io.cwd);
  const records = await rehearsed(args, io, context);
  const differences = differencesOf(records);
  const stdout = terminalOf(io.stdout, io.env);
  if (output.output === 'json') {
    stdout.write(`${redactedText(JSON.stringify({ type: 'sync-diff', ...differences }))}\n`);
  } else {
    const view = { style: styleFor(stdout), quiet: output.quiet, verbose: output.verbose };
    stdout.write(`${redactedText(differenceText(differences, view).join('\n'))}\n`);
  }
  if (differences.failed.length > 0) return ExitCode.unhealthy;
  return differences.changes.length + differences.held.length > 0 ? DIFFERENT : ExitCode.ok;
}

async function rehearsed(args: FormArguments<'diff'>, io: Io, context: ClusterContext): Promise<ClusterRecord[]> {
  const { flags, operands } = args;
  const pass = passFlags({ ...flags, 'dry-run': true, attempts: '1' });
  const options = { ...runnerOptions(pass), clock: context.clock, fields: true };
  if (flags.hub === undefined) {
    if (operands.length === 0) throw new UsageError('name files or folders with sets and clusters, or a --hub');
    const fleet = await readFleet(operands, fleetOptions(flags), context);
    io.stderr.write(warningLines(fleet));
    const runner = new Runner(fleet, options);
    try {
      await runner.once(io.signal);
    } finally {
      runner.close();
    }
    return [...runner.records.values()];
  }
  if (operands.length > 0) throw new UsageError('sets and clusters come from the hub: files cannot be named beside it');
  const hub = await hubClient(flags, context);
  const onProblem = (message: string): void => {
    io.stderr.write(`${redactedText(message)}\n`);
  };
  const service = new Service({ ...options, hub, now: context.now, onProblem });
  try {
    await service.once(io.signal);
  } finally {
    hub.close();
  }
  return [...service.runner.records.values()];
}
