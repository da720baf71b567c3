// Runs the real `hoist` in a world of its own: home, state, kubeconfig and working directory in one temporary folder.

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const BIN = fileURLToPath(new URL('../bin/hoist', import.meta.url));

export type Env = Record<string, string | undefined>;

export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface World {
  folder: string;
  state: string;
  /** What every run sees; may be changed between runs. */
  env: Env;
  /** Runs to its end. */
  hoist(args: readonly string[], env?: Env): Promise<Ended>;
  /** Starts, for tests that interfere. */
  start(args: readonly string[], env?: Env): { child: ChildProcess; ended: Promise<Ended> };
  write(file: string, text: string): string;
  read(file: string): string;
  /** Ids of all processes that work for clusters of this world. */
  processes(): number[];
  /** Removes the folder. */
  close(): Promise<void>;
}

/** @param name part of the folder's name; @param env beside PATH and the folders */
export function createWorld(name: string, env: Env = {}): World {
  const folder = mkdtempSync(join(tmpdir(), `hoist-${name}-`));
  const state = join(folder, 'state');
  const world: World = {
    folder,
    state,
    env: {
      PATH: process.env['PATH'],
      HOME: folder,
      XDG_STATE_HOME: state,
      XDG_CACHE_HOME: join(folder, 'cache'),
      KUBECONFIG: join(folder, 'kubeconfig'),
      ...env,
    },
    start(args, own = {}) {
      const child = spawn(process.execPath, [BIN, ...args], {
        cwd: folder,
        env: { ...world.env, ...own },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      let stdout = '';
      let stderr = '';
      child.stdout.on('data', (chunk: Buffer) => void (stdout += chunk.toString()));
      child.stderr.on('data', (chunk: Buffer) => void (stderr += chunk.toString()));
      const ended = new Promise<Ended>((resolve) => child.on('close', (code) => resolve({ code, stdout, stderr })));
      return { child, ended };
    },
    hoist: (args, own) => world.start(args, own).ended,
    write(file, text) {
      const path = join(folder, file);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
      return path;
    },
    read: (file) => readFileSync(join(folder, file), 'utf8'),
    processes: () => processesNaming(state),
    close() {
      rmSync(folder, { recursive: true, force: true });
      return Promise.resolve();
    },
  };
  return world;
}

/** Linux only, like the tests that use it. */
function processesNaming(text: string): number[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(text);
      } catch {
        return false;
      }
    })
    .map(Number);
}
