// `hoist sync --hub` and `--watch`: a fleet that is kept, once or for as long as the process lives.

import { ExitCode, UsageError } from '../../../../base/errors.ts';
import type { ClusterContext } from '../../../../context.ts';
import { fleetMetrics, type FleetMetrics } from '../../../../fleet/metrics/metrics.ts';
import { observed } from '../../../../fleet/metrics/observed.ts';
import { type PageServer, servePage } from '../../../../fleet/page/server.ts';
import { type ClusterRecord, Runner } from '../../../../fleet/runner.ts';
import { checkName } from '../../../../fleet/hub/adopt.ts';
import { Service } from '../../../../fleet/service.ts';
import { terminalOf } from '../../../../progress/terminal.ts';
import { plain } from '../../../../base/layout.ts';
import { count } from '../../../../base/units.ts';
import { realWiring } from '../../../../wiring.ts';
import type { Io } from '../../../command.ts';
import { redactedText } from '../../../redaction.ts';
import { type OutputOptions, outputOptions } from '../../../output.ts';
import type { FormArguments } from '../flags.ts';
import { readFleet, warningLines } from '../fleet-input.ts';
import { hubClient } from '../hub-input.ts';
import { fleetOptions, namespaceOf, type PageFlags, pageFlags, type PassFlags, passFlags } from '../options.ts';
import { Rollout, rolloutFlags } from '../rollout-input.ts';
import { viewersToken } from '../viewers-token.ts';
import { runnerOptions } from '../runner-options.ts';
import { conclude } from '../view/conclude.ts';
import { clusterJson, startLive } from '../view/live.ts';

interface Scope {
  output: OutputOptions;
  pass: PassFlags;
  page: PageFlags;
  watch: boolean;
  context: ClusterContext;
  io: Io;
}

type Kept = FormArguments<'hub' | 'hubWatch'>;

function scopeOf(args: Kept | FormArguments<'filesWatch'>, io: Io): Scope {
  const { flags } = args;
  return {
    output: outputOptions(args),
    pass: passFlags(flags),
    page: pageFlags(flags),
    watch: flags.watch,
    context: realWiring(io.env, io.cwd),
    io,
  };
}

/** The fleet of a hub: with --watch until it is interrupted, else one pass over all clusters. */
export async function keepHub(args: Kept, io: Io): Promise<number> {
  const scope = scopeOf(args, io);
  const { pass, watch, context } = scope;
  const { shard } = args.flags;
  if (args.operands.length > 0)
    throw new UsageError('sets and clusters come from the hub: files cannot be named beside it');
  const client = await hubClient(args.flags, context);
  const metrics = fleetMetrics(() => service.runner, context.now);
  const { say, changed } = reporters(scope, metrics);
  const rollout = rolloutOf(args, scope);
  const service: Service = new Service({
    ...runnerOptions(pass),
    clock: context.clock,
    observer: metrics.observer,
    hub: observed(client, metrics.observer, context.clock),
    now: context.now,
    onChange: changed,
    onProblem: say,
    onWritten: metrics.written,
    shard: shard === undefined ? undefined : { name: checkName('--shard', shard), namespace: namespaceOf(args.flags) },
    replica: replicaOf(shard),
    goOver: rollout && ((runner, fleet, signal) => rollout.run(runner, fleet, signal)),
  });
  const started = context.clock.now();
  const page = await openPage(scope, () => service.runner, { metrics, ready: () => service.ready });
  if (page !== undefined) say(`page and metrics at ${page.url}`);
  const live =
    startsLive(scope) && rollout === undefined
      ? startLive(terminalOf(io.stderr, io.env), service.runner, context.clock)
      : undefined;
  try {
    await (watch ? service.forever(io.signal) : service.once(io.signal));
  } finally {
    live?.stop();
    await page?.close();
    client.close();
  }
  const code = conclude([...service.runner.records.values()], context.clock.now() - started, {
    ...scope,
    dryRun: pass.dryRun,
    rollout,
  });
  return code === ExitCode.ok && service.aimless.length > 0 ? ExitCode.unhealthy : code;
}

/** Of a run that ends: one that is kept has no last wave. */
function rolloutOf({ flags }: Kept, { output, context, io }: Scope): Rollout | undefined {
  const plan = rolloutFlags(flags);
  const stdout = terminalOf(io.stdout, io.env);
  const view = { clock: context.clock, stdout, json: output.output === 'json', quiet: output.quiet };
  return plan === undefined ? undefined : new Rollout(plan, view);
}

/** The ordinal of a StatefulSet's pod, for `controlledByReplica`. */
function replicaOf(shard: string | undefined): number | undefined {
  const ordinal = /-(\d+)$/.exec(shard ?? '')?.[1];
  return ordinal === undefined ? undefined : Number(ordinal);
}

/** The fleet of files, looked at again and again. */
export async function keepFiles(args: FormArguments<'filesWatch'>, io: Io): Promise<number> {
  const scope = scopeOf(args, io);
  const { pass, context } = scope;
  const fleet = await readFleet(args.operands, fleetOptions(args.flags), context);
  io.stderr.write(warningLines(fleet));
  const metrics = fleetMetrics(() => runner, context.now);
  const { say, changed } = reporters(scope, metrics);
  const runner: Runner = new Runner(fleet, {
    ...runnerOptions(pass),
    clock: context.clock,
    observer: metrics.observer,
    onChange: changed,
  });
  const page = await openPage(scope, () => runner, { metrics, ready: () => true });
  if (page !== undefined) say(`page and metrics at ${page.url}`);
  const live = startsLive(scope) ? startLive(terminalOf(io.stderr, io.env), runner, context.clock) : undefined;
  try {
    await runner.forever(io.signal);
  } finally {
    live?.stop();
    await page?.close();
    runner.close();
  }
  return 0;
}

/** Redrawn lines are for people who wait; a process that is kept says what happens. */
function startsLive({ output, watch }: Scope): boolean {
  return !output.quiet && output.output === 'text' && !watch;
}

function reporters(
  { output, watch, context, io }: Scope,
  metrics: FleetMetrics,
): { say: (line: string) => void; changed: (record: ClusterRecord) => void } {
  const stderr = terminalOf(io.stderr, io.env);
  const stdout = terminalOf(io.stdout, io.env);
  return {
    say: (line) => {
      if (!output.quiet) stderr.write(`${plain(redactedText(line))}\n`);
    },
    changed(record) {
      metrics.changed(record);
      const { state, reason, cluster, result } = record;
      if (state === 'running' || state === 'pending') return;
      if (output.output === 'json') stdout.write(`${JSON.stringify(clusterJson(record, context.now()))}\n`);
      else {
        const changes = result?.changes.length ?? 0;
        if (!watch || (state === 'synced' && changes === 0 && !output.verbose)) return;
        const what = reason ?? count(changes, 'change');
        stdout.write(`${context.now().toISOString()} ${plain(cluster.id)} ${state}: ${plain(what)}\n`);
      }
    },
  };
}

async function openPage(
  { page: { listen, tokenFile }, context }: Scope,
  runner: () => Runner,
  { metrics, ready }: { metrics: FleetMetrics; ready: () => boolean },
): Promise<PageServer | undefined> {
  if (listen === undefined) return undefined;
  const token = tokenFile === undefined ? undefined : await viewersToken(tokenFile, context.cwd);
  return servePage({
    ...listen,
    title: 'hoist sync',
    token,
    runner,
    ready,
    metrics: () => metrics.registry.metrics(),
    now: context.now,
  });
}
