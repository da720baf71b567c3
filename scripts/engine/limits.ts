// The pools of a run: how many of their steps run at once, pools within pools included.

import pLimit, { type LimitFunction } from 'p-limit';
import type { Pool } from './step.ts';

export class Limits {
  readonly pools: Record<string, Pool> = {};
  readonly #limits = new Map<string, LimitFunction>();

  constructor(pools: Readonly<Record<string, Pool>>) {
    this.add(pools);
  }

  add(pools: Readonly<Record<string, Pool>>): void {
    for (const [name, pool] of Object.entries(pools)) {
      if (this.#limits.has(name)) continue;
      this.pools[name] = pool;
      this.#limits.set(name, pLimit(typeof pool === 'number' ? pool : pool.limit));
    }
  }

  /** Runs `work` in a slot of the pool and of those that it lies within, innermost first: an outer slot is never held waiting. */
  run(pool: string | undefined, work: () => Promise<void>): void {
    let queued = work;
    for (const limit of this.#chain(pool).reverse()) {
      const inner = queued;
      queued = () => limit(inner);
    }
    void queued();
  }

  /** Forgets whatever waits for a slot. */
  clear(): void {
    for (const limit of this.#limits.values()) limit.clearQueue();
  }

  /** The pool and those that it lies within, innermost first. */
  #chain(pool: string | undefined): LimitFunction[] {
    const chain: LimitFunction[] = [];
    for (let name = pool; name !== undefined;) {
      const limit = this.#limits.get(name);
      if (limit) chain.push(limit);
      const outer: Pool | undefined = this.pools[name];
      name = typeof outer === 'object' ? outer.within : undefined;
    }
    return chain;
  }
}
