// The benchmark record: what is kept of one run of hoist, as one JSON object a line in runs.jsonl.

import { randomBytes } from 'node:crypto';
import type { RunOutcome, RunRecord } from '../engine/event.ts';
import type { LoadFacts, SystemFacts } from './facts.ts';
import { redact } from '../base/redact/value.ts';
import type { Retries } from './retries.ts';

/** Raised whenever a reader of the version before would misread a record; see migrate.ts. */
export const SCHEMA_VERSION = 1;

/** The commands whose runs are recorded. */
export const TOOLS = ['up', 'start', 'restore', 'run', 'collect', 'preflight', 'sync'] as const;
export type Tool = (typeof TOOLS)[number];

/** What a run was about: the cluster, the tasks, the bundle, the fleet. */
export interface RecordedSubject {
  kind: 'cluster' | 'tasks' | 'bundle' | 'checks' | 'fleet';
  name: string;
  /** What the log for people shows of it, like counts. */
  facts?: Readonly<Record<string, string | number>>;
}

/** A setting as it was used, and where it came from: `default`, a file, an env variable, a flag. */
export interface RecordedSetting {
  value: unknown;
  source: string;
}

/** What the log for people shows of the cluster; fields that a tool does not know are left out. */
export interface RecordedCluster {
  name?: string | undefined;
  provider?: string | undefined;
  agents?: number | undefined;
  concurrency?: number | undefined;
  image?: string | undefined;
}

/** The fields that stand first in a line, so that a listing need not parse the rest. */
export interface RunHead {
  schema: number;
  /** Sorts by start time as text: `20261122T063632123-4f2a9c`. */
  id: string;
  tool: Tool;
  /** A name that the user gave the run: a git ref, "before", … */
  label?: string | undefined;
  /** ISO 8601, UTC. */
  startedAt: string;
  outcome: RunOutcome;
  exitCode: number;
  /** Runs with the same hash had the same plan. */
  planHash: string;
  /** What the run found: `absent`, `same`, `damaged`. The same plan is less work where all of it is there already. */
  found?: string | undefined;
  /** The whole run in ms. */
  durationMs: number;
}

export interface BenchmarkRecord extends RunHead {
  /** Absent in records of the first versions, which were all about clusters. */
  subject?: RecordedSubject | undefined;
  cluster: RecordedCluster;
  settings: Readonly<Record<string, RecordedSetting>>;
  plan: unknown;
  system: SystemFacts;
  load?: LoadFacts | undefined;
  /** Tool → version: of hoist, Node and of all that took part. */
  versions: Readonly<Record<string, string>>;
  /** Left out where the run ended before the first step. */
  run?: RunRecord | undefined;
  /** The single attempts of steps that took more than one. */
  retries?: Retries | undefined;
  /** Named spans of the run in ms, like those of minikube's time-to-k8s. */
  phases?: Readonly<Record<string, number>> | undefined;
  /** What was printed when the run failed. */
  error?: string | undefined;
}

export interface RecordInput extends Omit<BenchmarkRecord, 'schema' | 'id' | 'startedAt' | 'cluster'> {
  startedAt: Date;
  cluster?: RecordedCluster;
  /** Every secret value that the run knew; none of them gets into the record, in no encoding. */
  secretValues?: readonly string[];
  /** Random part of the id, in hex; a double in tests. */
  random?: () => string;
}

/** Makes the record of a run that ended, well or not; fields in the order in which they are written, secrets taken out. */
export function buildRecord(input: RecordInput): BenchmarkRecord {
  const { secretValues = [], random = () => randomBytes(3).toString('hex') } = input;
  const head = {
    schema: SCHEMA_VERSION,
    id: `${input.startedAt.toISOString().replaceAll(/[-:.Z]/g, '')}-${random()}`,
    tool: input.tool,
    ...(input.label === undefined ? {} : { label: input.label }),
    startedAt: input.startedAt.toISOString(),
    outcome: input.outcome,
    exitCode: input.exitCode,
    planHash: input.planHash,
    ...(input.found === undefined ? {} : { found: input.found }),
    durationMs: Math.round(input.durationMs * 1000) / 1000,
  };
  const rest = {
    ...(input.subject === undefined ? {} : { subject: input.subject }),
    cluster: input.cluster ?? {},
    settings: input.settings,
    plan: input.plan,
    system: input.system,
    ...(input.load === undefined ? {} : { load: input.load }),
    versions: input.versions,
    ...(input.run === undefined ? {} : { run: input.run }),
    ...(input.retries === undefined || Object.keys(input.retries).length === 0 ? {} : { retries: input.retries }),
    ...(input.phases === undefined ? {} : { phases: input.phases }),
    ...(input.error === undefined ? {} : { error: input.error }),
  };
  return { ...head, ...redact({ label: head.label, ...rest }, secretValues) };
}

/** Runs with the same work can be compared: the plan's hash, and what the run found. */
export function workOf({ planHash, found }: Pick<RunHead, 'planHash' | 'found'>): string {
  return found === undefined ? planHash : `${planHash} (${found})`;
}
