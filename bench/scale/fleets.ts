// The sets and runners of the scale bench, and what is measured around a pass.

import { readFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { systemClock } from '../../scripts/engine/clock.ts';
import { Runner, type RunnerOptions } from '../../scripts/fleet/runner.ts';
import type { SyncSet } from '../../scripts/fleet/sets/types.ts';
import type { Fleet } from '../../scripts/fleet/sources/source.ts';
import { selectorSet } from '../../test/fleet/world.ts';

export interface Size {
  clusters: number;
  sets: number;
  workers: number;
}

const JSON_BYTES = 778;

/** A ConfigMap of 778 bytes of JSON, as hive's. */
export function object(name: string): Record<string, unknown> {
  const bare = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default' }, data: { content: '' } };
  bare.data.content = 'x'.repeat(JSON_BYTES - JSON.stringify(bare).length);
  return bare;
}

/** Sets of ten ConfigMaps; `extra` more in the first one. */
export function scaleSets(sets: number, { prefix = 'scale', extra = 0, mode = 'Sync' } = {}): SyncSet[] {
  return Array.from({ length: sets }, (_, set) =>
    selectorSet(`${prefix}-${String(set).padStart(2, '0')}`, {
      resourceApplyMode: mode,
      resources: Array.from({ length: 10 + (set === 0 ? extra : 0) }, (_, at) => object(`${prefix}-${set}-${at}`)),
    }),
  );
}

/** What a pool of so many workers may have under way in all: see Runner. */
export function inFlight({ workers }: Size): number {
  return workers * 4;
}

function options({ workers }: Size): RunnerOptions {
  return {
    clock: systemClock,
    random: Math.random,
    workers,
    perCluster: 32,
    intervalMs: 7_200_000,
    attempts: 3,
    requestMs: 30_000,
    passMs: 600_000,
    dryRun: false,
    strict: true,
    policy: { max: { share: 1 }, confirmed: true, kinds: new Set() },
  };
}

export interface Figures {
  phase: string;
  seconds: number;
  /** Of this process. */
  cpuSeconds: number;
  /** Of the servers, where they are known. */
  serverCpuSeconds?: number;
  load: number;
  clusters: number;
  objects: number;
  requests: number;
  changes: number;
  failed: number;
  /** Of the failed ones, the first one's. */
  reason?: string | undefined;
  /** Requests under way, the mean over all looks at it. */
  meanInFlight: number;
  /** Of this process so far. */
  peakMiB: number;
}

/** s of CPU that processes have used so far; 0 for those that cannot be looked at. */
function cpuSecondsOf(pids: readonly (number | undefined)[]): number {
  return pids.reduce<number>((sum, pid) => {
    try {
      const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
      return sum + (Number(fields[11]) + Number(fields[12])) / 100;
    } catch {
      return sum;
    }
  }, 0);
}

export async function measured(
  phase: string,
  runner: Runner,
  work: () => Promise<void>,
  servers: readonly (number | undefined)[] = [],
): Promise<Figures> {
  const load = Number((loadavg()[0] ?? 0).toFixed(1));
  const [cpu, serverCpu] = [process.cpuUsage(), cpuSecondsOf(servers)];
  const inFlights: number[] = [];
  const looking = setInterval(() => inFlights.push(runner.load.inFlight), 10);
  const started = performance.now();
  await work();
  const seconds = Number(((performance.now() - started) / 1000).toFixed(2));
  clearInterval(looking);
  const used = process.cpuUsage(cpu);
  const records = [...runner.records.values()];
  const bad = records.filter(({ state }) => state === 'failed' || state === 'unreachable');
  const sum = (of: (result: NonNullable<(typeof records)[number]['result']>) => number): number =>
    records.reduce((all, { result }) => all + (result === undefined ? 0 : of(result)), 0);
  return {
    phase,
    seconds,
    cpuSeconds: Number(((used.user + used.system) / 1e6).toFixed(2)),
    ...(servers.length === 0 ? {} : { serverCpuSeconds: Number((cpuSecondsOf(servers) - serverCpu).toFixed(2)) }),
    load,
    clusters: records.length,
    objects: sum((one) => one.wanted),
    requests: sum((one) => one.requests),
    changes: sum((one) => one.changes.length),
    failed: bad.length,
    reason: bad[0]?.reason,
    meanInFlight: Math.round(inFlights.reduce((total, one) => total + one, 0) / Math.max(1, inFlights.length)),
    peakMiB: Math.round(process.resourceUsage().maxRSS / 1024),
  };
}

/** One pass over the fleet with nothing remembered. */
export async function once(
  phase: string,
  fleet: Fleet,
  size: Size,
  { servers, ...more }: Partial<RunnerOptions> & { servers?: readonly (number | undefined)[] } = {},
): Promise<Figures> {
  const runner = new Runner(fleet, { ...options(size), ...more });
  try {
    return await measured(phase, runner, () => runner.once(new AbortController().signal), servers);
  } finally {
    runner.close();
  }
}

/** A runner whose requests have a deadline that a dead cluster reaches while others are worked on. */
export function chaosRunner(fleet: Fleet, size: Size, onChange: NonNullable<RunnerOptions['onChange']>): Runner {
  return new Runner(fleet, { ...options(size), requestMs: 10_000, onChange });
}

/** A fleet that is kept: the callback changes it, and is told when all clusters have had their pass. */
export async function kept(
  fleet: Fleet,
  size: Size,
  work: (runner: Runner, settled: (clusters: number) => Promise<void>) => Promise<void>,
): Promise<void> {
  const stop = new AbortController();
  const done = new Set<string>();
  let [wanted, notify] = [Infinity, (): void => undefined];
  const settled = (clusters: number): Promise<void> =>
    new Promise((resolve) => {
      done.clear();
      [wanted, notify] = [clusters, resolve];
    });
  const runner = new Runner(fleet, {
    ...options(size),
    onChange({ state, cluster }) {
      if (state === 'pending' || state === 'running') return;
      // One that fails comes again at once.
      done.add(cluster.id);
      if (done.size >= wanted) notify();
    },
  });
  const first = settled(fleet.clusters.length);
  const running = runner.forever(stop.signal).catch(() => undefined);
  try {
    await first;
    await work(runner, settled);
  } finally {
    stop.abort(new Error('done'));
    await running;
    runner.close();
  }
}
