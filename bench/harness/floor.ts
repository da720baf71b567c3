// Starts and removes the control plane of bench/floor.sh: the floor of embedded.ts, and the plain cluster that other benches work on.

import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { HoistError } from '../../scripts/base/errors.ts';
import { exec } from '../../scripts/host/execa.ts';
import { freePorts } from '../../scripts/host/ports.ts';
import type { KubeConnection } from '../../scripts/kube/client/connection.ts';
import { componentEnvironment } from '../../scripts/plan/tuning.ts';
import { stagesText } from '../../scripts/providers/embedded/stages.ts';
import { processTimes } from './cpu.ts';
import { root } from './hoist.ts';

/** A started floor; its folder holds `kubeconfig`, `tls.crt` and the components' logs. */
export interface Floor {
  dir: string;
  /** How to reach its API server. */
  connection: () => Promise<KubeConnection>;
  /** Resolves when its processes have calmed down after the start: they would slow what is measured next. */
  settle: () => Promise<void>;
  /** Ends all its processes at once and removes its folder; also after a start that failed. */
  remove: () => Promise<void>;
  /** Resolves when nodes are Ready and the default service account is there. */
  start: (signal: AbortSignal) => Promise<void>;
}

const BINARIES = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kwok'] as const;
/** The variables that `up` gives to the components on this machine. */
export function tunedEnvironment(): Record<string, string> {
  return Object.fromEntries(componentEnvironment('embedded', true, totalmem()).map((a) => [a.flag, a.value]));
}

/** ms that a start may take, on a busy machine. */
const TIMEOUT_MS = 60_000;

/**
 * Prepares the folder and the ports of a floor; `start` does what is timed.
 * @param tools paths of the binaries by name
 * @param env added to the script's environment: `KCM_ARGS` and the like
 */
export async function prepareFloor(
  tools: Readonly<Record<string, string>>,
  { nodes, env = {} }: { nodes: number; env?: Record<string, string> },
): Promise<Floor> {
  const dir = await mkdtemp(join(tmpdir(), 'hoist-floor-'));
  const ports = await freePorts(BINARIES.length + 1);
  const bin = join(dir, 'bin');
  await mkdir(bin);
  for (const name of BINARIES) await symlink(need(tools, name), join(bin, name));
  await writeFile(join(dir, 'stages.yaml'), stagesText());
  return {
    dir,
    start: async (signal) => {
      const settings = { ...env, BIN: bin, PORTS: ports.join(' '), NODES: String(nodes) };
      await exec({ file: join(root, 'bench', 'floor.sh'), args: [dir], env: settings, signal, timeoutMs: TIMEOUT_MS });
    },
    connection: () => connectionOf(dir),
    settle: async () => settled(await pidsOf(dir)),
    remove: async () => {
      await endAll(await pidsOf(dir).catch(() => []));
      await rm(dir, { recursive: true, force: true });
    },
  };
}

function need(tools: Readonly<Record<string, string>>, name: string): string {
  const path = tools[name];
  if (path === undefined) throw new HoistError(`${name} is not there`, { hint: 'Run `hoist tools fetch`.' });
  return path;
}

async function connectionOf(dir: string): Promise<KubeConnection> {
  const config = JSON.parse(await readFile(join(dir, 'kubeconfig'), 'utf8')) as {
    clusters: { cluster: { server: string } }[];
    users: { user: { token: string } }[];
  };
  const server = config.clusters[0]?.cluster.server;
  const token = config.users[0]?.user.token;
  if (server === undefined || token === undefined) throw new HoistError(`${dir}/kubeconfig is not complete`);
  return { server, token, ca: await readFile(join(dir, 'tls.crt'), 'utf8') };
}

async function pidsOf(dir: string): Promise<number[]> {
  return (await readFile(join(dir, 'pids'), 'utf8')).split('\n').filter(Boolean).map(Number);
}

/** Calm is less than a tenth of a CPU over 300 ms; the wait is over after 10 s anyhow. */
async function settled(pids: readonly number[]): Promise<void> {
  const used = (): number => pids.reduce((sum, pid) => sum + (processTimes(String(pid))?.ticks ?? 0), 0);
  for (let round = 0, before = used(); round < 33; round++) {
    await sleep(300);
    const now = used();
    if (now - before < 3) return;
    before = now;
  }
}

/** SIGTERM would take kube-apiserver up to a minute while watches are open. */
async function endAll(pids: readonly number[]): Promise<void> {
  const left = new Set(pids);
  for (const pid of left) signal(pid, 'SIGKILL');
  while (left.size > 0) {
    for (const pid of left) if (!signal(pid, 0)) left.delete(pid);
    await sleep(5);
  }
}

function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}
