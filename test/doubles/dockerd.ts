// A real Docker engine of a test's own, which it may kill and starve: all of it in one temporary folder, on a bridge of its
// own, no firewall rules. Root alone can run one.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type DockerSession, openDocker } from '../../scripts/docker/session.ts';

const START_MS = 30_000;
/** An engine without a bridge (`--bridge none`) removes docker0, which is another engine's: each gets one of its own. */
let bridges = 0;

export const canRunDockerd =
  process.getuid?.() === 0 && spawnSync('dockerd', ['--version']).status === 0 && canAddBridge();

export interface Dockerd {
  /** For DOCKER_HOST. */
  host: string;
  start(): Promise<DockerSession>;
  /** As a crash: no good-byes. */
  kill(): Promise<void>;
  /** Ends it and removes all that it has kept. */
  close(): Promise<void>;
}

/**
 * @param sizeMib where given, its data are on a file system of that size.
 * @returns undefined where that cannot be mounted, or no bridge can be made.
 */
export function createDockerd(sizeMib?: number): Dockerd | undefined {
  // Paths of sockets are short by law.
  const folder = mkdtempSync(join(tmpdir(), 'dockerd-'));
  const data = join(folder, 'data');
  const host = `unix://${join(folder, 'd.sock')}`;
  mkdirSync(data);
  const bridge = addBridge();
  if (bridge === undefined || (sizeMib !== undefined && !mountTmpfs(data, sizeMib))) {
    if (bridge !== undefined) removeBridge(bridge);
    rmSync(folder, { recursive: true });
    return undefined;
  }
  let daemon: ChildProcess | undefined;
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (daemon?.exitCode !== null || daemon.signalCode !== null) return;
    const gone = once(daemon, 'exit');
    // Its containerd is of the same group.
    if (daemon.pid !== undefined) process.kill(signal === 'SIGKILL' ? -daemon.pid : daemon.pid, signal);
    await gone;
  };
  return {
    host,
    async start() {
      // Of a life before; where nobody waits for orphans, a zombie would pass for a containerd that runs.
      for (const pid of ['pid', 'exec/containerd/containerd.pid']) rmSync(join(folder, pid), { force: true });
      daemon = spawn('dockerd', dockerdArgs(folder, host, bridge), { detached: true, stdio: 'ignore' });
      return firstAnswer(host, daemon);
    },
    kill: () => end('SIGKILL'),
    async close() {
      await end('SIGTERM');
      unmountBelow(folder);
      removeBridge(bridge);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function dockerdArgs(folder: string, host: string, bridge: string): string[] {
  const config = join(folder, 'daemon.json');
  // The machine's own file may say what flags say too, which dockerd refuses.
  writeFileSync(config, '{}');
  return [
    ...['--config-file', config, '--data-root', join(folder, 'data'), '--exec-root', join(folder, 'exec')],
    ...['--pidfile', join(folder, 'pid'), '--host', host],
    ...['--bridge', bridge, '--iptables=false', '--ip6tables=false', '--ip-forward=false'],
  ];
}

async function firstAnswer(host: string, daemon: ChildProcess): Promise<DockerSession> {
  const deadline = Date.now() + START_MS;
  for (;;) {
    try {
      return await openDocker({ DOCKER_HOST: host });
    } catch (error) {
      if (daemon.exitCode !== null || Date.now() > deadline) throw error;
      await sleep(100);
    }
  }
}

/** One that was killed leaves its data mounted. */
function unmountBelow(folder: string): void {
  const mounts = readFileSync('/proc/mounts', 'utf8').split('\n');
  const below = mounts.map((line) => line.split(' ')[1] ?? '').filter((path) => path.startsWith(`${folder}/`));
  for (const path of below.reverse()) spawnSync('umount', ['--lazy', path]);
}

/** Its addresses are of a network that exists in documentation alone. @returns its name, undefined where it cannot be made. */
function addBridge(): string | undefined {
  const name = `ht${process.pid}-${bridges}`;
  const address = `192.0.2.${4 * bridges + 1}/30`;
  bridges += 1;
  const ip = (...args: string[]): boolean => spawnSync('ip', args).status === 0;
  if (!ip('link', 'add', name, 'type', 'bridge')) return undefined;
  if (ip('address', 'add', address, 'dev', name)) return name;
  removeBridge(name);
  return undefined;
}

function canAddBridge(): boolean {
  const bridge = addBridge();
  if (bridge !== undefined) removeBridge(bridge);
  return bridge !== undefined;
}

function removeBridge(name: string): void {
  spawnSync('ip', ['link', 'delete', name]);
}

function mountTmpfs(folder: string, mib: number): boolean {
  return spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${mib}m`, 'tmpfs', folder]).status === 0;
}
