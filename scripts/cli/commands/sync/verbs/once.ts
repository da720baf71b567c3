// `hoist sync FILES`: one pass over the fleet, a table of what failed and why.

import { UsageError } from '../../../../base/errors.ts';
import { Runner } from '../../../../fleet/runner.ts';
import { terminalOf } from '../../../../progress/terminal.ts';
import { realWiring } from '../../../../wiring.ts';
import type { Io } from '../../../command.ts';
import { outputOptions } from '../../../output.ts';
import type { FormArguments } from '../flags.ts';
import { readFleet, warningLines } from '../fleet-input.ts';
import { historyOf } from '../history.ts';
import { fleetOptions, passFlags } from '../options.ts';
import { Rollout, rolloutFlags } from '../rollout-input.ts';
import { runnerOptions } from '../runner-options.ts';
import { conclude } from '../view/conclude.ts';
import { clusterJson, startLive } from '../view/live.ts';

export async function once(args: FormArguments<'files'>, io: Io): Promise<number> {
  const output = outputOptions(args);
  const pass = passFlags(args.flags);
  const context = realWiring(io.env, io.cwd);
  const fleet = await readFleet(args.operands, fleetOptions(args.flags), context);
  if (fleet.sets.length === 0) throw new UsageError('the files hold no SyncSet and no SelectorSyncSet');
  const stdout = terminalOf(io.stdout, io.env);
  const stderr = terminalOf(io.stderr, io.env);
  stderr.write(warningLines(fleet));
  const json = output.output === 'json';
  const plan = rolloutFlags(args.flags);
  const view = { clock: context.clock, stdout, json, quiet: output.quiet };
  const rollout = plan === undefined ? undefined : new Rollout(plan, view);
  const runner = new Runner(rollout === undefined ? fleet : { ...fleet, clusters: [] }, {
    ...runnerOptions(pass),
    clock: context.clock,
    onChange(record) {
      if (!json || record.state === 'running' || record.state === 'pending') return;
      stdout.write(`${JSON.stringify(clusterJson(record, context.now()))}\n`);
    },
  });
  const history = historyOf(fleet, pass, io, context.now);
  if (!output.quiet && !json) history.sayUsual();
  const started = context.clock.now();
  const live = output.quiet || json || rollout !== undefined ? undefined : startLive(stderr, runner, context.clock);
  try {
    await (rollout === undefined ? runner.once(io.signal) : rollout.run(runner, fleet, io.signal));
  } finally {
    live?.stop();
    runner.close();
  }
  const records = [...runner.records.values()];
  const ms = context.clock.now() - started;
  const exitCode = conclude(records, ms, { output, dryRun: pass.dryRun, context, io, rollout });
  await history.record(records, { ms, exitCode });
  return exitCode;
}
