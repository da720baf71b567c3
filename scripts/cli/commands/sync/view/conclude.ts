// The last words of a run over the fleet, and its exit code.

import { ExitCode } from '../../../../base/errors.ts';
import type { HostContext } from '../../../../context.ts';
import type { ClusterRecord } from '../../../../fleet/runner.ts';
import { styleFor } from '../../../../progress/style.ts';
import { terminalOf } from '../../../../progress/terminal.ts';
import type { Io } from '../../../command.ts';
import type { OutputWish } from '../../../output.ts';
import type { SyncOptions } from '../options.ts';
import { summaryOf, summaryText } from './summary.ts';

export function conclude(
  records: readonly ClusterRecord[],
  ms: number,
  { wish, options, context, io }: { wish: OutputWish; options: SyncOptions; context: HostContext; io: Io },
): number {
  const stdout = terminalOf(io.stdout, io.env);
  const summary = summaryOf(records, ms, options.dryRun);
  if (wish.output === 'json') {
    stdout.write(`${JSON.stringify({ type: 'sync', time: context.now().toISOString(), ...summary })}\n`);
  } else {
    const view = { style: styleFor(stdout), quiet: wish.quiet, verbose: wish.verbose };
    stdout.write(`${summaryText(summary, records, view).join('\n')}\n`);
  }
  if (records.some(({ state }) => state === 'failed' || state === 'unreachable')) return ExitCode.unhealthy;
  return records.some(({ state }) => state === 'held') ? ExitCode.warnings : ExitCode.ok;
}
