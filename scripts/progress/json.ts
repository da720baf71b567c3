// One JSON object a line for programs; docs/output.md describes the shape, which is kept stable.

import type { EngineEvent } from '../engine/event.ts';
import type { StepRecord } from '../engine/step.ts';
import type { Renderer } from './renderer.ts';
import type { RunSummary } from './summary.ts';
import type { Terminal } from './terminal.ts';

/** Raised when a field changes its meaning or goes; new fields and types may come at any time. */
const SCHEMA_VERSION = 1;
/** At most one progress line a step in this time, beside the one that says that all is done. */
const PROGRESS_MS = 250;

interface JsonOptions {
  terminal: Terminal;
  /** Wall-clock time in ms since 1970. */
  epochMs: () => number;
}

export function createJson({ terminal, epochMs }: JsonOptions): Renderer {
  let startEpochMs = epochMs();
  const lastProgress = new Map<string, number>();
  const write = (type: string, atMs: number, fields: Record<string, unknown>): void =>
    writeRecord(terminal, type, startEpochMs + atMs, { atMs, ...fields });

  const onEvent = (event: EngineEvent): void => {
    const { atMs } = event;
    switch (event.type) {
      case 'run-started':
        startEpochMs = epochMs() - atMs;
        write('run.started', atMs, { schemaVersion: SCHEMA_VERSION, steps: event.steps, pools: event.pools });
        break;
      case 'steps-added':
        write('steps.added', atMs, { by: event.by, steps: event.steps });
        break;
      case 'step-queued':
        write('step.queued', atMs, { step: event.step });
        break;
      case 'step-started':
        lastProgress.delete(event.step);
        write('step.started', atMs, { step: event.step, attempt: event.attempt });
        break;
      case 'step-progress': {
        const { done, total, unit, leftMs } = event.progress;
        if (done !== total && atMs - (lastProgress.get(event.step) ?? -Infinity) < PROGRESS_MS) break;
        lastProgress.set(event.step, atMs);
        write('step.progress', atMs, { step: event.step, done, total, unit, leftMs });
        break;
      }
      case 'step-output':
        write('step.output', atMs, { step: event.step, line: event.line });
        break;
      case 'step-announced':
        write('step.announced', atMs, { step: event.step, message: event.message });
        break;
      case 'step-warning':
        write('step.warning', atMs, { step: event.step, message: event.message });
        break;
      case 'step-retrying': {
        const { step, attempt, delayMs, message } = event;
        write('step.retrying', atMs, { step, attempt, delayMs, message });
        break;
      }
      case 'step-ended':
        write('step.ended', atMs, { step: event.step, ...ended(event.record) });
        break;
      case 'run-ended': {
        const { outcome, wallMs, criticalPath, parallelGain } = event.run;
        write('run.ended', atMs, { outcome, wallMs, criticalPath, parallelGain });
        break;
      }
    }
  };
  return { onEvent, close: () => undefined };
}

/** The last line of a run: what `summaryLines` shows people. */
export function writeSummary({ terminal, epochMs }: JsonOptions, summary: RunSummary): void {
  const { subject, run, facts, previousMs, waitedMs, logs, bundle, next } = summary;
  const failures = summary.failures.map(({ step, message, lastOutput, hint }) => ({ step, message, lastOutput, hint }));
  writeRecord(terminal, 'summary', epochMs(), {
    ready: run.outcome === 'done',
    subject,
    facts: Object.fromEntries(facts),
    wallMs: run.wallMs,
    previousMs,
    waitedMs,
    failures,
    logs,
    bundle,
    next,
  });
}

function writeRecord(terminal: Terminal, type: string, epochMs: number, fields: Record<string, unknown>): void {
  terminal.write(`${JSON.stringify({ type, time: new Date(epochMs).toISOString(), ...fields })}\n`);
}

function ended({ group, outcome, queuedMs, startedMs, endedMs, attempts, notes, warnings, reason }: StepRecord) {
  return { group, outcome, queuedMs, startedMs, endedMs, attempts, notes, warnings, reason };
}
