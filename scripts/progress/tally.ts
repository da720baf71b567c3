// What is known of a run at any moment, gathered from its events; bars and lines both draw from it.

import type { EngineEvent } from '../engine/event.ts';
import type { Progress } from '../engine/step.ts';

export interface RunningStep {
  readonly name: string;
  /** ms since the run's start, of its first attempt. */
  readonly startedMs: number;
  attempt: number;
  progress?: Progress;
  /** While it waits for its next attempt. */
  retry?: { untilMs: number; message: string };
}

export class Tally {
  total = 0;
  ended = 0;
  failed = 0;
  warnings = 0;
  /** In the order in which they started. */
  readonly running = new Map<string, RunningStep>();

  add(event: EngineEvent): void {
    switch (event.type) {
      case 'run-started':
        this.total = event.steps.length;
        break;
      case 'steps-added':
        this.total += event.steps.length;
        break;
      case 'step-queued':
      case 'step-output':
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
        this.running.delete(event.step);
        this.ended++;
        if (event.record.outcome === 'failed') this.failed++;
        if (event.record.outcome === 'warned') this.warnings++;
        break;
    }
  }

  private start(name: string, attempt: number, atMs: number): void {
    const known = this.running.get(name);
    if (!known) {
      this.running.set(name, { name, startedMs: atMs, attempt });
      return;
    }
    known.attempt = attempt;
    delete known.retry;
    delete known.progress;
  }
}
