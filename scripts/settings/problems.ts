// Collects the problems of several files that are read at once, so that the user learns of all of them.

import { ConfigError, type Problem } from '../base/errors.ts';

/** Like Promise.all, but waits for all. @throws ConfigError with the problems of all that failed; else the first other error. */
export async function allOrProblems<T extends readonly unknown[]>(promises: {
  [K in keyof T]: Promise<T[K]>;
}): Promise<T> {
  const settled = await Promise.allSettled(promises);
  const problems: Problem[] = [];
  for (const result of settled) {
    if (result.status === 'fulfilled') continue;
    if (!(result.reason instanceof ConfigError)) throw result.reason;
    problems.push(...result.reason.problems);
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return settled.map((result) => (result as PromiseFulfilledResult<unknown>).value) as unknown as T;
}
