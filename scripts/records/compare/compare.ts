// The `compare` command: finds runs, compares them, and writes what was asked for.

import { UsageError } from '../../base/errors.ts';
import type { Comparison, Side } from './comparison.ts';
import type { CompareOptions, CompareResult } from './options.ts';
import type { Skipped } from './select.ts';

/**
 * Does what was asked. Runs are found, read and compared before anything but the pruned log is written.
 * @throws ConfigError for runs that are not there or cannot be compared
 * @throws UsageError for options that do not go together
 */
export async function compare(options: CompareOptions): Promise<CompareResult> {
  const limit = await check(options);
  const pruned = options.prune === undefined ? [] : [await prune(options.log, options.prune)];
  if (options.selectors.length === 0 && !writesFiles(options)) {
    if (pruned.length > 0) return { text: '', notes: pruned };
    const { listing } = await import('./listing.ts');
    return listing(options);
  }
  const { loadSides, skippedNotes } = await import('./sides.ts');
  const { sides, skipped } = await loadSides(options.selectors, { log: options.log, tool: options.tool ?? 'up' });
  const [a, b] = sides;
  const { compareSides } = await import('./comparison.ts');
  const comparisons = a !== undefined && b !== undefined ? compareSides(a, b) : [];
  const text = await rendered(sides, comparisons, skipped, options.output);
  const written = await writeFiles(sides, comparisons, options);
  const notes = [...pruned, ...skippedNotes(skipped), ...written];
  if (limit === undefined) return { text, notes };
  const { regressionOf, undecided } = await import('./gate.ts');
  return { text, notes: [...notes, ...undecided(comparisons)], regression: regressionOf(comparisons, limit) };
}

/** Refuses what does not go together; gives the limit of the gate, if there is one. */
async function check(options: CompareOptions): Promise<number | undefined> {
  const { selectors, failOnRegression, prune: keep } = options;
  if (selectors.length > 2) throw new UsageError(`compare takes at most two groups of runs, not ${selectors.length}`);
  if (keep !== undefined && !(Number.isInteger(keep) && keep >= 0)) {
    throw new UsageError(`--prune ${keep}: expected how many runs to keep, 0 or more`);
  }
  if (failOnRegression === undefined) return undefined;
  if (selectors.length < 2) throw new UsageError('--fail-on-regression needs two groups of runs: compare BEFORE AFTER');
  return (await import('./gate.ts')).readLimit(failOnRegression);
}

function writesFiles({ report, trace, hyperfine }: CompareOptions): boolean {
  return [report, trace, hyperfine].some((file) => file !== undefined);
}

async function prune(log: string, keep: number): Promise<string> {
  const { pruneRuns } = await import('../prune.ts');
  const { removed, kept } = await pruneRuns(log, keep);
  return `removed ${removed} of ${removed + kept} runs from ${log}`;
}

async function rendered(
  sides: readonly Side[],
  comparisons: readonly Comparison[],
  skipped: Skipped,
  output: CompareOptions['output'],
): Promise<string> {
  if (output === 'json') {
    const { comparisonJson } = await import('./json.ts');
    return `${JSON.stringify(comparisonJson(sides, comparisons, skipped))}\n`;
  }
  if (comparisons.length === 0) return (await import('./summary.ts')).summaryText(sides, output);
  return output === 'markdown'
    ? (await import('./markdown.ts')).comparisonMarkdown(comparisons)
    : (await import('./text.ts')).comparisonText(comparisons);
}

async function writeFiles(
  sides: readonly Side[],
  comparisons: readonly Comparison[],
  options: CompareOptions,
): Promise<string[]> {
  const files: [string | undefined, () => Promise<string>][] = [
    [options.report, async () => (await import('../report/report.ts')).reportPage(sides, comparisons, options.log)],
    [
      options.trace,
      async () => JSON.stringify((await import('../export/trace.ts')).chromeTrace(sides.flatMap((s) => s.records))),
    ],
    [
      options.hyperfine,
      async () => `${JSON.stringify((await import('../export/hyperfine.ts')).hyperfineExport(sides), undefined, 2)}\n`,
    ],
  ];
  const asked = files.flatMap(([file, make]) => (file === undefined ? [] : [{ file, make }]));
  if (asked.length === 0) return [];
  const { writeAtomic } = await import('../../host/files/files.ts');
  const made = await Promise.all(asked.map(async ({ file, make }) => ({ file, content: await make() })));
  for (const { file, content } of made) await writeAtomic(file, content);
  return made.map(({ file }) => `wrote ${file}`);
}
