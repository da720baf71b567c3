// Runs within runs: an inner run shares the outer one's slots, and names the process groups that end with it.

import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { type Server, type Socket, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LimitFunction } from 'p-limit';
import { procStat } from '../../host/group.ts';

/** Holds the path of the outermost run's folder, for all that runs within it. */
export const RUN_FOLDER = 'HOIST_RUN_FOLDER';

const SLOTS = 'slots';
/** Characters of a request that are kept: a request is one word. */
const MOST_TEXT = 65_536;

/** The side of the outermost run. */
export class OuterRun {
  readonly folder: string;
  readonly #server: Server;

  private constructor(folder: string, server: Server) {
    this.folder = folder;
    this.#server = server;
  }

  /** Undefined where no socket can be made: an inner run is then one of its own. */
  static async open(jobs: LimitFunction): Promise<OuterRun | undefined> {
    let folder: string;
    try {
      folder = mkdtempSync(join(tmpdir(), 'hoist-run-'));
    } catch {
      return undefined;
    }
    const server = createServer((socket) => lend(socket, jobs));
    const open = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false));
      server.listen(join(folder, SLOTS), () => resolve(true));
    });
    if (!open) {
      rmSync(folder, { recursive: true, force: true });
      return undefined;
    }
    server.unref();
    return new OuterRun(folder, server);
  }

  /** Groups that inner runs have reported and not taken back: those of runs that were killed. */
  groups(): number[] {
    return namesIn(this.folder).flatMap((name) => {
      if (!/^\d+$/.test(name)) return [];
      const started = textOf(join(this.folder, name));
      // Taken back between the two looks.
      if (started === undefined) return [];
      const leader = procStat(name);
      // Another process of that number is none of ours; without a leader the number still belongs to the group.
      return leader !== undefined && leader.startTicks !== started ? [] : [Number(name)];
    });
  }

  close(): void {
    this.#server.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

/** Each line asks for a slot, which is answered when there is one, or gives one back; the end gives back all. */
function lend(socket: Socket, jobs: LimitFunction): void {
  const releases: (() => void)[] = [];
  let closed = false;
  let text = '';
  socket.unref();
  socket.setEncoding('utf8');
  socket.on('data', (chunk: string) => {
    text = (text + chunk).slice(-MOST_TEXT);
    const lines = text.split('\n');
    text = lines.pop() ?? '';
    for (const line of lines) {
      if (line === 'release') releases.shift()?.();
      else if (line === 'acquire') {
        void jobs(async () => {
          if (closed) return;
          socket.write('granted\n');
          await new Promise<void>((resolve) => releases.push(resolve));
        });
      }
    }
  });
  socket.on('error', () => undefined);
  socket.on('close', () => {
    closed = true;
    for (const release of releases.splice(0)) release();
  });
}

/** This run's own slot, or one that the outer run lends. */
type Slot = 'own' | 'lent';

/** The side of a run within another one. */
export class InnerRun {
  /** The slot of the command that this run is: it needs no asking. */
  #own = true;
  #socket: Socket | undefined;
  #lost = false;
  readonly #waiting: ((slot: Slot) => void)[] = [];

  constructor(readonly folder: string) {}

  report(group: number): void {
    try {
      writeFileSync(join(this.folder, String(group)), procStat(group)?.startTicks ?? '');
    } catch {
      // The outer run has ended: there is no one left to notify.
    }
  }

  takeBack(group: number): void {
    rmSync(join(this.folder, String(group)), { force: true });
  }

  /** Runs work in a slot of the outer run, or in its own where that is free. */
  async slot<T>(work: () => Promise<T>): Promise<T> {
    const kind = await this.#acquire();
    try {
      return await work();
    } finally {
      if (kind === 'own') this.#giveBackOwn();
      else if (!this.#lost) this.#socket?.write('release\n');
    }
  }

  close(): void {
    this.#socket?.destroy();
  }

  #giveBackOwn(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#own = true;
    else next('own');
  }

  #acquire(): Promise<Slot> {
    if (this.#own) {
      this.#own = false;
      return Promise.resolve('own');
    }
    if (this.#lost) return Promise.resolve('lent');
    this.#socket ??= this.#connect();
    this.#socket.write('acquire\n');
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #connect(): Socket {
    const socket = connect(join(this.folder, SLOTS));
    const lost = (): void => {
      this.#lost = true;
      for (const resolve of this.#waiting.splice(0)) resolve('lent');
    };
    socket.setEncoding('utf8');
    socket.on('data', (chunk: string) => {
      for (const line of chunk.split('\n')) {
        if (line !== 'granted') continue;
        const next = this.#waiting.shift();
        // The asking run has taken this run's own slot meanwhile.
        if (next === undefined) socket.write('release\n');
        else next('lent');
      }
    });
    // Without the outer run there is no limit of it either.
    socket.on('error', lost);
    socket.on('close', lost);
    return socket;
  }
}
