// How long does a fleet take? Hive's scale test (sets × clusters × 10 ConfigMaps of 778 bytes of JSON) on this machine.
//
// Method: one process, N clusters, S SelectorSyncSets of 10 ConfigMaps, mode Sync. `--clusters N --sets S` (1000 and 60, as hive's).
// Phases:
//   real-first       one real API server (etcd and all, on the same machine) as all N clusters: until everything is applied
//   real-idle        the same again, nothing changed and nothing remembered: every object is looked at
//   real-one         one object more in a set that matches all, with the fleet remembered
//   emulated-first   N emulated servers with state of their own and hive's latency draw (mean 55.3 ms), in another process:
//                    N × S × 10 applies that really are sent; `limit` is what latency allows for the requests in flight
//   chaos            emulated: 5 % dead, 5 % slow (1 s), 1 % answering 429; p99 of the time until a healthy cluster is done,
//                    over the same without them
// Anchors: hive 2020-07: 1,000 × 60 × 10 in 16 min with 100 workers on 96 vCPUs (11 used), 1.3 GB; 2 min 30 for one object more.
//   KubeFleet 2026-04: a pass over 1,000 clusters with nothing changed, median 10 min 25 s, about 16 cores.
// One JSON line for each phase; `load` is the machine's load average before it, since other work counts against the figures.

import { spawn } from 'node:child_process';
import { loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { systemClock } from '../scripts/engine/clock.ts';
import { Runner, type RunnerOptions } from '../scripts/fleet/runner.ts';
import type { SyncSet } from '../scripts/fleet/sets/types.ts';
import type { FleetCluster } from '../scripts/fleet/targets/types.ts';
import type { KubeConnection } from '../scripts/kube/client/connection.ts';
import { binaries, startCluster } from '../test/doubles/apiserver.ts';
import { startSpokes } from '../test/doubles/spokes.ts';
import { answer, statusObject } from '../test/doubles/kube-server.ts';
import { cluster, fleetOf, selectorSet } from '../test/fleet/world.ts';
import { hiveLatencies } from '../test/doubles/spokes.ts';

const { values } = parseArgs({
  options: {
    clusters: { type: 'string', default: '1000' },
    sets: { type: 'string', default: '60' },
    workers: { type: 'string', default: '32' },
    phases: { type: 'string', default: 'real,emulated,chaos' },
    // As every bench takes them; one run of this one is long enough.
    output: { type: 'string' },
    runs: { type: 'string' },
  },
});
const [clusters, sets, workers] = [Number(values.clusters), Number(values.sets), Number(values.workers)];

/** 778 bytes of JSON, as hive's. */
function object(set: number, at: number): Record<string, unknown> {
  const name = `scale-${set}-${at}`;
  const bare = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default' }, data: { content: '' } };
  bare.data.content = 'x'.repeat(778 - JSON.stringify(bare).length);
  return bare;
}

function scaleSets(extra = 0): SyncSet[] {
  return Array.from({ length: sets }, (_, set) =>
    selectorSet(`scale-${String(set).padStart(2, '0')}`, {
      resources: Array.from({ length: 10 + (set === 0 ? extra : 0) }, (_, at) => object(set, at)),
    }),
  );
}

function options(): RunnerOptions {
  return {
    clock: systemClock,
    random: Math.random,
    workers,
    perCluster: 32,
    intervalMs: 7_200_000,
    attempts: 1,
    requestMs: 30_000,
    passMs: 600_000,
    dryRun: false,
    strict: true,
    policy: { max: { share: 1 }, confirmed: true, kinds: new Set() },
  };
}

/** Against hive's and KubeFleet's own figures, which are of this size. */
const atSize = clusters === 1_000 && sets === 60;
const ratios: Record<string, { value: number; target: number; ok: boolean }> = {};

function judge(name: string, value: number, target: number, good: 'at most' | 'at least'): void {
  ratios[name] = { value, target, ok: good === 'at most' ? value <= target : value >= target };
}

interface Figures {
  phase: string;
  seconds: number;
  clusters: number;
  objects: number;
  requests: number;
  changes: number;
  [figure: string]: number | string;
}

/** Peak memory of this process, in MiB. */
function peakMiB(): number {
  return Math.round(process.resourceUsage().maxRSS / 1024);
}

function print(figures: Figures): void {
  console.log(JSON.stringify({ bench: 'scale', ...figures, sets, workers, peakMiB: peakMiB() }));
}

async function measured(phase: string, runner: Runner, work: () => Promise<void>): Promise<Figures> {
  const load = Number((loadavg()[0] ?? 0).toFixed(1));
  const cpu = process.cpuUsage();
  const started = performance.now();
  await work();
  const seconds = Number(((performance.now() - started) / 1000).toFixed(2));
  const used = process.cpuUsage(cpu);
  const results = [...runner.records.values()].flatMap(({ result }) => (result === undefined ? [] : [result]));
  const sum = (of: (result: (typeof results)[number]) => number): number =>
    results.reduce((all, one) => all + of(one), 0);
  const bad = [...runner.records.values()].filter(({ state }) => state === 'failed' || state === 'unreachable');
  return {
    phase,
    seconds,
    cpuSeconds: Number(((used.user + used.system) / 1e6).toFixed(2)),
    load,
    clusters: results.length,
    objects: sum((one) => one.wanted),
    requests: sum((one) => one.requests),
    changes: sum((one) => one.changes.length),
    failed: bad.length,
  };
}

async function once(phase: string, fleet: Parameters<typeof fleetOf>): Promise<Figures> {
  const runner = new Runner(fleetOf(...fleet), options());
  try {
    return await measured(phase, runner, () => runner.once(new AbortController().signal));
  } finally {
    runner.close();
  }
}

async function real(): Promise<void> {
  if (binaries() === undefined) {
    console.log(JSON.stringify({ bench: 'scale', skipped: 'real: no Kubernetes binaries' }));
    return;
  }
  const server = await startCluster();
  try {
    // What is not asked for here would only take CPU.
    for (const name of ['kube-controller-manager', 'kube-scheduler', 'kwok'] as const) {
      server.processes[name]?.kill('SIGKILL');
    }
    const all = Array.from({ length: clusters }, (_, at) => cluster(`copy-${at}`, server.connection));
    const first = await once('real-first', [scaleSets(), all]);
    print(first);
    const idle = await once('real-idle', [scaleSets(), all]);
    print(idle);
    if (atSize) judge('seconds until all is applied', first.seconds, 240, 'at most');
    if (atSize) judge('seconds of a pass with nothing changed', idle.seconds, 60, 'at most');
    if (atSize) judge('peak MiB', peakMiB(), 600, 'at most');
    await oneMore(all);
  } finally {
    server.stop();
  }
}

/** A fleet that is remembered; then one object more, until the last cluster has it. */
async function oneMore(all: readonly FleetCluster[]): Promise<void> {
  const stop = new AbortController();
  let [done, notify] = [0, (): void => undefined];
  const runner = new Runner(fleetOf(scaleSets(), all), {
    ...options(),
    onChange({ state }) {
      if (state !== 'synced') return;
      done += 1;
      if (done >= all.length) notify();
    },
  });
  const allDone = (): Promise<void> =>
    new Promise((resolve) => {
      done = 0;
      notify = resolve;
    });
  const first = allDone();
  const running = runner.forever(stop.signal).catch(() => undefined);
  await first;
  const again = allDone();
  const figures = await measured('real-one', runner, () => {
    runner.update(fleetOf(scaleSets(1), all));
    return again;
  });
  stop.abort(new Error('done'));
  await running;
  runner.close();
  if (atSize) judge('seconds for one object more', figures.seconds, 30, 'at most');
  print(figures);
}

async function emulated(): Promise<void> {
  const program = fileURLToPath(new URL('../test/doubles/spokes.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', program], { stdio: ['pipe', 'pipe', 'inherit'] });
  const connection = await new Promise<KubeConnection>((resolve) => {
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      if (text.includes('\n')) resolve(JSON.parse(text) as KubeConnection);
    });
  });
  try {
    const all = Array.from({ length: clusters }, (_, at) =>
      cluster(`spoke-${at}`, { ...connection, server: `${connection.server}/spokes/s${at}` }),
    );
    const figures = await once('emulated-first', [scaleSets(), all]);
    const mean = hiveLatencies.reduce((sum, ms) => sum + ms, 0) / hiveLatencies.length;
    const [rate, limit] = [figures.changes / figures.seconds, (workers * 4 * 1000) / mean];
    judge('share of what latency allows', Number((rate / limit).toFixed(2)), 0.9, 'at least');
    print({ ...figures, appliesPerSecond: Math.round(rate), inFlight: workers * 4, limit: Math.round(limit) });
  } finally {
    child.stdin.end();
  }
}

