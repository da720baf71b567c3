// Asks for the variables that have `prompt: true` and that nothing has given.

import { ConfigError, type Problem } from '../../base/errors.ts';
import type { Variable } from '../file/model.ts';
import { problemAt } from '../file/source.ts';
import { matches } from './pattern.ts';
import type { Declarations } from './presets.ts';

export interface Question {
  name: string;
  description: string | undefined;
  /** What an empty answer means. */
  default: string | undefined;
  sensitive: boolean;
  /** What was wrong with the answer before. */
  wrong: string | undefined;
}

/** Puts a question to the user. */
export type Ask = (question: Question) => Promise<string>;

/** Answers that do not match the pattern, until it is given up. */
const MOST_TRIES = 3;

/** Without `ask` the defaults count. @throws ConfigError for variables without one, or whose value does not match their pattern */
export async function askVariables(declarations: Declarations, ask: Ask | undefined): Promise<void> {
  const problems: Problem[] = [];
  for (const variable of declarations.prompted()) {
    const { name, default: given, at } = variable;
    if (ask === undefined && given === undefined) {
      const message = `variable "${name}" is to be asked for, but there is no terminal: give it by --set ${name}=… or MARU_${name}`;
      problems.push(problemAt(at, message));
      continue;
    }
    const problem = await askOne(variable, declarations, ask);
    if (problem !== undefined) problems.push(problem);
  }
  if (problems.length > 0) throw new ConfigError(problems);
}

async function askOne(
  variable: Variable,
  declarations: Declarations,
  ask: Ask | undefined,
): Promise<Problem | undefined> {
  const { name, description, default: given } = variable;
  const { pattern, sensitive = false } = declarations.declared.get(name) ?? {};
  let wrong: string | undefined;
  for (let tries = 0; tries < (ask === undefined ? 1 : MOST_TRIES); tries++) {
    const answer = (await ask?.({ name, description, default: given, sensitive, wrong })) ?? '';
    const text = answer === '' ? (given ?? '') : answer;
    const verdict = pattern === undefined ? true : matches(pattern, text);
    if (verdict === true) {
      if (answer !== '') declarations.give(name, answer);
      return undefined;
    }
    wrong = verdict === false ? `it must match ${pattern ?? ''}` : verdict;
  }
  return problemAt(variable.pattern?.at ?? variable.at, `variable "${name}" has no value that is good: ${wrong ?? ''}`);
}
