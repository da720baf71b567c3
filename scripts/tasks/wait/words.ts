// The fields of a wait as the shell saw them, through which maru sends them: variables replaced, quotes taken off.

import { HoistError } from '../../base/errors.ts';

/**
 * Replaces `$NAME` and `${NAME}` outside of single quotes, and takes off quotes and backslashes.
 * @throws HoistError for a variable that is not set
 */
export function shellWord(text: string, lookup: (name: string) => string | undefined): string {
  let out = '';
  let quote = '';
  for (let at = 0; at < text.length; at++) {
    const char = text[at] ?? '';
    if (char === '\\' && quote !== "'") out += text[++at] ?? '';
    else if (quote === '' && (char === '"' || char === "'")) quote = char;
    else if (char === quote) quote = '';
    else if (char === '$' && quote !== "'") {
      const name = /^(?:\{(\w+)\}|(\w+))/.exec(text.slice(at + 1));
      if (name === null) out += char;
      else {
        const value = lookup(name[1] ?? name[2] ?? '');
        if (value === undefined) throw new HoistError(`the variable "${name[1] ?? name[2] ?? ''}" is not set`);
        out += value;
        at += name[0].length;
      }
    } else out += char;
  }
  return out;
}
