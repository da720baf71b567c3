// What an answer usually takes in this fleet at this time: the yardstick for what is slow, which a busy machine moves with it.

/** Each answer moves the value by so much towards itself, which makes it follow the median: one slow cluster does not move it. */
const STEP = 1.02;

export class Typical {
  #ms: number | undefined;

  /** ms; 0 before the first answer. */
  get ms(): number {
    return this.#ms ?? 0;
  }

  answered(ms: number): void {
    const least = Math.max(1, ms);
    if (this.#ms === undefined) this.#ms = least;
    else this.#ms = least > this.#ms ? Math.min(least, this.#ms * STEP) : Math.max(least, this.#ms / STEP);
  }
}
