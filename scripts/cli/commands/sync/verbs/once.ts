// `hoist sync FILES`: one pass over the fleet, a table of what failed and why.

import { UsageError } from '../../../../base/errors.ts';
import { type ClusterRecord, Runner } from '../../../../fleet/runner.ts';
import { styleFor } from '../../../../progress/style.ts';
import { terminalOf } from '../../../../progress/terminal.ts';
import { realWiring } from '../../../../wiring.ts';
import type { Arguments, Io } from '../../../command.ts';
import { outputWish } from '../../../output.ts';
import { exitCodes } from '../exit-codes.ts';
import { readFleet } from '../fleet-input.ts';
import { syncOptions, type SyncOptions } from '../options.ts';
import { clusterJson, startLive } from '../view/live.ts';
import { summaryOf, summaryText } from '../view/summary.ts';

/** ms for one request, and for one pass over a cluster. */
const REQUEST_MS = 30_000;
const PASS_MS = 600_000;

export async function once(args: Arguments, io: Io): Promise<number> {
  const wish = outputWish(args);
  const options = syncOptions(args);
  const context = realWiring(io.env, io.cwd);
  const fleet = await readFleet(args.operands, options, context);
  if (fleet.sets.length === 0) throw new UsageError('the files hold no SyncSet and no SelectorSyncSet');
  const stdout = terminalOf(io.stdout, io.env);
  const stderr = terminalOf(io.stderr, io.env);
  for (const { where, message } of fleet.warnings) stderr.write(`warning: ${where}: ${message}\n`);
  const json = wish.output === 'json';
  const write = (line: object): void => stdout.write(`${JSON.stringify(line)}\n`);
  const runner = new Runner(fleet, {
    ...runnerOptions(options),
    clock: context.clock,
    onChange(record) {
      if (json && record.state !== 'running' && record.state !== 'pending') write(clusterJson(record, context.now()));
    },
  });
  const started = context.clock.now();
  const live = wish.quiet || json ? undefined : startLive(stderr, runner, context.clock);
  try {
    await runner.once(io.signal);
  } finally {
    live?.stop();
    runner.close();
  }
  const records = [...runner.records.values()];
  const summary = summaryOf(records, context.clock.now() - started, options.dryRun);
  if (json) write({ type: 'sync', time: context.now().toISOString(), ...summary });
  else
    stdout.write(
      `${summaryText(summary, records, { style: styleFor(stdout), quiet: wish.quiet, verbose: wish.verbose }).join('\n')}\n`,
    );
  return exitCodeFor(records);
}

export function runnerOptions(options: SyncOptions): Omit<ConstructorParameters<typeof Runner>[1], 'clock'> {
  return {
    random: Math.random,
    workers: options.workers,
    perCluster: 32,
    intervalMs: 7_200_000,
    attempts: options.attempts,
    requestMs: REQUEST_MS,
    passMs: PASS_MS,
    dryRun: options.dryRun,
    strict: options.strict,
    policy: options.policy,
  };
}

function exitCodeFor(records: readonly ClusterRecord[]): number {
  if (records.some(({ state }) => state === 'failed' || state === 'unreachable')) return exitCodes.failed;
  return records.some(({ state }) => state === 'held') ? exitCodes.held : exitCodes.synced;
}
