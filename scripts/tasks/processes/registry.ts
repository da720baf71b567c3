// All processes of a run: signalled together, killed with the run, and those that outlive their command named and ended.

import { readFileSync, readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Child } from '../../host/child.ts';
import { groupLives, isZombie, procStat, signalGroup } from '../../host/group.ts';

/** A process group that outlived the command that started it. */
export interface Leftover {
  group: number;
  /** The action that left it. */
  owner: string;
  child: Child;
}

export class Registry {
  readonly #running = new Set<Child>();
  readonly #leftovers: Leftover[] = [];
  /** Groups of nested runs, which they have reported. */
  readonly #foreign = new Set<number>();
  #watching = false;

  /** When the process ends for whatever reason, none of them stays behind. */
  readonly #killAll = (): void => {
    for (const child of this.#running) trySignal(() => child.signal('SIGKILL'));
    for (const { group } of this.#leftovers) trySignal(() => signalGroup(group, 'SIGKILL'));
    for (const group of this.#foreign) trySignal(() => signalGroup(group, 'SIGKILL'));
  };

  add(child: Child): void {
    if (!this.#watching) process.on('exit', this.#killAll);
    this.#watching = true;
    this.#running.add(child);
  }

  remove(child: Child): void {
    this.#running.delete(child);
  }

  adopt(group: number): void {
    this.#foreign.add(group);
  }

  disown(group: number): void {
    this.#foreign.delete(group);
  }

  leave(leftover: Leftover): void {
    this.#leftovers.push(leftover);
  }

  /** Ends what outlived its command; resolves with a sentence for each that had to be ended. */
  async endLeftovers(graceMs: number): Promise<string[]> {
    const alive = this.#leftovers.filter(({ group }) => groupLives(group));
    const notices = alive.map(({ group, owner }) => `${namesOf(group)}, left running by ${owner}, was ended`);
    await Promise.all(alive.map(({ group }) => endGroupOf(group, graceMs)));
    for (const { child } of this.#leftovers) child.detach();
    this.#leftovers.length = 0;
    return notices;
  }

  close(): void {
    process.off('exit', this.#killAll);
    this.#watching = false;
  }
}

function trySignal(send: () => void): void {
  try {
    send();
  } catch {
    // It belongs to somebody else by now, or has ended.
  }
}

async function endGroupOf(group: number, graceMs: number): Promise<void> {
  signalGroup(group, 'SIGTERM');
  const deadline = performance.now() + graceMs;
  for (let pauseMs = 2; groupLives(group); pauseMs = Math.min(pauseMs * 2, 50)) {
    if (performance.now() >= deadline) {
      signalGroup(group, 'SIGKILL');
      return;
    }
    await sleep(pauseMs);
  }
}

/** `python3 (process 123)`, from /proc; elsewhere the group's number. */
function namesOf(group: number): string {
  if (process.platform !== 'linux') return `process group ${group}`;
  const names = readdirSync('/proc').flatMap((pid) => {
    const stat = /^\d/.test(pid) ? procStat(pid) : undefined;
    if (stat?.group !== group || isZombie(stat)) return [];
    return `${commandOf(pid)} (process ${pid})`;
  });
  const shown = names.slice(0, 3).join(', ');
  return names.length > 3
    ? `${shown} and ${names.length - 3} more`
    : names.length === 0
      ? `process group ${group}`
      : shown;
}

/** The program's name alone: arguments may hold secrets. */
function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
  } catch {
    return 'process';
  }
}
