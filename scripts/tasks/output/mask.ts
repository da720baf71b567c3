// Hides secret values in whatever is shown, in all their encodings, also where a chunk ends within one.

import { NeedleSet, latin1, needlesOf } from '../../base/redact/needles.ts';

const SHOWN = '***';

/** Takes chunks and gives them on without secrets; may hold back the last bytes until the next chunk. */
export interface MaskedStream {
  push(chunk: Buffer): Buffer;
  flush(): Buffer;
}

export class Mask {
  readonly #values = new Set<string>();
  /** In latin1: one character a byte. */
  readonly #needles = new NeedleSet();

  /** Also each line of a value of several lines; what is too short to be a secret is left alone. */
  add(secret: string): void {
    const forms = [secret, ...secret.split(/\r?\n/)].map((form) => form.trim()).filter((form) => form.length >= 4);
    const more = forms.filter((form) => !this.#values.has(form));
    for (const form of more) this.#values.add(form);
    this.#needles.add(needlesOf(more));
  }

  get secrets(): readonly string[] {
    return [...this.#values];
  }

  text(text: string): string {
    if (this.#needles.longest === 0) return text;
    return Buffer.from(this.#cover(latin1(text), true)[0], 'latin1').toString('utf8');
  }

  stream(): MaskedStream {
    let held = '';
    return {
      push: (chunk) => {
        if (this.#needles.longest === 0 && held === '') return chunk;
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
    const end = last ? text.length : this.#openEnd(text);
    let shown = '';
    let from = 0;
    for (let at = 0; at < end;) {
      // The leftmost secret, and the longest of those that begin there.
      const found = this.#needles.at(text, at);
      if (found === undefined) {
        at += 1;
        continue;
      }
      shown += text.slice(from, at) + SHOWN;
      from = at += found.form.length;
    }
    const keep = Math.max(from, end);
    return [shown + text.slice(from, keep), text.slice(keep)];
  }

  /** Where the first end of the text begins that is the start of a secret, and may go on in the next chunk. */
  #openEnd(text: string): number {
    for (let at = Math.max(0, text.length - this.#needles.longest + 1); at < text.length; at++)
      if (this.#needles.mayBeginAt(text, at)) return at;
    return text.length;
  }
}
