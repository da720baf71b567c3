// Text in terminal cells: width, truncation, wrapping, and taking the harm out of what others wrote.

import stringWidth from 'fast-string-width';
import { oneLine } from './terminal-text.ts';

/** The longest line of what is no live display, in cells. */
export const LINE_CELLS = 80;

/** The longest name of a step within such a line, in cells. */
export const NAME_CELLS = 40;

/** Of such a text each character is one cell. */
const ASCII = /^[\x20-\x7e]*$/;

/** Cells that a text takes; escape sequences take none. */
export function width(text: string): number {
  return ASCII.test(text) ? text.length : stringWidth(text);
}

let graphemes: Intl.Segmenter | undefined;

function split(text: string): string[] {
  if (ASCII.test(text)) return Array.from(text);
  // Not before it is needed: making it costs 25 ms.
  graphemes ??= new Intl.Segmenter(undefined, { granularity: 'grapheme' });
  return Array.from(graphemes.segment(text), ({ segment }) => segment);
}

/** As many of the first characters as fit into `cells`. */
function head(characters: readonly string[], cells: number): string[] {
  let used = 0;
  const end = characters.findIndex((character) => (used += width(character)) > cells);
  return end < 0 ? [...characters] : characters.slice(0, end);
}

/** Shortened to at most `cells`, with the ellipsis where something was cut off. The text must be plain, without styles. */
export function truncate(text: string, cells: number, ellipsis: string): string {
  if (width(text) <= cells) return text;
  const room = cells - width(ellipsis);
  return room < 0 ? '' : head(split(text), room).join('').trimEnd() + ellipsis;
}

/** Exactly `cells` wide: filled with spaces, or shortened in the middle, since the ends of names distinguish them. */
export function fit(text: string, cells: number, ellipsis: string): string {
  let shown = text;
  if (width(text) > cells) {
    const characters = split(text);
    const room = cells - width(ellipsis);
    const end = head(characters.toReversed(), Math.floor(room / 2))
      .reverse()
      .join('');
    shown = head(characters, room - width(end)).join('') + ellipsis + end;
  }
  return shown + ' '.repeat(Math.max(0, cells - width(shown)));
}

/** One line of others that a terminal can be given. */
export { oneLine as plain };

/** The longest text of others within a line, in characters: some sentences. */
const BRIEF = 1_000;

/** One line of others that is not longer than a few of a terminal; of one that is, both ends stay, which say what and why. */
export function brief(text: string): string {
  const line = oneLine(text);
  return line.length <= BRIEF ? line : `${line.slice(0, (BRIEF * 2) / 3)}…${line.slice(-BRIEF / 3)}`;
}

/** Words laid out in lines of at most `cells`; one that is longer than a line, like an address or a path, stays whole. */
export function wrap(words: readonly string[], cells: number): string[] {
  const [first = '', ...others] = words;
  const lines: string[] = [];
  let line = first;
  let used = width(first);
  for (const word of others) {
    const more = width(word);
    if (used + 1 + more <= cells) {
      line += ` ${word}`;
      used += 1 + more;
    } else {
      lines.push(line);
      line = word;
      used = more;
    }
  }
  return [...lines, line];
}
