// Runs the same task with the same inputs once in a run; all who ask get its variables, or its failure.

import { HoistError } from '../../base/errors.ts';
import type { Value } from '../variables/variables.ts';
import type { Flow } from './flow.ts';

interface Done {
  written: ReadonlyMap<string, Value>;
  last: string | undefined;
  lastMs: number | undefined;
}

export class Once {
  readonly #runs = new Map<string, Promise<Done>>();
  /** Which of them waits for which others. */
  readonly #waits = new Map<string, Set<string>>();

  /**
   * @param within keys of those on whose behalf this is asked
   * @throws what the one run threw; HoistError where it would wait for itself
   */
  async run(key: string, within: readonly string[], flow: Flow, run: (flow: Flow) => Promise<void>): Promise<void> {
    if (this.#reaches(key, new Set(within))) throw new HoistError('a task that runs once would wait for itself');
    for (const one of within) this.#waits.set(one, (this.#waits.get(one) ?? new Set()).add(key));
    let running = this.#runs.get(key);
    if (running === undefined) {
      const own: Flow = { ...flow, variables: flow.variables.branch() };
      running = run(own).then(() => ({ written: own.variables.written, last: own.last, lastMs: own.lastMs }));
      this.#runs.set(key, running);
    }
    const { written, last, lastMs } = await running;
    for (const [name, value] of written) flow.variables.set(name, value);
    flow.last = last;
    flow.lastMs = lastMs;
  }

  #reaches(from: string, targets: ReadonlySet<string>): boolean {
    const open = [from];
    const seen = new Set<string>();
    for (let key = open.pop(); key !== undefined; key = open.pop()) {
      if (targets.has(key)) return true;
      if (seen.has(key)) continue;
      seen.add(key);
      open.push(...(this.#waits.get(key) ?? []));
    }
    return false;
  }
}
