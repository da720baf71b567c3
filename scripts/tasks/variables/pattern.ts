// Whether a value matches a variable's pattern: a Go regular expression that may match anywhere in it.

import { messageOf } from '../../base/errors.ts';

/** True or false, or what is wrong with the pattern. */
export function matches(pattern: string, value: string): boolean | string {
  try {
    return new RegExp(pattern, 'u').test(value);
  } catch (error) {
    return messageOf(error);
  }
}
