// What a task gets when it is called: its inputs as templates and as the environment see them, and what is wrong with them.

import type { Task } from '../file/model.ts';

/** `INPUT_` and the name in upper case, other characters than letters and digits as "_". */
function inputVariable(name: string): string {
  return `INPUT_${name.replace(/[^a-zA-Z0-9]+/g, '_').toUpperCase()}`;
}

/** For `.inputs`: what was given, and the defaults where it was not, or was empty. */
export function inputValues(task: Task, given: ReadonlyMap<string, string>): Map<string, string> {
  const values = new Map(given);
  for (const [name, input] of task.inputs) {
    if ((values.get(name) ?? '') === '') values.set(name, input.default?.value ?? '');
  }
  return values;
}

/** For the environment: defaults that are not empty where nothing was given, and all that was given. */
export function inputEnvironment(task: Task, given: ReadonlyMap<string, string>): Map<string, string> {
  const env = new Map<string, string>();
  for (const [name, input] of task.inputs) {
    const value = input.default?.value ?? '';
    if (!given.has(name) && value !== '') env.set(inputVariable(name), value);
  }
  for (const [name, value] of given) env.set(inputVariable(name), value);
  return env;
}

/** Inputs that must be given and are not: for names that are known before anything runs, an empty value may yet come. */
export function missingInputs(task: Task, has: (name: string) => boolean): string[] {
  return [...task.inputs.values()]
    .filter((input) => input.required && (input.default?.value ?? '') === '' && !has(input.name))
    .map(({ name }) => name);
}
