// How many requests may be under way: grows while answers come fast, and is halved where a server asks for less.

export interface LimiterOptions {
  start: number;
  min: number;
  max: number;
}

/** Answers by which the limit grows by one, once the server has shown a limit. */
const STEP = 16;

/** A round of answers this much slower than the best one seen means that requests queue up on the server. */
const SLOWER = 3;

/** Where a lower limit leaves this much of the latency, the queue is not made of our requests. */
const STILL = 0.9;

/** Rounds after which that is tried again. */
const PATIENCE = 16;

/** ms; below this, latency says more about this machine than about the server. */
const FAST_MS = 25;

/** As TCP: doubles until the server shows a limit, then additive increase, multiplicative decrease; first come, first served. */
export class Limiter {
  #limit: number;
  #active = 0;
  readonly #waiting: (() => void)[] = [];
  #sum = 0;
  #count = 0;
  #sinceStep = 0;
  #best = Infinity;
  /** Whether the server has never shown a limit yet. */
  #doubling = true;
  #wasLate = false;
  /** Mean ms for which the limit was lowered last, until it is known whether that has helped. */
  #lowered: number | undefined;
  /** Rounds for which late answers are taken as they come. */
  #patience = 0;
  /** Answers that were asked for under the limit before. */
  #stale = 0;

  constructor(readonly options: LimiterOptions) {
    this.#limit = options.start;
  }

  get limit(): number {
    return this.#limit;
  }

  get active(): number {
    return this.#active;
  }

  /** Resolves when there is room; each call is to be answered by one `release`. */
  acquire(): Promise<void> | undefined {
    if (this.#active < this.#limit) {
      this.#active += 1;
      return undefined;
    }
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  release(): void {
    this.#active -= 1;
    this.#wake();
  }

  /** An answer that came after `ms`. */
  answered(ms: number): void {
    if (this.#doubling) this.#grow();
    else if (++this.#sinceStep >= STEP) {
      this.#sinceStep = 0;
      this.#grow();
    }
    if (this.#stale > 0) {
      this.#stale -= 1;
      return;
    }
    this.#sum += ms;
    this.#count += 1;
    // A whole round: answers that come at once say the same.
    if (this.#count < Math.max(STEP, this.#limit)) return;
    const mean = this.#sum / this.#count;
    this.#sum = 0;
    this.#count = 0;
    this.#judge(mean);
  }

  #judge(mean: number): void {
    // The best drifts up slowly, so that one lucky round does not bind forever.
    this.#best = Math.min(this.#best * 1.001, mean);
    const isLate = mean > FAST_MS && mean > this.#best * SLOWER;
    const [wasLate, lowered] = [this.#wasLate, this.#lowered];
    this.#wasLate = isLate;
    this.#lowered = undefined;
    if (this.#patience > 0) this.#patience -= 1;
    else if (isLate && lowered !== undefined && mean > lowered * STILL) {
      // This machine is busy, or everything got slower: with fewer requests under way less would be done, and no sooner.
      this.#patience = PATIENCE;
    } else if (isLate && wasLate) {
      this.#shrink(0.8);
      this.#lowered = mean;
      this.#stale = this.#active;
    }
  }

  /** The server has asked for fewer requests. */
  throttled(): void {
    this.#shrink(0.5);
  }

  #grow(): void {
    this.#limit = Math.min(this.options.max, this.#limit + 1);
    this.#wake();
  }

  #shrink(factor: number): void {
    this.#doubling = false;
    this.#sinceStep = 0;
    this.#limit = Math.max(this.options.min, Math.floor(this.#limit * factor));
  }

  #wake(): void {
    while (this.#active < this.#limit) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      this.#active += 1;
      next();
    }
  }
}
