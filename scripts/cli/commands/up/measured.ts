// `up --repeat` and `up --sweep`: makes, measures and removes a cluster of its own, again and again.

import { down } from '../../../cluster/down.ts';
import { prepare } from '../../../cluster/prepare-cluster.ts';
import { clusterContent } from '../../../cluster/record/run-content.ts';
import { up } from '../../../cluster/up.ts';
import { UsageError } from '../../../base/errors.ts';
import { summarize } from '../../../base/statistics.ts';
import { type Milestone, milestonesOf } from '../../../records/milestones.ts';
import { createRecorder } from '../../../records/recorder.ts';
import { type Factor, type Variant, readFactors, turnsOf } from '../../../records/sweep/factors.ts';
import { type Measured, rank, rankingText } from '../../../records/sweep/ranking.ts';
import { saveWinners } from '../../../records/sweep/save.ts';
import { duration } from '../../../base/units.ts';
import type { SettingsRequest } from '../../../cluster/settings-files.ts';
import { fromEnv } from '../../../settings/options.ts';
import type { ClusterContext } from '../../../context.ts';
import { type CommandArguments, type CommandContext, commandContext } from '../../command-context.ts';
import type { Io } from '../../command.ts';

/** The steps whose ends are the milestones of time-to-k8s; a provider has some of them. */
const STEP_OF: Partial<Record<Milestone, string>> = {
  'API Server Answering': 'api',
  'App Running': 'health/workloads',
  'DNS Answering': 'dns',
};
/** Runs of each value of a sweep, where --repeat does not say. */
const SWEEP_RUNS = 5;

type MeasuredArguments = CommandArguments<{
  repeat: string | undefined;
  sweep: readonly string[];
  save: boolean;
  label: string | undefined;
}>;

interface Measurement {
  variant: Variant | undefined;
  durationMs: number;
  phases: Readonly<Record<string, number>>;
}

export async function runMeasured(
  args: MeasuredArguments,
  io: Io,
  { output, context, request }: Pick<CommandContext, 'output' | 'context' | 'request'> = commandContext(args, io),
): Promise<number> {
  const { flags } = args;
  const factors = readFactors(flags.sweep);
  const repeat = wholeNumber(flags.repeat, SWEEP_RUNS);
  const { config } = flags;
  if (flags.save && config === undefined) {
    throw new UsageError('--save writes the winners into the file that --config names; name one');
  }
  const turns = factors.length > 0 ? turnsOf(factors, repeat) : Array.from({ length: repeat }, () => undefined);
  const done: Measurement[] = [];
  for (const [i, variant] of turns.entries()) {
    const measurement = await measure(variant, { request, label: flags.label, signal: io.signal }, context);
    done.push(measurement);
    const what = variant === undefined ? '' : `  ${variant.option.key}=${variant.value}`;
    if (output.output === 'json')
      write(io, { type: 'measurement', run: i + 1, of: turns.length, ...plain(measurement) });
    else if (!output.quiet)
      io.stderr.write(`run ${i + 1}/${turns.length}${what}  ${duration(measurement.durationMs)}\n`);
  }
  const rankings = factors.map((factor) => rank(factor.option.key, measuredOf(factor, done)));
  if (output.output === 'json') write(io, { type: 'measured', phases: phaseFigures(done), rankings });
  else io.stdout.write([...phaseLines(done), ...rankings.map((r) => `\n${rankingText(r)}`)].join('\n') + '\n');
  if (flags.save && config !== undefined) {
    const winners = rankings.flatMap(({ winner }, i) => {
      const option = factors[i]?.option;
      return winner === undefined || option === undefined ? [] : [{ option, value: winner }];
    });
    await saveWinners(config, winners);
    if (!output.quiet) io.stderr.write(`${winners.length} of ${rankings.length} settings written to ${config}\n`);
  }
  return 0;
}

/** One cluster from nothing to ready; it is removed again however the run ends. */
async function measure(
  variant: Variant | undefined,
  { request, label: given, signal }: { request: SettingsRequest; label: string | undefined; signal: AbortSignal },
  context: ClusterContext,
): Promise<Measurement> {
  const name = request.flags['name'] ?? fromEnv(context.env, 'CLUSTER_NAME')?.value ?? 'dev';
  // A name of its own, and no context: the user's cluster and kubeconfig are left alone.
  const own = { name: `${name.slice(0, 24)}-measure`, 'merge-kubeconfig': 'false' };
  const swept = variant === undefined ? {} : { [variant.option.flag]: variant.value };
  const prepared = await prepare({ ...request, flags: { ...request.flags, ...own, ...swept } }, context);
  const { name: cluster, provider } = prepared.plan.cluster;
  if (provider === 'existing') throw new UsageError('a cluster that exists already cannot be made again and again');
  const only = { kubeconfig: undefined, signal, only: provider };
  await down(cluster, only, context);
  const recorder = createRecorder('up', context.now);
  const started = context.clock.now();
  try {
    const options = { recreate: false, signal, subscribers: [recorder.subscriber], say: () => undefined };
    const result = await up(prepared, options, context);
    const durationMs = context.clock.now() - started;
    const phases = milestonesOf(result.run, durationMs, STEP_OF);
    const label = given ?? (variant && `${variant.option.key}=${variant.value}`);
    const content = await clusterContent(prepared, context);
    await recorder.write(prepared.logDir, { ...content, label, found: result.situation.kind, phases });
    return { variant, durationMs, phases };
  } finally {
    await down(cluster, { ...only, signal: new AbortController().signal }, context);
  }
}

function wholeNumber(text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  if (!/^[1-9]\d*$/.test(text)) throw new UsageError(`--repeat must be a whole number of at least 1, not "${text}"`);
  return Number(text);
}

function measuredOf({ option, values }: Factor, done: readonly Measurement[]): Measured[] {
  return values.map((value) => ({
    value,
    times: done
      .filter(({ variant }) => variant?.option === option && variant.value === value)
      .map(({ durationMs }) => durationMs),
  }));
}

function phaseFigures(done: readonly Measurement[]): { phase: string; n: number; medianMs: number; madMs: number }[] {
  const phases = [...new Set(done.flatMap((m) => Object.keys(m.phases)))];
  return phases.map((phase) => {
    const { n, median, mad } = summarize(done.flatMap((m) => m.phases[phase] ?? []));
    return { phase, n, medianMs: median, madMs: mad };
  });
}

function phaseLines(done: readonly Measurement[]): string[] {
  const rows = phaseFigures(done).map(
    ({ phase, n, medianMs, madMs }) =>
      `${phase.padEnd(24)}${String(n).padStart(4)}${duration(medianMs).padStart(12)}${`±${duration(madMs)}`.padStart(12)}`,
  );
  return [`${'phase'.padEnd(24)}${'runs'.padStart(4)}${'median'.padStart(12)}${'MAD'.padStart(12)}`, ...rows];
}

function plain({ variant, durationMs, phases }: Measurement): object {
  return { ...(variant ? { setting: variant.option.key, value: variant.value } : {}), durationMs, phases };
}

function write(io: Io, object: object): void {
  io.stdout.write(`${JSON.stringify(object)}\n`);
}
