// What a completion script needs to know of a command, and of the values of its flags.

import type { Flag, Offers } from '../../command.ts';

export interface CompletedCommand {
  name: string;
  /** Other names for it. */
  aliases: readonly string[];
  summary: string;
  offers: Offers;
  flags: readonly Flag[];
}

/** Words that are no commands of the table. */
export const OWN_WORDS: readonly (readonly [word: string, what: string])[] = [
  ['help', 'describe a command'],
  ['version', 'print the version'],
];

export type Value =
  | { kind: 'choices'; choices: readonly string[] }
  | { kind: 'names'; names: string }
  | { kind: 'files' }
  | { kind: 'text' };

/** What a shell offers for the value of a flag; undefined for a switch. */
export function valueOf({ metavar, names }: Flag): Value | undefined {
  if (metavar === undefined) return undefined;
  if (names !== undefined) return { kind: 'names', names };
  if (/^[a-z0-9-]+(\|[a-z0-9-]+)*$/.test(metavar)) return { kind: 'choices', choices: metavar.split('|') };
  return /\b(FILE|DIR|PATH|SPEC)\b/.test(metavar) ? { kind: 'files' } : { kind: 'text' };
}

export function spellings({ name, short }: Flag): string[] {
  return [`--${name}`, ...(short === undefined ? [] : [`-${short}`])];
}

/** In single quotes, as bash, zsh and fish take them. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", `'"'"'`)}'`;
}
