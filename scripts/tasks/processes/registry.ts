// All processes of a run: signalled together, killed with the run, and those that outlive their command named and ended.

import { readFileSync, readdirSync } from 'node:fs';
import type { Child } from '../../host/child.ts';
import type { InnerRun, OuterRun } from './nested.ts';
import { endGroup, groupLives, isZombie, procStat, signalGroup } from '../../host/group.ts';

/** A process group that outlived the command that started it. */
export interface Leftover {
  group: number;
  /** The action that left it. */
  owner: string;
  child: Child;
}

export class Registry {
  readonly #running = new Set<Child>();
  #leftovers: Leftover[] = [];
  #watching = false;

  /** @param nested how this run stands to runs around it and within it */
  constructor(readonly nested: { inner?: InnerRun | undefined; outer?: OuterRun | undefined } = {}) {}

  /** When the process ends for whatever reason, none of them stays behind. */
  readonly #killAll = (): void => {
    for (const child of this.#running) trySignal(() => child.signal('SIGKILL'));
    for (const { group } of this.#leftovers) trySignal(() => signalGroup(group, 'SIGKILL'));
    for (const group of this.nested.outer?.groups() ?? []) trySignal(() => signalGroup(group, 'SIGKILL'));
    this.nested.outer?.close();
  };

  add(child: Child): void {
    if (!this.#watching) process.on('exit', this.#killAll);
    this.#watching = true;
    this.#running.add(child);
    this.nested.inner?.report(child.pid);
  }

  remove(child: Child): void {
    this.#running.delete(child);
    if (!this.#leftovers.some(({ group }) => group === child.pid)) this.nested.inner?.takeBack(child.pid);
  }

  leave(leftover: Leftover): void {
    this.#leftovers.push(leftover);
  }

  /** Ends what outlived its command; resolves with a sentence for each that had to be ended. */
  async endLeftovers(graceMs: number): Promise<string[]> {
    const alive = this.#leftovers.filter(({ group }) => groupLives(group));
    const notices = alive.map(({ group, owner }) => `${namesOf(group)}, left running by ${owner}, was ended`);
    await Promise.all(alive.map(({ group }) => endGroup(group, graceMs)));
    for (const { child, group } of this.#leftovers) {
      child.detach();
      this.nested.inner?.takeBack(group);
    }
    this.#leftovers = [];
    const orphans = (this.nested.outer?.groups() ?? []).filter((group) => groupLives(group));
    await Promise.all(orphans.map((group) => endGroup(group, graceMs)));
    return [
      ...notices,
      ...orphans.map((group) => `process group ${group}, left running by a run within this one, was ended`),
    ];
  }

  close(): void {
    process.off('exit', this.#killAll);
    this.nested.outer?.close();
    this.nested.inner?.close();
    this.#watching = false;
  }
}

function trySignal(send: () => void): void {
  try {
    send();
  } catch {
    // It belongs to another process by now, or has ended.
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
