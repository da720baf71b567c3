// A clock that stands still until a test moves it.

import type { Clock } from '../../scripts/engine/clock.ts';

export class FakeClock implements Clock {
  private time = 0;
  private timers: { at: number; callback: () => void }[] = [];

  now(): number {
    return this.time;
  }

  after(ms: number, callback: () => void): () => void {
    const timer = { at: this.time + ms, callback };
    this.timers.push(timer);
    return () => {
      this.timers = this.timers.filter((t) => t !== timer);
    };
  }

  sleep(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        clear();
        reject(signal.reason as Error);
      };
      const clear = this.after(ms, () => {
        signal.removeEventListener('abort', onAbort);
        resolve();
      });
      if (signal.aborted) onAbort();
      else signal.addEventListener('abort', onAbort, { once: true });
    });
  }

  /** Moves to the earliest timer and fires all that are due then; does nothing where there is none. */
  jump(): void {
    const at = Math.min(...this.timers.map((t) => t.at));
    if (!Number.isFinite(at)) return;
    this.time = at;
    const due = this.timers.filter((t) => t.at === at);
    this.timers = this.timers.filter((t) => t.at !== at);
    for (const timer of due) timer.callback();
  }

  /** Moves on by `ms`, firing what becomes due in order. */
  advance(ms: number): void {
    const until = this.time + ms;
    while (this.timers.some((timer) => timer.at <= until)) this.jump();
    this.time = until;
  }
}
