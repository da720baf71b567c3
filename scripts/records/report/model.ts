// What the report page is given: runs in a compact form, for a thousand of them must load at once.

/** Indexes into `ReportData.outcomes`, in the order in which the page explains them. */
export const OUTCOMES = ['done', 'failed', 'warned', 'skipped', 'cancelled', 'given-up'] as const;

/** Fields of a step in `ReportRun.steps`, one after another; times in ms since the run's start, -1 for none. */
export const STEP_FIELDS = ['name', 'queued', 'started', 'ended', 'attempts', 'outcome'] as const;

export interface ReportAttempt {
  from: number;
  to: number;
  failure?: string | undefined;
}

/** What only few steps have. */
export interface StepExtra {
  notes?: readonly string[] | undefined;
  reason?: string | undefined;
  attempts?: readonly ReportAttempt[] | undefined;
}

export interface ReportRun {
  id: string;
  label?: string | undefined;
  tool: string;
  startedAt: string;
  outcome: string;
  durationMs: number;
  parallelGain?: number | undefined;
  /** Index into `ReportData.plans`. */
  plan: number;
  /** Index into `ReportData.systems`. */
  system: number;
  /** `STEP_FIELDS` for each step, flat; `name` is an index into `ReportData.names`. */
  steps: readonly number[];
  /** Names of the critical path, as indexes. */
  critical: readonly number[];
  /** By index of the step's name. */
  extra: Readonly<Record<number, StepExtra>>;
}

/** One run in the history of its plan. */
export interface ReportPoint {
  id: string;
  label?: string | undefined;
  startedAt: string;
  durationMs: number;
}

export interface ReportRow {
  name: string;
  a?: ReportFigures | undefined;
  b?: ReportFigures | undefined;
  change?: string | undefined;
  range?: string | undefined;
  verdict?: string | undefined;
}

export interface ReportFigures {
  n: number;
  median: number;
  mad: number;
  min: number;
  max: number;
}

export interface ReportComparison {
  a: string;
  b: string;
  rows: readonly ReportRow[];
  warnings: readonly string[];
}

export interface ReportData {
  generatedAt: string;
  names: readonly string[];
  plans: readonly string[];
  /** Label and value of each fact, for each different machine with its tools. */
  systems: readonly (readonly (readonly [string, string])[])[];
  runs: readonly ReportRun[];
  /** Indexes of the runs that the timeline shows first; the second is left out where there is nothing to compare. */
  shown: readonly number[];
  /** For each plan all its runs that succeeded, oldest first. */
  history: readonly (readonly ReportPoint[])[];
  comparisons: readonly ReportComparison[];
}
