// Writes what is kept of a run into the benchmark log, where there is one.

import { createHash } from 'node:crypto';
import { exitCodeOf, messageOf } from '../base/errors.ts';
import { HOIST_VERSION } from '../base/version.ts';
import { systemFacts } from '../records/facts.ts';
import { appendRun } from '../records/log.ts';
import { buildRecord } from '../records/record.ts';
import { type Usual, usualTime } from '../records/usual.ts';
import type { Prepared, RunResult, RunTasksOptions } from './run-tasks.ts';

export interface RecordOptions {
  logDir: string;
  startedAt: Date;
  label: string | undefined;
}

type Plan = Record<string, string | readonly string[]>;

function planOf({ root, tasks }: Pick<Prepared, 'root' | 'tasks'>, options: RunTasksOptions): Plan {
  return {
    file: options.file,
    tasks: tasks.map(({ name }) => name),
    text: createHash('sha256').update(root.source.text).digest('hex'),
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

/** Runs of the same tasks of the same text, with the same variables and inputs, can be compared. */
export async function recordRun(
  { root, tasks }: Prepared,
  { run, error, secrets }: RunResult,
  options: RunTasksOptions,
  { logDir, startedAt, label }: RecordOptions,
): Promise<void> {
  const plan = planOf({ root, tasks }, options);
  const record = buildRecord({
    tool: 'run',
    label,
    startedAt,
    outcome: run.outcome,
    exitCode: error === undefined ? 0 : exitCodeOf(error),
    planHash: hashOf(plan),
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
