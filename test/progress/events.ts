// Short ways to write events and records in tests.

import type { EngineEvent, RunRecord } from '../../scripts/engine/event.ts';
import type { StepRecord } from '../../scripts/engine/step.ts';

export function started(...names: string[]): EngineEvent {
  const steps = names.map((name) => ({ name, needs: [], optional: false }));
  return { type: 'run-started', atMs: 0, steps, pools: {} };
}

export function record(name: string, startedMs: number, endedMs: number, more: Partial<StepRecord> = {}): StepRecord {
  return { name, needs: [], queuedMs: startedMs, startedMs, endedMs, attempts: 1, outcome: 'done', ...more };
}

/** A step that something kept from starting. */
export function unstarted(name: string, endedMs: number, more: Partial<StepRecord> = {}): StepRecord {
  return { name, needs: [], endedMs, attempts: 0, outcome: 'skipped', ...more };
}

export function ended(stepRecord: StepRecord): EngineEvent {
  return { type: 'step-ended', atMs: stepRecord.endedMs, step: stepRecord.name, record: stepRecord };
}

export function run(steps: StepRecord[], more: Partial<RunRecord> = {}): RunRecord {
  const wallMs = Math.max(0, ...steps.map((step) => step.endedMs));
  return { outcome: 'done', wallMs, steps, criticalPath: [], parallelGain: 1, ...more };
}
