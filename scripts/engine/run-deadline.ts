// The time that a whole run may take: it passes except while a step holds it.

import type { Clock } from './clock.ts';

export class RunDeadline {
  private holders = 1;
  private sinceMs = 0;
  private cancel: (() => void) | undefined;

  /**
   * Begins held: time passes from the first `release` on.
   * @param leftMs ms that are left; without them there is no limit.
   * @param over called when they have passed.
   */
  constructor(
    private readonly clock: Clock,
    private leftMs: number | undefined,
    private readonly over: () => void,
  ) {}

  hold(): void {
    if (this.holders++ > 0 || this.leftMs === undefined) return;
    this.cancel?.();
    this.leftMs = Math.max(0, this.leftMs - (this.clock.now() - this.sinceMs));
  }

  release(): void {
    if (--this.holders > 0 || this.leftMs === undefined) return;
    this.sinceMs = this.clock.now();
    this.cancel = this.clock.after(this.leftMs, this.over);
  }
}
