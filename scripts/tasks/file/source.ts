// The text of a task file, and marks in it that messages turn into file:line:column.

import type { Problem } from '../../base/errors.ts';
import { excerptOf } from '../../base/excerpt.ts';

/** A file or an included document, as messages name it. */
export class Source {
  /** Offsets of the lines' first characters. */
  #starts: number[] | undefined;

  constructor(
    /** What messages call it: the path as the user gave it, or the URL. */
    readonly name: string,
    readonly text: string,
  ) {}

  /** Line and column, both from 1, of an offset into the text. */
  position(offset: number): { line: number; column: number } {
    const starts = (this.#starts ??= startsOf(this.text));
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 };
  }

  line(number: number): string {
    const starts = (this.#starts ??= startsOf(this.text));
    return this.text.slice(starts[number - 1] ?? 0, starts[number]).trimEnd();
  }
}

function startsOf(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

/** A place in a source. */
export interface Mark {
  source: Source;
  offset: number;
}

/** A text that knows where it was written. */
export interface Text {
  value: string;
  at: Mark;
}

/** `tasks.yaml:3:9` */
export function whereOf({ source, offset }: Mark): string {
  const { line, column } = source.position(offset);
  return `${source.name}:${line}:${column}`;
}

/** `tasks.yaml:3` */
export function lineOf({ source, offset }: Mark): string {
  return `${source.name}:${source.position(offset).line}`;
}

/** A problem with the offending line and a marker below it. */
export function problemAt(mark: Mark, message: string): Problem {
  const { line, column } = mark.source.position(mark.offset);
  return { where: whereOf(mark), message, excerpt: excerptOf(mark.source.line(line), line, column) };
}

/**
 * The place of a part of a text. Quoting, folding and indentation move characters, so the part is looked for in the
 * source from the text's own place on; where it does not stand there literally, the text's place is the answer.
 */
export function markWithin({ value, at }: Text, offset: number, part: string): Mark {
  if (part === '') return at;
  let nth = 0;
  for (let i = value.indexOf(part); i >= 0 && i < offset; i = value.indexOf(part, i + 1)) nth++;
  let found = at.source.text.indexOf(part, at.offset);
  for (; nth > 0 && found >= 0; nth--) found = at.source.text.indexOf(part, found + 1);
  return found < 0 || found > at.offset + value.length * 2 + 4096 ? at : { source: at.source, offset: found };
}
