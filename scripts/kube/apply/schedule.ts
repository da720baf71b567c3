// Runs numbered tasks in parallel, each as soon as what it waits for has ended.

import type { Needs } from './order.ts';

export interface Tasks {
  /** Free of cycles. */
  order: readonly Needs[];
  /** How many `run` are under way at most. */
  concurrency: number;
  /** May resolve with a wait: the task ends with it, but it takes no place meanwhile. Rejections count as not well. */
  run(at: number): Promise<{ wait: Promise<void> } | undefined>;
  /** Called in place of `run` where the task `because`, which it needs, failed. */
  skip(at: number, because: number): void;
  signal?: AbortSignal | undefined;
}

/** Resolves when every task has ended or was skipped. @throws the signal's reason, after all running tasks have ended */
export function runTasks(tasks: Tasks): Promise<void> {
  return new Promise((resolve, reject) => {
    new Scheduler(tasks, resolve, reject).start();
  });
}

class Scheduler {
  readonly #dependents: { at: number; strict: boolean }[][];
  readonly #waitsFor: number[];
  readonly #ended: boolean[];
  readonly #ready: number[] = [];
  #next = 0;
  #places: number;
  #running = 0;
  #left: number;

  constructor(
    readonly tasks: Tasks,
    readonly resolve: () => void,
    readonly reject: (reason: Error) => void,
  ) {
    const { order } = tasks;
    this.#dependents = order.map(() => []);
    this.#waitsFor = order.map(({ needs, after }) => needs.length + after.length);
    this.#ended = order.map(() => false);
    this.#places = tasks.concurrency;
    this.#left = order.length;
    order.forEach(({ needs, after }, at) => {
      for (const need of needs) this.#dependents[need]?.push({ at, strict: true });
      for (const other of after) this.#dependents[other]?.push({ at, strict: false });
      if (this.#waitsFor[at] === 0) this.#ready.push(at);
    });
  }

  start(): void {
    const { signal } = this.tasks;
    const stopped = signal?.aborted === true;
    while (!stopped && this.#places > 0 && this.#next < this.#ready.length) {
      const at = this.#ready[this.#next++];
      if (at !== undefined) void this.#run(at);
    }
    if (this.#running > 0) return;
    if (stopped) this.reject(signal.reason as Error);
    else if (this.#left === 0) this.resolve();
  }

  async #run(at: number): Promise<void> {
    this.#running += 1;
    this.#places -= 1;
    let placed = true;
    let well = true;
    try {
      const more = await this.tasks.run(at);
      if (more !== undefined) {
        this.#places += 1;
        placed = false;
        this.start();
        await more.wait;
      }
    } catch {
      well = false;
    }
    if (placed) this.#places += 1;
    this.#running -= 1;
    this.#end(at, well);
    this.start();
  }

  #end(at: number, well: boolean): void {
    this.#ended[at] = true;
    this.#left -= 1;
    for (const dependent of this.#dependents[at] ?? []) {
      if (this.#ended[dependent.at] === true) continue;
      if (dependent.strict && !well) {
        this.tasks.skip(dependent.at, at);
        this.#end(dependent.at, false);
        continue;
      }
      const waits = (this.#waitsFor[dependent.at] ?? 0) - 1;
      this.#waitsFor[dependent.at] = waits;
      if (waits === 0) this.#ready.push(dependent.at);
    }
  }
}
