// Runs a benchmark's sides in turn, compares their medians with targets, and reports: what every file in bench/ is made of.

import { ExitCode, exitCodeOf, InterruptedError, messageOf } from '../scripts/base/errors.ts';
import { cpuMeter, markChildren } from './harness/cpu.ts';
import { machine } from './harness/machine.ts';
import { readOptions, usage } from './harness/options.ts';
import { detailLine, progressLine, table, verdictLine } from './harness/report.ts';
import { median, roundRatio } from './harness/stats.ts';
import type { Options } from './harness/options.ts';
import type { RatioResult, Report, SideResult, Taken } from './harness/report.ts';

/** What a side is told when it runs. */
export interface Turn {
  /** 0 for the first measured one; negative for a warm-up. */
  index: number;
  /** Aborted when the bench is interrupted; `after` is called nevertheless. */
  signal: AbortSignal;
}

/** What a turn returns; an empty one where the wall time says it all. */
export interface Sample {
  /** In the bench's unit; the wall time of `run` in ms where not given. */
  value?: number;
  /** Further figures worth a column, like `rssMiB`; medians are shown. */
  extra?: Readonly<Record<string, number>>;
}

/** One of the things that are compared. */
export interface Side {
  name: string;
  /** Why it cannot run on this machine; undefined where it can. It is then named and skipped. */
  missing?: () => Promise<string | undefined> | string | undefined;
  /** Untimed preparation of a turn. */
  before?: (turn: Turn) => Promise<void> | void;
  run: (turn: Turn) => Promise<Sample> | Sample;
  /** Untimed removal of what a turn left behind; called after failures too. */
  after?: (turn: Turn) => Promise<void> | void;
}

/** A figure made of the sides' medians, with the target that it has to meet. */
export interface Ratio {
  /** The sides whose medians `value` is given, in that order; skipped where one is missing. */
  sides: readonly string[];
  value: (...medians: number[]) => number;
  /** The `extra` whose medians `value` is given; the samples' values where not given. */
  of?: string;
  target: number;
  /** The good direction: at most the target, or at least the target. */
  good: 'at most' | 'at least';
}

export interface Bench {
  name: string;
  /** The one question that it answers. */
  question: string;
  /** The unit of a sample; wall times are in ms. */
  unit?: string;
  /** Measured turns of each side where `--runs` does not say; at least 5 make a measurement. */
  runs?: number;
  /** Turns of each side that are thrown away first; 1 where not given. */
  warmUps?: number;
  sides: readonly Side[];
  ratios: Readonly<Record<string, Ratio>>;
}

/** Takes one turn of a side; `after` is called whatever happens, and cannot hide what went wrong before. */
async function take(side: Side, turn: Turn): Promise<Taken> {
  turn.signal.throwIfAborted();
  const clean = async (): Promise<void> => side.after?.(turn);
  const taken = await timed(side, turn).catch(async (error: unknown) => {
    await clean().catch(() => undefined);
    throw error;
  });
  await clean();
  return taken;
}

async function timed(side: Side, turn: Turn): Promise<Taken> {
  await side.before?.(turn);
  const meter = cpuMeter();
  const start = performance.now();
  const sample = await side.run(turn);
  const wallMs = performance.now() - start;
  return { value: sample.value ?? wallMs, extra: sample.extra ?? {}, ...meter(wallMs) };
}

async function present(bench: Bench): Promise<{ sides: Side[]; skipped: Record<string, string> }> {
  const sides: Side[] = [];
  const skipped: Record<string, string> = {};
  for (const side of bench.sides) {
    const why = await side.missing?.();
    if (why === undefined) sides.push(side);
    else skipped[side.name] = why;
  }
  return { sides, skipped };
}

/** The median that a ratio is made of; undefined where the side was skipped. */
function figureOf(sides: readonly SideResult[], name: string, extra: string | undefined): number | undefined {
  const side = sides.find((one) => one.name === name);
  return extra === undefined ? side?.median : side && median(side.samples.map((sample) => sample.extra[extra] ?? NaN));
}

function judge(bench: Bench, sides: readonly SideResult[]): Record<string, RatioResult> {
  const results: Record<string, RatioResult> = {};
  for (const [name, ratio] of Object.entries(bench.ratios)) {
    const values = ratio.sides.map((name) => figureOf(sides, name, ratio.of));
    if (!values.every((value) => value !== undefined)) continue;
    const value = roundRatio(ratio.value(...values));
    const ok = ratio.good === 'at most' ? value <= ratio.target : value >= ratio.target;
    results[name] = { value, target: ratio.target, ok, good: ratio.good };
  }
  return results;
}

/**
 * Measures a bench: warm-ups, then all sides in turn (A B A B …), `runs` times.
 * @throws whatever a side throws; a failing side is never left out silently.
 */
export async function measure(
  bench: Bench,
  { runs, signal, log }: { runs: number; signal: AbortSignal; log: (line: string) => void },
): Promise<Report> {
  markChildren();
  const { sides, skipped } = await present(bench);
  const taken = new Map<string, Taken[]>(sides.map((side) => [side.name, []]));
  for (let index = -(bench.warmUps ?? 1); index < runs; index++) {
    for (const side of sides) {
      const sample = await take(side, { index, signal });
      if (index >= 0) taken.get(side.name)?.push(sample);
      log(progressLine(bench, side.name, index, runs, sample));
    }
  }
  const results = sides.map((side): SideResult => {
    const samples = taken.get(side.name) ?? [];
    return { name: side.name, samples, median: median(samples.map((sample) => sample.value)) };
  });
  return {
    bench: bench.name,
    question: bench.question,
    unit: bench.unit ?? 'ms',
    machine: machine(),
    sides: results,
    ratios: judge(bench, results),
    skipped,
  };
}

/** The whole life of a bench file: reads the options, measures, prints and sets the exit code (7 where a target is missed). */
export async function main(bench: Bench, argv: readonly string[] = process.argv.slice(2)): Promise<void> {
  const interrupt = new AbortController();
  const onSignal = (name: NodeJS.Signals): void => {
    interrupt.abort(new InterruptedError(name === 'SIGINT' ? 'SIGINT' : 'SIGTERM'));
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  try {
    const options = readOptions(argv, bench.runs ?? 5);
    if (options.help) console.log(usage(bench));
    else await report(bench, options, interrupt.signal);
  } catch (error) {
    const cause: unknown = interrupt.signal.aborted ? interrupt.signal.reason : error;
    console.error(`bench ${bench.name}: ${messageOf(cause)}`);
    process.exitCode = exitCodeOf(cause);
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
  }
}

async function report(bench: Bench, { runs, output }: Options, signal: AbortSignal): Promise<void> {
  const result = await measure(bench, { runs, signal, log: (line) => console.error(line) });
  if (output === 'json') console.log(`${detailLine(result)}\n${verdictLine(result)}`);
  else console.log(table(result));
  if (Object.values(result.ratios).some((ratio) => !ratio.ok)) process.exitCode = ExitCode.regression;
}
