// The outcomes of a check: in the order of the spec, the first whose `when` holds.

import type { AnalyzeOutcome } from '../../types.ts';
import { BadCheck, record, text, type Spec, type CheckVerdict } from './check.ts';

export interface Outcome {
  outcome: AnalyzeOutcome;
  /** '' holds always. */
  when: string;
  message: string;
  uri: string | undefined;
}

const KINDS = ['fail', 'warn', 'pass'] as const;

export function outcomesOf(spec: Spec): Outcome[] {
  const list = Array.isArray(spec['outcomes']) ? (spec['outcomes'] as unknown[]) : [];
  return list.map((entry) => {
    const outcome = KINDS.find((kind) => Object.hasOwn(record(entry), kind));
    if (!outcome) throw new BadCheck('an outcome is none of fail, warn and pass');
    const single = record(record(entry)[outcome]);
    const uri = text(single, 'uri');
    return { outcome, when: text(single, 'when').trim(), message: text(single, 'message'), uri: uri || undefined };
  });
}

export const verdictOf = ({ outcome, uri }: Outcome, message: string): CheckVerdict => ({ outcome, message, uri });

export interface Choice {
  holds: (when: string, outcome: Outcome) => boolean;
  /** What was found, for where no outcome matches. */
  found: string;
  message?: (outcome: Outcome) => string;
  title?: string;
}

/** The verdict of the first outcome that holds; a warning where none does. */
export function firstOf(
  outcomes: readonly Outcome[],
  { holds, found, message = (one) => one.message, title }: Choice,
): CheckVerdict {
  const match = outcomes.find((outcome) => outcome.when === '' || holds(outcome.when, outcome));
  const verdict = match ? verdictOf(match, message(match)) : noMatch(outcomes, found);
  return title === undefined ? verdict : { ...verdict, title };
}

export function noMatch(outcomes: readonly Outcome[], found: string): CheckVerdict {
  const why =
    outcomes.length === 0 ? 'The check has no outcomes' : `None of the check's ${outcomes.length} outcomes matched`;
  return { outcome: 'warn', message: `${why}: found ${found}`, reason: 'no outcome matched' };
}

/** `true` and `false` as Go's ParseBool takes them. */
export function goBool(value: string): boolean {
  if (/^(?:1|t|T|TRUE|true|True)$/.test(value)) return true;
  if (/^(?:0|f|F|FALSE|false|False)$/.test(value)) return false;
  throw new BadCheck(`"${value}" is neither true nor false`);
}
