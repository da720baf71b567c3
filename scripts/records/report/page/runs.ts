// Reads the compact runs of the page's data.

import { OUTCOMES, STEP_FIELDS, type ReportData, type ReportRun, type StepExtra } from '../model.ts';

export interface PageStep extends StepExtra {
  name: string;
  /** ms since the run's start; undefined where it never came so far. */
  queued: number | undefined;
  started: number | undefined;
  ended: number;
  tries: number;
  outcome: string;
  critical: boolean;
}

/** Steps of a run in the order in which they started; those that never did come last. */
export function stepsOf(run: ReportRun, data: ReportData): PageStep[] {
  const critical = new Set(run.critical);
  const steps: PageStep[] = [];
  for (let at = 0; at < run.steps.length; at += STEP_FIELDS.length) {
    const [name = -1, queued = -1, started = -1, ended = 0, tries = 0, outcome = 0] = run.steps.slice(
      at,
      at + STEP_FIELDS.length,
    );
    steps.push({
      name: data.names[name] ?? '',
      queued: queued < 0 ? undefined : queued,
      started: started < 0 ? undefined : started,
      ended,
      tries,
      outcome: OUTCOMES[outcome] ?? '',
      critical: critical.has(name),
      ...run.extra[name],
    });
  }
  return steps.sort((a, b) => (a.started ?? Infinity) - (b.started ?? Infinity) || a.ended - b.ended);
}

/** `2026-01-31 12:00:05`, with the label where the run has one. */
export function titleOf({ startedAt, label }: { startedAt: string; label?: string | undefined }): string {
  const when = startedAt.slice(0, 19).replace('T', ' ');
  return label === undefined ? when : `${when}  ${label}`;
}
