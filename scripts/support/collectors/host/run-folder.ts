// The folder that a command of a spec works in: in memory where there is room, since nothing has redacted what is in it.

import { readlinkSync } from 'node:fs';
import { lstat, mkdtemp, readdir, rm, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isZombie, procStat } from '../../../host/group.ts';
import { Keeper } from '../../../host/keeper.ts';

/** `statfs` of a file system in memory. */
const TMPFS = 0x01021994;
const SHARED_MEMORY = '/dev/shm';
/** Bytes that have to be free in it, and of memory twice as many: what a command writes is taken from both. */
const ROOM = 2 ** 30;
const PREFIX = 'hoist-collect-';

export interface RunFolder {
  readonly path: string;
  /** Called with the group that the command runs in. */
  started(group: number): void;
  /** Called when it has ended by itself. */
  ended(): void;
  /** Removes the folder; nothing of the command may run any more, or may be killed later. */
  close(): Promise<void>;
}

/** @param parents where it may be made; the last one is taken where no other is in memory and has the room */
export async function makeRunFolder(parents: readonly string[] = [SHARED_MEMORY, tmpdir()]): Promise<RunFolder> {
  await Promise.all(parents.map(sweep));
  const parent = await parentOf(parents);
  const path = await mkdtemp(join(parent, `${PREFIX}${ownerOf(process.pid)}-`));
  const keeper = new Keeper(path);
  let running: number | undefined;
  const ended = (): void => {
    if (running !== undefined) keeper.release(running);
    running = undefined;
  };
  return {
    path,
    started(group) {
      running = group;
      keeper.watch(group);
    },
    ended,
    async close() {
      ended();
      await rm(path, { recursive: true, force: true });
      keeper.close();
    },
  };
}

async function parentOf(parents: readonly string[]): Promise<string> {
  const last = parents.at(-1) ?? tmpdir();
  if (process.availableMemory() < 2 * ROOM) return last;
  for (const parent of parents.slice(0, -1)) {
    const room = await statfs(parent).catch(() => undefined);
    if (room?.type === TMPFS && room.bavail * room.bsize >= ROOM) return parent;
  }
  return last;
}

/** Of this incarnation of a process: ids are given again, and other containers may have the same ones. */
function ownerOf(pid: number): string {
  return [namespace(), pid, procStat(pid)?.startTicks ?? '0'].join('-');
}

function namespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid').replace(/\D/g, '');
  } catch {
    return '0';
  }
}

/** Removes what runs have left that were killed together with their keeper, as by the end of a container. */
async function sweep(parent: string): Promise<void> {
  const names = await readdir(parent).catch(() => []);
  const own = new RegExp(`^${PREFIX}${namespace()}-(\\d+)-(\\d+)-\\w{6}$`);
  for (const name of names) {
    const [, pid, startTicks] = own.exec(name) ?? [];
    // Without the start of a process nobody can say whether it is the same one.
    if (pid === undefined || startTicks === '0') continue;
    const stat = procStat(pid);
    if (stat && stat.startTicks === startTicks && !isZombie(stat)) continue;
    const path = join(parent, name);
    const found = await lstat(path).catch(() => undefined);
    if (found?.isDirectory() !== true || found.uid !== process.getuid?.()) continue;
    await rm(path, { recursive: true, force: true }).catch(() => undefined);
  }
}
