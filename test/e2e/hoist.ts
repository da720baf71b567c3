// Runs the real `hoist` in a world of its own: home, state, kubeconfig and working directory in one temporary folder.

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cacheHome } from '../../scripts/host/paths.ts';

const BIN = fileURLToPath(new URL('../../bin/hoist', import.meta.url));

export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface World {
  folder: string;
  state: string;
  /** Runs to its end. */
  hoist(args: readonly string[], env?: Record<string, string>): Promise<Ended>;
  /** Starts, for tests that interfere. */
  start(args: readonly string[], env?: Record<string, string>): { child: ChildProcess; ended: Promise<Ended> };
  write(file: string, text: string): string;
  read(file: string): string;
  /** Ids of all processes that work for clusters of this world. */
  processes(): number[];
  /** Removes all clusters and the folder. */
  close(): Promise<void>;
}

export function createWorld(): World {
  const folder = mkdtempSync(join(tmpdir(), 'hoist-e2e-'));
  const state = join(folder, 'state');
  const base = {
    PATH: process.env['PATH'],
    HOME: folder,
    // Tools are shared: nobody wants to build them for each test.
    XDG_CACHE_HOME: dirname(cacheHome(process.env)),
    XDG_STATE_HOME: state,
    PROVIDER: 'embedded',
    MERGE_KUBECONFIG: 'true',
    KUBECONFIG: join(folder, 'kubeconfig'),
    ...(process.env['HOME'] === undefined ? {} : { GOPATH: join(process.env['HOME'], 'go') }),
  };
  const world: World = {
    folder,
    state,
    start(args, env = {}) {
      const child = spawn(process.execPath, [BIN, ...args], {
        cwd: folder,
        env: { ...base, ...env },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      let stdout = '';
      let stderr = '';
      child.stdout.on('data', (chunk: Buffer) => void (stdout += chunk.toString()));
      child.stderr.on('data', (chunk: Buffer) => void (stderr += chunk.toString()));
      const ended = new Promise<Ended>((resolve) => child.on('close', (code) => resolve({ code, stdout, stderr })));
      return { child, ended };
    },
    hoist: (args, env) => world.start(args, env).ended,
    write(file, text) {
      const path = join(folder, file);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
      return path;
    },
    read: (file) => readFileSync(join(folder, file), 'utf8'),
    processes: () => processesNaming(state),
    async close() {
      await world.hoist(['down', '--all', '--quiet']);
      rmSync(folder, { recursive: true, force: true });
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

/** A settings file that makes little, for tests of other things. */
export const SMALL = 'name: small\nnamespaces: [one]\n';
