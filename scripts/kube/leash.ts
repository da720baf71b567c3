// Holds one exchange with the server by the caller's signal and a time limit at once.

export interface Leash {
  /** Aborted by the caller's signal, or when the time is over. */
  readonly signal: AbortSignal;
  /** Starts the time anew; without a time, stops it. */
  renew(ms: number | undefined): void;
  /** To be called when the exchange is over: stops the time and lets go of the caller's signal. */
  release(): void;
}

// Not AbortSignal.any with AbortSignal.timeout: on Node 20 each of these stays in memory until its time is over.
/**
 * @param ms without it there is no limit
 * @param late makes the reason for which the signal is aborted when the time is over
 */
export function leash(outer: AbortSignal | undefined, ms: number | undefined, late: () => Error): Leash {
  const controller = new AbortController();
  const pass = (): void => {
    controller.abort(outer?.reason);
  };
  const expire = (): void => {
    controller.abort(late());
  };
  let timer = ms === undefined ? undefined : setTimeout(expire, ms);
  if (outer?.aborted === true) pass();
  else outer?.addEventListener('abort', pass, { once: true });
  return {
    signal: controller.signal,
    renew(next) {
      clearTimeout(timer);
      timer = next === undefined ? undefined : setTimeout(expire, next);
    },
    release() {
      clearTimeout(timer);
      outer?.removeEventListener('abort', pass);
    },
  };
}
