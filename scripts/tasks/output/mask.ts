// Hides secret values in whatever is shown, in all their encodings, also where a chunk ends within one.

import { type Needle, latin1, needlesOf } from '../../base/redact/needles.ts';

const SHOWN = '***';

/** Takes chunks and gives them on without secrets; may hold back the last bytes until the next chunk. */
export interface MaskedStream {
  push(chunk: Buffer): Buffer;
  flush(): Buffer;
}

export class Mask {
  readonly #values = new Set<string>();
  /** Longest first, in latin1: one character a byte. */
  #needles: readonly Needle[] = [];

  /** Also each line of a value of several lines; what is too short to be a secret is left alone. */
  add(secret: string): void {
    const before = this.#values.size;
    for (const form of [secret, ...secret.split(/\r?\n/)]) if (form.trim().length >= 4) this.#values.add(form.trim());
    if (this.#values.size > before) this.#needles = needlesOf(this.#values);
  }

  get secrets(): readonly string[] {
    return [...this.#values];
  }

  text(text: string): string {
    if (this.#needles.length === 0) return text;
    return Buffer.from(this.#cover(latin1(text), true)[0], 'latin1').toString('utf8');
  }

  stream(): MaskedStream {
    let held = '';
    return {
      push: (chunk) => {
        if (this.#needles.length === 0 && held === '') return chunk;
        const [shown, rest] = this.#cover(held + chunk.toString('latin1'), false);
        held = rest;
        return Buffer.from(shown, 'latin1');
      },
      flush: () => {
        const [shown] = this.#cover(held, true);
        held = '';
        return Buffer.from(shown, 'latin1');
      },
    };
  }

  /** The part that is sure, without secrets, and the end that may be the start of one. */
  #cover(text: string, last: boolean): [shown: string, rest: string] {
    let shown = '';
    let at = 0;
    const end = last ? text.length : this.#openEnd(text);
    for (;;) {
      const found = this.#first(text, at);
      if (found === undefined || found.at >= end) break;
      shown += text.slice(at, found.at) + SHOWN;
      at = found.at + found.length;
    }
    const keep = Math.max(at, end);
    return [shown + text.slice(at, keep), text.slice(keep)];
  }

  /** The leftmost secret, and the longest of those that begin there. */
  #first(text: string, from: number): { at: number; length: number } | undefined {
    let best: { at: number; length: number } | undefined;
    for (const { form } of this.#needles) {
      const at = text.indexOf(form, from);
      if (at >= 0 && (best === undefined || at < best.at)) best = { at, length: form.length };
    }
    return best;
  }

  /** Where the first end of the text begins that is the start of a secret, and may go on in the next chunk. */
  #openEnd(text: string): number {
    const longest = this.#needles[0]?.form.length ?? 0;
    for (let at = Math.max(0, text.length - longest + 1); at < text.length; at++) {
      const tail = text.slice(at);
      if (this.#needles.some(({ form }) => form.length > tail.length && form.startsWith(tail))) return at;
    }
    return text.length;
  }
}
