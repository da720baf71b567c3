// Reads a .env file as docker and docker compose do, and names each line that is none.

import type { Problem } from '../base/errors.ts';

export interface EnvFile {
  values: Readonly<Record<string, string>>;
  problems: readonly Problem[];
}

const assignment = /^(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_.-]*)[ \t]*=[ \t]*/;
const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '"': '"', '\\': '\\', $: '$' };

/**
 * `NAME=value` a line; values may be quoted, and then have several lines. A `#` begins a comment after a space only.
 * Nothing is put in for `$NAME`. @param name of the file, for messages
 */
export function readEnvFile(text: string, name: string): EnvFile {
  const values: Record<string, string> = {};
  const problems: Problem[] = [];
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  for (let at = 0; at < lines.length; at++) {
    const line = (lines[at] ?? '').trimStart();
    if (line === '' || line.startsWith('#')) continue;
    const found = assignment.exec(line);
    // The line itself may be a secret, so that only its number is shown.
    const where = `${name}:${at + 1}`;
    if (!found) {
      problems.push({ where, message: 'is no line like NAME=value' });
      continue;
    }
    const rest = line.slice(found[0].length);
    const quote = /^["']/.exec(rest)?.[0];
    if (quote === undefined) {
      values[found[1] ?? ''] = (rest.startsWith('#') ? '' : rest.replace(/[ \t]#.*$/, '')).trimEnd();
      continue;
    }
    const quoted = quotedFrom([rest.slice(1), ...lines.slice(at + 1)], quote);
    if (quoted === undefined) {
      problems.push({ where, message: `the value of ${found[1] ?? ''} begins with ${quote} and has no end` });
      continue;
    }
    at += quoted.lines;
    if (/^[ \t]*(#.*)?$/.test(quoted.after)) values[found[1] ?? ''] = quoted.value;
    else problems.push({ where, message: `the value of ${found[1] ?? ''} goes on after its closing ${quote}` });
  }
  return { values, problems };
}

/** The value up to its closing quote, and how many further lines it took. */
function quotedFrom(
  lines: readonly string[],
  quote: string,
): { value: string; after: string; lines: number } | undefined {
  let value = '';
  for (const [taken, line] of lines.entries()) {
    for (let at = 0; at < line.length; at++) {
      const char = line[at] ?? '';
      if (char === quote) return { value, after: line.slice(at + 1), lines: taken };
      const escaped = quote === '"' && char === '\\' ? escapes[line[at + 1] ?? ''] : undefined;
      value += escaped ?? char;
      if (escaped !== undefined) at += 1;
    }
    value += '\n';
  }
  return undefined;
}
