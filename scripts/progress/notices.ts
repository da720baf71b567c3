// The lines that stay: failures, warnings, retries and what steps write, the same above bars and without them.

import type { EngineEvent } from '../engine/event.ts';
import type { StepRecord } from '../engine/step.ts';
import { count, duration } from '../base/units.ts';
import type { Paint, Style } from './style.ts';
import { brief } from '../base/layout.ts';
import { lastWritten } from '../base/terminal-text.ts';

/** What a line that stays says: the word that it starts with, whether it is good or bad, and the rest. */
export interface Notice {
  word: string;
  paint: Paint;
  mark: string;
  text: string;
}

/** How long a step ran, with its attempts where they were several: `1.2 s`, `1.2 s, 3 attempts`. */
export function effort(record: StepRecord): string {
  const time = record.startedMs === undefined ? '' : duration(record.endedMs - record.startedMs);
  return [time, ...(record.attempts > 1 ? [count(record.attempts, 'attempt')] : [])].join(', ');
}

/** The notice of an event that is worth a line; undefined for the others. */
export function noticeOf(event: EngineEvent, style: Style): Notice | undefined {
  const { marks } = style;
  switch (event.type) {
    case 'run-started':
    case 'steps-added':
    case 'run-ended':
    case 'step-queued':
    case 'step-started':
    case 'step-progress':
      return undefined;
    case 'step-output':
      return {
        word: 'output',
        paint: style.dim,
        mark: marks.gutter,
        text: `${brief(event.step)}: ${lastWritten(event.line)}`,
      };
    case 'step-announced':
      return { word: 'info', paint: style.bold, mark: marks.gutter, text: brief(event.message) };
    case 'step-warning':
      return {
        word: 'warning',
        paint: style.warn,
        mark: marks.warning,
        text: `${brief(event.step)}: ${brief(event.message)}`,
      };
    case 'step-retrying': {
      const text = `${brief(event.step)}: attempt ${event.attempt} failed, again in ${duration(event.delayMs)}: ${brief(event.message)}`;
      return { word: 'retry', paint: style.warn, mark: marks.retry, text };
    }
    case 'step-ended':
      return ended(event.record, style);
  }
}

function ended(record: StepRecord, style: Style): Notice {
  const { marks } = style;
  const name = brief(record.name);
  const why = record.reason === undefined ? '' : `: ${brief(record.reason)}`;
  switch (record.outcome) {
    case 'done': {
      const notes = record.notes ? `: ${record.notes.map(brief).join(', ')}` : '';
      return { word: 'done', paint: style.good, mark: marks.done, text: `${name} (${effort(record)})${notes}` };
    }
    case 'failed': {
      const took = record.startedMs === undefined ? '' : ` (${effort(record)})`;
      return { word: 'failed', paint: style.bad, mark: marks.failed, text: `${name}${took}${why}` };
    }
    case 'warned': {
      const text = `${name}, which is optional, failed (${effort(record)})${why}`;
      return { word: 'warning', paint: style.warn, mark: marks.warning, text };
    }
    case 'skipped':
      return { word: 'skipped', paint: style.dim, mark: marks.gutter, text: `${name}${why}` };
    case 'given-up':
      return { word: 'given up', paint: style.dim, mark: marks.gutter, text: `${name}${why}` };
    case 'cancelled':
      return { word: 'cancelled', paint: style.dim, mark: marks.gutter, text: `${name}${why}` };
  }
}
