// The program's one redactor: what leaves for the terminal, as JSON or into a record passes it.

import { createRedactor, HIDDEN } from '../base/redact/redactor.ts';
import type { EngineEvent, Subscriber } from '../engine/event.ts';
import type { RunSummary } from '../progress/summary.ts';

const redactor = createRedactor();

/** What became of short texts: names of steps and kinds come again with each event, and to look takes 20 µs while V8 is cold. */
const known = new Map<string, string>();
const SHORT = 64;
const MOST_KNOWN = 2_000;

/** These values are secret from now on, in every form in which they can be written. */
export function maskSecrets(values: readonly string[]): void {
  redactor.mask(values);
  known.clear();
}

export function redactedText(text: string): string {
  if (text.length > SHORT) return redactor.text(text);
  const before = known.get(text);
  if (before !== undefined) return before;
  const after = redactor.text(text);
  if (known.size >= MOST_KNOWN) known.clear();
  known.set(text, after);
  return after;
}

/** The same value where it holds nothing to hide, else a copy; objects of classes stay as they are. */
export function redactedValue<T>(value: T): T {
  return redacted(value) as T;
}

function redacted(value: unknown): unknown {
  if (typeof value === 'string') return redactedText(value);
  if (Array.isArray(value)) {
    const items = value.map(redacted);
    return items.some((item, i) => item !== value[i]) ? items : value;
  }
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  const entries = Object.entries(value).map(([key, inner]): [string, unknown] => [key, redacted(inner)]);
  return entries.some(([key, inner]) => inner !== (value as Record<string, unknown>)[key])
    ? Object.fromEntries(entries)
    : value;
}

/** A subscriber that sees what the user may see. A private key comes line by line, none of which looks secret alone. */
export function redacting(subscriber: Subscriber): Subscriber {
  const inKey = new Set<string>();
  return (event) => {
    if (event.type !== 'step-output') {
      subscriber(redactedValue(event));
      return;
    }
    const line = lineOf(event, inKey);
    subscriber(line === event.line ? event : { ...event, line });
  };
}

function lineOf({ step, line }: Extract<EngineEvent, { type: 'step-output' }>, inKey: Set<string>): string {
  const within = inKey.has(step);
  if (!within && !line.includes('PRIVATE KEY')) return redactor.text(line);
  if (/-----END [A-Z0-9 ]*PRIVATE KEY/.test(line)) inKey.delete(step);
  else if (/-----BEGIN [A-Z0-9 ]*PRIVATE KEY/.test(line)) inKey.add(step);
  if (!within) return redactor.text(line);
  // Something else is written meanwhile where the line is none of a key's.
  if (/^\s*(?:[A-Za-z0-9+/=]+|-----END .*|[\w-]+: .*)?\s*$/.test(line)) return HIDDEN;
  inKey.delete(step);
  return redactor.text(line);
}

/** The failures of a summary are errors, with more to them than is shown. */
export function redactedSummary(summary: RunSummary): RunSummary {
  const failures = summary.failures.map(({ step, message, lastOutput, hint }) => ({
    step,
    message: redactor.text(message),
    // As one text: what belongs together is on lines of its own.
    lastOutput: lastOutput.length === 0 ? lastOutput : redactor.text(lastOutput.join('\n')).split('\n'),
    hint: hint === undefined ? undefined : redactor.text(hint),
  }));
  return { ...redactedValue({ ...summary, failures: [] }), failures };
}
