// What is known of a run at any moment, gathered from its events; bars and lines both draw from it.

import type { EngineEvent, StepOutline } from '../engine/event.ts';
import type { Progress, StepRecord } from '../engine/step.ts';

export interface RunningStep {
  readonly name: string;
  /** ms since the run's start, of its first attempt. */
  readonly startedMs: number;
  attempt: number;
  progress?: Progress;
  /** While it waits for its next attempt. */
  retry?: { untilMs: number; message: string };
}

/** The steps that belong together, shown as one. */
export interface GroupTally {
  readonly name: string;
  total: number;
  ended: number;
  failed: number;
  running: number;
  /** ms since the run's start, of its first step. */
  startedMs?: number;
}

export class Tally {
  ended = 0;
  failed = 0;
  warnings = 0;
  /** In the order in which they started. */
  readonly running = new Map<string, RunningStep>();
  /** Groups whose steps are known, in the order in which they became known. */
  readonly groups = new Map<string, GroupTally>();
  private readonly groupOf = new Map<string, GroupTally>();
  private known = 0;

  /** @param expected steps that will be, as far as that can be said before */
  constructor(private readonly expected = 0) {}

  /** Steps that are known or expected. */
  get total(): number {
    return Math.max(this.known, this.expected, this.ended + this.running.size);
  }

  add(event: EngineEvent): void {
    switch (event.type) {
      case 'run-started':
        this.know(event.steps);
        break;
      case 'steps-added':
        this.know(event.steps);
        break;
      case 'step-queued':
      case 'step-output':
      case 'step-announced':
      case 'run-ended':
        break;
      case 'step-started':
        this.start(event.step, event.attempt, event.atMs);
        break;
      case 'step-progress': {
        const step = this.running.get(event.step);
        if (step) step.progress = event.progress;
        break;
      }
      case 'step-warning':
        this.warnings++;
        break;
      case 'step-retrying': {
        const step = this.running.get(event.step);
        if (step) step.retry = { untilMs: event.atMs + event.delayMs, message: event.message };
        break;
      }
      case 'step-ended':
        this.end(event.record);
        break;
    }
  }

  /** What bars show of it: single steps, and groups of steps as one, in the order in which they started. */
  shown(): (RunningStep & { group?: GroupTally })[] {
    const single = [...this.running.values()].filter(({ name }) => !this.groupOf.has(name));
    const groups = [...this.groups.values()]
      .filter(({ running }) => running > 0)
      .map((group) => {
        const progress = { done: group.ended, total: group.total };
        return { name: group.name, startedMs: group.startedMs ?? 0, attempt: 1, progress, group };
      });
    return groups.length === 0 ? single : [...single, ...groups].sort((a, b) => a.startedMs - b.startedMs);
  }

  private know(steps: readonly StepOutline[]): void {
    this.known += steps.length;
    for (const { name, group } of steps) {
      if (group === undefined) continue;
      const known = this.groups.get(group) ?? { name: group, total: 0, ended: 0, failed: 0, running: 0 };
      known.total++;
      this.groups.set(group, known);
      this.groupOf.set(name, known);
    }
  }

  private end({ name, outcome }: StepRecord): void {
    const group = this.groupOf.get(name);
    if (group) {
      group.ended++;
      if (this.running.has(name)) group.running--;
      if (outcome === 'failed') group.failed++;
    }
    this.running.delete(name);
    this.ended++;
    if (outcome === 'failed') this.failed++;
    if (outcome === 'warned') this.warnings++;
  }

  private start(name: string, attempt: number, atMs: number): void {
    const known = this.running.get(name);
    if (!known) {
      const group = this.groupOf.get(name);
      if (group) {
        group.running++;
        group.startedMs ??= atMs;
      }
      this.running.set(name, { name, startedMs: atMs, attempt });
      return;
    }
    known.attempt = attempt;
    delete known.retry;
    delete known.progress;
  }
}
