// Reads `--set NAME=VALUE` and `--with NAME=VALUE` by the rules of the flag library that maru uses.

import { UsageError } from '../../base/errors.ts';

/**
 * One `=`: all behind it is the value, outer quotes are cut off. Several: read as a line of CSV, so that `A=1,B=2` sets two;
 * where that gives no pairs, as for `ARGS=--a=1,2`, it is one value.
 * @throws UsageError for a text without `=`
 */
export function assignments(flag: string, texts: readonly string[]): Map<string, string> {
  const pairs = new Map<string, string>();
  for (const text of texts) {
    const count = text.split('=').length - 1;
    if (count === 0) throw new UsageError(`${flag} needs NAME=VALUE, not "${text}"`);
    const parts = count === 1 ? [text.replace(/^"+|"+$/g, '')] : (csvPairs(text) ?? [text]);
    for (const part of parts) {
      const at = part.indexOf('=');
      pairs.set(part.slice(0, at), part.slice(at + 1));
    }
  }
  return pairs;
}

/** The fields of a CSV line, where each is a pair. */
function csvPairs(line: string): string[] | undefined {
  const fields: string[] = [];
  for (let at = 0; at <= line.length;) {
    if (line[at] === '"') {
      const quoted = /^"((?:[^"]|"")*)"(?=,|$)/.exec(line.slice(at));
      if (!quoted) return undefined;
      fields.push((quoted[1] ?? '').replaceAll('""', '"'));
      at += quoted[0].length + 1;
    } else {
      const end = line.indexOf(',', at);
      fields.push(line.slice(at, end < 0 ? line.length : end));
      at = end < 0 ? line.length + 1 : end + 1;
    }
  }
  return fields.every((field) => /^[A-Za-z_][\w.-]*=/.test(field)) ? fields : undefined;
}
