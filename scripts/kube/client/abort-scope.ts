// Holds one exchange with the server by the caller's signal and a time limit at once.

/**
 * Breaks once: for the caller's signal, or because the time is over.
 * An AbortController would do the same, but with its events it costs as much as the rest of a request;
 * AbortSignal.any and AbortSignal.timeout stay in memory until their time is over besides.
 */
export class AbortScope {
  /** Why it broke; undefined as long as it holds. */
  reason: Error | undefined;
  readonly #listeners: ((reason: Error) => void)[] = [];
  #timer: NodeJS.Timeout | undefined;
  #until = Infinity;

  /**
   * @param ms without it there is no limit
   * @param late makes the reason for which it breaks when the time is over
   */
  constructor(
    readonly outer: AbortSignal | undefined,
    ms: number | undefined,
    readonly late: () => Error,
  ) {
    this.renew(ms);
    if (outer?.aborted === true) this.#pass();
    else outer?.addEventListener('abort', this.#pass);
  }

  /** Calls back when it breaks; not where it has broken already. */
  onBreak(listener: (reason: Error) => void): void {
    this.#listeners.push(listener);
  }

  /** Starts the time again; without a time, stops it. */
  renew(ms: number | undefined): void {
    clearTimeout(this.#timer);
    this.#until = ms === undefined ? Infinity : performance.now() + ms;
    this.#timer = ms === undefined ? undefined : setTimeout(this.#expire, ms);
  }

  /** Breaks now if its time is over: a process that was stopped for a while goes on where it was before it looks at its timers. */
  look(): void {
    // Timers fire up to a millisecond early.
    if (performance.now() > this.#until + 1) this.#expire();
  }

  /** To be called when the exchange is over: stops the time and lets go of the caller's signal. */
  release(): void {
    clearTimeout(this.#timer);
    this.outer?.removeEventListener('abort', this.#pass);
  }

  readonly #pass = (): void => {
    this.#break(this.outer?.reason as Error);
  };

  readonly #expire = (): void => {
    this.#break(this.late());
  };

  #break(reason: Error): void {
    if (this.reason !== undefined) return;
    this.reason = reason;
    for (const listener of this.#listeners) listener(reason);
  }
}

/** The promise's result, unless the scope is aborted before; the promise itself goes on. */
export function whileHeld<T>(promise: Promise<T>, held: AbortScope): Promise<T> {
  return new Promise((resolve, reject) => {
    // Also where it has broken already: an unhandled rejection would end the process.
    promise.then(resolve, reject);
    if (held.reason === undefined) held.onBreak(reject);
    else reject(held.reason);
  });
}
