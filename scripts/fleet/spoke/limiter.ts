// How many requests may be under way: grows while answers come fast, and is halved where a server asks for less.

export interface LimiterOptions {
  start: number;
  min: number;
  max: number;
}

/** Requests whose latency is compared before the limit moves. */
const WINDOW = 16;

/** A window this much slower than the best one seen means that requests queue up on the server. */
const SLOWER = 3;

/** ms; below this, latency says more about this machine than about the server. */
const FAST_MS = 25;

/** As TCP: doubles until the server shows a limit, then additive increase, multiplicative decrease; first come, first served. */
export class Limiter {
  #limit: number;
  #active = 0;
  readonly #waiting: (() => void)[] = [];
  #sum = 0;
  #count = 0;
  #best = Infinity;
  /** Whether the server has never shown a limit yet. */
  #doubling = true;

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
    this.#sum += ms;
    this.#count += 1;
    if (this.#doubling) this.#grow();
    if (this.#count < WINDOW) return;
    const mean = this.#sum / this.#count;
    this.#sum = 0;
    this.#count = 0;
    // The best drifts up slowly, so that one lucky window does not bind for ever.
    this.#best = Math.min(this.#best * 1.02, mean);
    if (mean > FAST_MS && mean > this.#best * SLOWER) this.#shrink(0.8);
    else if (!this.#doubling) this.#grow();
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
