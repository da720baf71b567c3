// Stands in the code in place of what test/mutants.ts changes: at most one change is on in a process, and each says that it was
// reached.

import { appendFileSync } from 'node:fs';

/** Environment: the number of the change that is on; where the numbers of those that ran are written at the end. */
export const SWITCHED = 'HOIST_MUTANT';
export const REACHED_FILE = 'HOIST_MUTANTS_REACHED';

type Operation = (a: number, b: number) => unknown;

const OPERATIONS: Readonly<Record<string, Operation>> = {
  '===': (a, b) => a === b,
  '!==': (a, b) => a !== b,
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
};

const GOES_ON: Readonly<Record<string, (left: unknown) => boolean>> = {
  '&&': Boolean,
  '||': (left) => !left,
  '??': (left) => left === undefined || left === null,
};

export interface Switches {
  /** Whether the right side of a `&&`, `||` or `??` is looked at. */
  goesOn(id: number, own: string, other: string, left: unknown): boolean;
  /** The left side that was looked at last. */
  left(): unknown;
  operator(id: number, own: string, other: string, a: number, b: number): unknown;
  not(id: number, value: unknown): unknown;
  number(id: number, value: number): number;
  flag(id: number, value: boolean): boolean;
}

/** @param isOn whether a change is made; asked each time that the code comes to its place */
export function switchesFor(isOn: (id: number) => boolean): Switches {
  let last: unknown;
  return {
    goesOn: (id, own, other, left) => {
      last = left;
      return GOES_ON[isOn(id) ? other : own]?.(left) === true;
    },
    left: () => {
      const value = last;
      last = undefined;
      return value;
    },
    operator: (id, own, other, a, b) => OPERATIONS[isOn(id) ? other : own]?.(a, b),
    not: (id, value) => (isOn(id) ? value : !value),
    number: (id, value) => (isOn(id) ? value + 1 : value),
    flag: (id, value) => isOn(id) !== value,
  };
}

const on = Number(process.env[SWITCHED] ?? 0);
const reachedFile = process.env[REACHED_FILE];
const reached = new Set<number>();
if (reachedFile !== undefined)
  process.on('exit', () => appendFileSync(reachedFile, Array.from(reached, (id) => `${id}\n`).join('')));

/** Those of this process. */
export const switches = switchesFor((id) => {
  if (reachedFile !== undefined) reached.add(id);
  return id === on;
});
