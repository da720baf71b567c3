// Writes what is kept of a run into the benchmark log, where there is one.

import { createHash } from 'node:crypto';
import { exitCodeOf, messageOf } from '../base/errors.ts';
import { HOIST_VERSION } from '../base/version.ts';
import { systemFacts } from '../records/facts.ts';
import { appendRun } from '../records/log.ts';
import { buildRecord } from '../records/record.ts';
import { type Usual, usualTime } from '../records/usual.ts';
import { UNCHANGED } from './actions/up-to-date.ts';
import type { Prepared, RunResult, RunTasksOptions } from './run-tasks.ts';

export interface RecordOptions {
  logDir: string;
  startedAt: Date;
  label: string | undefined;
}

type Plan = Record<string, string | readonly string[]>;

function planOf({ reached, root, tasks }: Prepared, options: RunTasksOptions): Plan {
  const files = new Set([root, ...[...reached.keys()].map(({ file }) => file)]);
  const texts = [...files].map(({ source }) => source.text).sort();
  return {
    file: options.file,
    tasks: tasks.map(({ name }) => name),
    ...(options.parallel === true ? { order: 'parallel' } : {}),
    text: createHash('sha256').update(texts.join('\0')).digest('hex'),
    set: [...options.set.keys()].sort(),
    with: [...options.with.keys()].sort(),
  };
}

function hashOf(plan: Plan): string {
  return createHash('sha256').update(JSON.stringify(plan)).digest('hex').slice(0, 16);
}

/** How long the same run took before; undefined where the log has none. */
export function usualRun(prepared: Prepared, options: RunTasksOptions, logDir: string): Promise<Usual | undefined> {
  return usualTime(logDir, { tool: 'run', planHash: hashOf(planOf(prepared, options)), found: undefined });
}

/**
 * Runs of the same tasks of the same texts, with the same variables and inputs, can be compared; those in which tasks were
 * passed over, since they were up to date, are others.
 */
export async function recordRun(
  prepared: Prepared,
  { run, error, secrets }: RunResult,
  options: RunTasksOptions,
  { logDir, startedAt, label }: RecordOptions,
): Promise<void> {
  const plan = planOf(prepared, options);
  const record = buildRecord({
    tool: 'run',
    label,
    startedAt,
    outcome: run.outcome,
    exitCode: error === undefined ? 0 : exitCodeOf(error),
    planHash: hashOf(plan),
    found: run.steps.some(({ reason }) => reason === UNCHANGED) ? 'up to date' : undefined,
    durationMs: run.wallMs,
    settings: { jobs: { value: options.jobs, source: 'flag or default' } },
    plan,
    system: systemFacts(),
    versions: { hoist: HOIST_VERSION, node: process.versions.node },
    run,
    error: error === undefined ? undefined : messageOf(error),
    secretValues: secrets,
  });
  await appendRun(logDir, record);
}
