// What commands write, on its way to a terminal as it comes: of all that a terminal obeys colours and carriage returns are left.

import { StringDecoder } from 'node:string_decoder';
import { painted } from '../../base/terminal-text.ts';

/** The beginning of an escape sequence that may go on in the next chunk. */
const OPEN = /\x1b(?:\[[0-?]*[ -/]*|[\]PX^_][^\x07\x1b\n]*\x1b?)?$/;
/** A sequence that is longer is none that anybody means. */
const LONGEST = 4096;

export class TerminalStream {
  readonly #decoder = new StringDecoder('utf8');
  #held = '';

  push(chunk: Buffer): string {
    const text = this.#held + this.#decoder.write(chunk);
    const open = OPEN.exec(text.slice(-LONGEST))?.[0].length ?? 0;
    this.#held = text.slice(text.length - open);
    return text
      .slice(0, text.length - open)
      .split(/(\r+)/)
      .map((part, at) => (at % 2 === 1 ? part : painted(part)))
      .join('');
  }
}
