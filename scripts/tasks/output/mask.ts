// Hides secret values in whatever is shown, also where a chunk ends within one.

const SHOWN = Buffer.from('***');

/** Takes chunks and gives them on without secrets; may hold back the last bytes until the next chunk. */
export interface MaskedStream {
  push(chunk: Buffer): Buffer;
  flush(): Buffer;
}

export class Mask {
  /** Longest first, so that no rest of a longer one stays. */
  #secrets: Buffer[] = [];

  /** Values of fewer than four characters would hide half of all texts, and are no secrets worth the name. */
  add(secret: string): void {
    for (const form of [secret, ...secret.split(/\r?\n/)]) {
      const bytes = Buffer.from(form.trim());
      if (bytes.length < 4 || this.#secrets.some((known) => known.equals(bytes))) continue;
      this.#secrets.push(bytes);
    }
    this.#secrets.sort((a, b) => b.length - a.length);
  }

  text(text: string): string {
    if (this.#secrets.length === 0) return text;
    return this.#secrets.reduce((shown, secret) => shown.replaceAll(secret.toString(), SHOWN.toString()), text);
  }

  stream(): MaskedStream {
    let held = Buffer.alloc(0);
    return {
      push: (chunk) => {
        if (this.#secrets.length === 0) return chunk;
        const whole = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
        const [shown, rest] = this.#cover(whole, false);
        held = Buffer.from(rest);
        return shown;
      },
      flush: () => {
        const [shown] = this.#cover(held, true);
        held = Buffer.alloc(0);
        return shown;
      },
    };
  }

  /** The part that is sure, without secrets, and the end that may be the start of one. */
  #cover(bytes: Buffer, last: boolean): [shown: Buffer, rest: Buffer] {
    const out: Buffer[] = [];
    let at = 0;
    for (;;) {
      const found = this.#first(bytes, at);
      if (found === undefined) break;
      out.push(bytes.subarray(at, found.at), SHOWN);
      at = found.at + found.length;
    }
    const keep = last ? bytes.length : this.#start(bytes, at);
    out.push(bytes.subarray(at, keep));
    return [out.length === 1 ? (out[0] ?? bytes) : Buffer.concat(out), bytes.subarray(keep)];
  }

  #first(bytes: Buffer, from: number): { at: number; length: number } | undefined {
    let best: { at: number; length: number } | undefined;
    for (const secret of this.#secrets) {
      const at = bytes.indexOf(secret, from);
      if (at >= 0 && (best === undefined || at < best.at)) best = { at, length: secret.length };
    }
    return best;
  }

  /** Where the longest end of the bytes begins that a secret starts with. */
  #start(bytes: Buffer, from: number): number {
    let start = bytes.length;
    for (const secret of this.#secrets) {
      for (let length = Math.min(secret.length - 1, bytes.length - from); length > 0; length--) {
        if (bytes.length - length >= start) break;
        if (bytes.subarray(bytes.length - length).equals(secret.subarray(0, length))) start = bytes.length - length;
      }
    }
    return start;
  }
}
