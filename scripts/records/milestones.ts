// When a run reached what people wait for, under the names of minikube's time-to-k8s.

import type { RunRecord } from '../engine/event.ts';

/** Names of time-to-k8s, in its order; `Command Exec` is the whole command. */
const MILESTONES = [
  'Command Exec',
  'API Server Answering',
  'Kubernetes SVC',
  'DNS SVC',
  'App Running',
  'DNS Answering',
] as const;

export type Milestone = (typeof MILESTONES)[number];

/**
 * ms from the run's start until each milestone, for the record's `phases`: the end of the step that shows it. Those
 * whose step the provider does not have, or whose step failed, are left out. Unlike time-to-k8s, which looks
 * one after the other once the command has ended, these may be reached while it still runs.
 */
export function milestonesOf(
  run: RunRecord,
  durationMs: number,
  stepOf: Partial<Record<Milestone, string>>,
): Partial<Record<Milestone, number>> {
  const ends = new Map(
    run.steps.filter(({ outcome }) => outcome === 'done').map(({ name, endedMs }) => [name, endedMs]),
  );
  return Object.fromEntries(
    MILESTONES.flatMap((milestone) => {
      const reached = milestone === 'Command Exec' ? durationMs : ends.get(stepOf[milestone] ?? '');
      return reached === undefined ? [] : [[milestone, Math.round(reached)]];
    }),
  );
}
