// How many cases a property test draws: all that it asks for, and a quarter of them in `npm test -- --fast`.

/** Set by the runner of the tests. */
export const FEWER = 'HOIST_TEST_FEWER';

export function draws(count: number): number {
  return process.env[FEWER] === '1' ? Math.ceil(count / 4) : count;
}
