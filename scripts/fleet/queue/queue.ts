// Clusters that are due, oldest first; each at most once, however often it is named, and never twice at a time.

import type { Clock } from '../../engine/clock.ts';

interface Entry {
  id: string;
  /** ms of the clock. */
  due: number;
}

export class Queue {
  /** A binary heap by due time. Entries that were superseded stay until they come up. */
  readonly #heap: Entry[] = [];
  readonly #entries = new Map<string, Entry>();
  readonly #running = new Set<string>();
  /** Named again while they were running, and when they are due then. */
  readonly #again = new Map<string, number>();
  #wake: (() => void) | undefined;

  constructor(readonly clock: Clock) {}

  /** Clusters that wait, whether due or not. */
  get size(): number {
    return this.#entries.size;
  }

  /** Clusters that wait and are due. */
  get depth(): number {
    const now = this.clock.now();
    let count = 0;
    for (const { due } of this.#entries.values()) if (due <= now) count += 1;
    return count;
  }

  get running(): number {
    return this.#running.size;
  }

  /** Due after `delayMs`; an earlier time stays. */
  add(id: string, delayMs = 0): void {
    const due = this.clock.now() + delayMs;
    if (this.#running.has(id)) {
      this.#again.set(id, Math.min(due, this.#again.get(id) ?? Infinity));
      return;
    }
    const known = this.#entries.get(id);
    if (known !== undefined && known.due <= due) return;
    this.#insert({ id, due });
  }

  /** As `add`, but a later time replaces an earlier one. */
  postpone(id: string, delayMs: number): void {
    if (!this.#running.has(id)) this.#insert({ id, due: this.clock.now() + delayMs });
  }

  remove(id: string): void {
    this.#entries.delete(id);
    this.#again.delete(id);
  }

  /** Looks again whether more may be started. */
  nudge(): void {
    this.#wake?.();
  }

  /**
   * Runs what is due until `until` says that it is enough, or the signal is aborted; then waits for what is running.
   * @param mayStart whether one more cluster may be worked on now
   * @param work resolves with the ms until the cluster is due again; undefined for never
   */
  async run(options: {
    signal: AbortSignal;
    mayStart: () => boolean;
    until: () => boolean;
    work: (id: string) => Promise<number | undefined>;
  }): Promise<void> {
    const { signal } = options;
    const abort = (): void => this.nudge();
    signal.addEventListener('abort', abort);
    const active = new Set<Promise<void>>();
    let failure: { error: unknown } | undefined;
    try {
      while (!signal.aborted && failure === undefined && !(this.#running.size === 0 && options.until())) {
        const next = options.mayStart() ? this.#take() : undefined;
        if (next === undefined) {
          await this.#sleep();
          continue;
        }
        const work = this.#work(next, options.work).catch((error: unknown) => {
          failure = { error };
        });
        active.add(work);
        void work.finally(() => {
          active.delete(work);
          this.nudge();
        });
      }
    } finally {
      signal.removeEventListener('abort', abort);
      await Promise.all(active);
    }
    if (failure !== undefined && !signal.aborted) throw failure.error;
    signal.throwIfAborted();
  }

  async #work(id: string, work: (id: string) => Promise<number | undefined>): Promise<void> {
    this.#running.add(id);
    let after: number | undefined;
    try {
      after = await work(id);
    } finally {
      this.#running.delete(id);
    }
    const again = this.#again.get(id);
    this.#again.delete(id);
    if (again !== undefined) this.add(id, Math.max(0, again - this.clock.now()));
    if (after !== undefined) this.add(id, after);
  }

  #take(): string | undefined {
    const now = this.clock.now();
    for (;;) {
      const top = this.#heap[0];
      if (top === undefined || (top.due > now && this.#entries.get(top.id) === top)) return undefined;
      this.#pop();
      if (this.#entries.get(top.id) !== top) continue;
      this.#entries.delete(top.id);
      return top.id;
    }
  }

  /** Until something is due, is added, or ends. */
  #sleep(): Promise<void> {
    return new Promise((resolve) => {
      const top = this.#heap[0];
      const cancel =
        top === undefined
          ? undefined
          : this.clock.after(Math.max(1, top.due - this.clock.now()), () => {
              this.nudge();
            });
      this.#wake = () => {
        cancel?.();
        this.#wake = undefined;
        resolve();
      };
    });
  }

  #insert(entry: Entry): void {
    this.#entries.set(entry.id, entry);
    const heap = this.#heap;
    let at = heap.push(entry) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || above.due <= entry.due) break;
      heap[at] = above;
      heap[parent] = entry;
      at = parent;
    }
    this.nudge();
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    heap[0] = last;
    for (let at = 0; ;) {
      const left = 2 * at + 1;
      const right = left + 1;
      const smaller = (heap[right]?.due ?? Infinity) < (heap[left]?.due ?? Infinity) ? right : left;
      const below = heap[smaller];
      if (below === undefined || below.due >= last.due) return;
      heap[at] = below;
      heap[smaller] = last;
      at = smaller;
    }
  }
}