/** p99 of the ms until a healthy cluster is done. */
async function lag(bad: boolean): Promise<number> {
  const kind = (spoke: string): 'dead' | 'slow' | 'busy' | 'healthy' => {
    const at = Number(spoke.slice(1)) % 100;
    if (!bad) return 'healthy';
    return at < 5 ? 'dead' : at < 10 ? 'slow' : at === 10 ? 'busy' : 'healthy';
  };
  const spokes = await startSpokes({
    latency: (spoke) => (kind(spoke) === 'slow' ? 1_000 : 5),
    intercept(spoke, _, response) {
      if (kind(spoke) === 'dead') return true;
      if (kind(spoke) !== 'busy') return false;
      answer(response, 429, statusObject(429, 'TooManyRequests', 'later'), { 'retry-after': '1' });
      return true;
    },
  });
  const all = Array.from({ length: clusters }, (_, at) =>
    cluster(`spoke-${String(at).padStart(4, '0')}`, { ...spokes.connection, server: spokes.server(`s${at}`) }),
  );
  const started = performance.now();
  const times: number[] = [];
  const runner = new Runner(fleetOf(scaleSets(), all), {
    ...options(),
    requestMs: 10_000,
    onChange({ state, cluster: { name } }) {
      if (state === 'synced' && kind(`s${Number(name.slice(6))}`) === 'healthy')
        times.push(performance.now() - started);
    },
  });
  await runner.once(new AbortController().signal);
  runner.close();
  await spokes.close();
  times.sort((a, b) => a - b);
  return times[Math.floor(times.length * 0.99)] ?? NaN;
}

async function chaos(): Promise<void> {
  const [without, withThem] = [await lag(false), await lag(true)];
  const ratio = Number((withThem / without).toFixed(2));
  judge('p99 lag of healthy clusters with bad ones', ratio, 1.2, 'at most');
  const load = Number((loadavg()[0] ?? 0).toFixed(1));
  console.log(
    JSON.stringify({
      bench: 'scale',
      phase: 'chaos',
      clusters,
      sets,
      load,
      p99Ms: Math.round(without),
      p99MsWithThem: Math.round(withThem),
      ratio,
    }),
  );
}

const phases = new Map([
  ['real', real],
  ['emulated', emulated],
  ['chaos', chaos],
]);
for (const name of values.phases.split(',')) await phases.get(name)?.();
console.log(JSON.stringify({ bench: 'scale', ratios, skipped: [] }));
if (Object.values(ratios).some(({ ok }) => !ok)) process.exitCode = 7;
