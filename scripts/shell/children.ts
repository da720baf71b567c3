// The processes that one step of the user has started, each with all that it has started itself.

import { spawn } from 'node:child_process';
import { endGroup, groupLives, signalGroup } from '../host/group.ts';

/** ms between SIGTERM and SIGKILL. */
const GRACE_MS = 2_000;

const all = new Set<Children>();

/** When hoist ends without having waited for a step, nothing of it must stay behind. */
function killAll(): void {
  for (const children of all) children.kill();
}

export class Children {
  readonly #groups = new Set<number>();
  #closed = false;

  constructor() {
    if (all.size === 0) process.on('exit', killAll);
    all.add(this);
  }

  /** Starts a process as the leader of a group of its own. */
  readonly spawn = ((file: string, args: readonly string[], options: object) => {
    if (this.#closed) throw new Error('the step is over: it cannot start anything any more');
    const child = spawn(file, args, { ...options, detached: true });
    const { pid } = child;
    if (pid !== undefined) {
      this.#groups.add(pid);
      // An empty group is forgotten at once, since its number may be given to someone else.
      child.once('exit', () => signalGroup(pid, 0) || this.#groups.delete(pid));
    }
    return child;
  }) as typeof spawn;

  /** Ends what is left, and lets nothing new start. @returns how many process groups still ran. */
  async end(): Promise<number> {
    this.#closed = true;
    const living = [...this.#groups].filter((group) => groupLives(group));
    await Promise.all([...this.#groups].map((group) => endGroup(group, GRACE_MS)));
    this.#groups.clear();
    all.delete(this);
    if (all.size === 0) process.off('exit', killAll);
    return living.length;
  }

  kill(): void {
    for (const group of this.#groups) signalGroup(group, 'SIGKILL');
  }
}
