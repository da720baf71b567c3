// The last words of a run over the fleet, and its exit code.

import { ExitCode } from '../../../../base/errors.ts';
import type { HostContext } from '../../../../context.ts';
import type { ClusterRecord } from '../../../../fleet/runner.ts';
import { styleFor } from '../../../../progress/style.ts';
import { terminalOf } from '../../../../progress/terminal.ts';
import type { Io } from '../../../command.ts';
import type { OutputOptions } from '../../../output.ts';
import type { Rollout } from '../rollout-input.ts';
import { summaryOf, summaryText } from './summary.ts';

interface Concluded {
  output: OutputOptions;
  dryRun: boolean;
  context: HostContext;
  io: Io;
  rollout?: Rollout | undefined;
}

export function conclude(
  records: readonly ClusterRecord[],
  ms: number,
  { output, dryRun, context, io, rollout }: Concluded,
): number {
  const stdout = terminalOf(io.stdout, io.env);
  const summary = summaryOf(records, ms, dryRun);
  if (output.output === 'json') {
    stdout.write(
      `${JSON.stringify({ type: 'sync', time: context.now().toISOString(), ...summary, stopped: rollout?.stopped })}\n`,
    );
  } else {
    const view = { style: styleFor(stdout), quiet: output.quiet, verbose: output.verbose };
    stdout.write(`${summaryText(summary, records, view).join('\n')}\n`);
    if (rollout?.stopped !== undefined) stdout.write(`${view.style.bad(view.style.marks.failed)} ${rollout.stopped}\n`);
  }
  if (rollout?.failed) return ExitCode.unhealthy;
  if (records.some(({ state }) => state === 'failed' || state === 'unreachable')) return ExitCode.unhealthy;
  return records.some(({ state }) => state === 'held') ? ExitCode.warnings : ExitCode.ok;
}
