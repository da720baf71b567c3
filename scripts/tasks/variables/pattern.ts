// Whether a value matches a variable's pattern: a Go regular expression that may match anywhere in it.

import { GoRegExp, GoRegExpError } from '../../base/go-regexp.ts';

/** True or false, or what is wrong with the pattern. */
export function matches(pattern: string, value: string): boolean | string {
  try {
    return new GoRegExp(pattern).test(value);
  } catch (error) {
    if (error instanceof GoRegExpError) return error.message;
    throw error;
  }
}
