// How long does a fleet take? Hive's scale test (sets × clusters × 10 ConfigMaps of 778 bytes of JSON) on this machine.
//
// Method: one process, mode Sync. Phases, chosen by `--phases`:
//   floor      one real API server, rounds in turn: the same bodies created by a bare HTTP/2 client, applied by one, applied by hoist
//   real       the same server as all `--clusters` (1000) × `--sets` (60): until everything is applied; the same again with nothing
//              remembered; one object more in a set that matches all, with the fleet remembered
//   emulated   `--emulated` servers (100) with state of their own and hive's latency draw (mean 55.3 ms), in another process:
//              each apply is really sent; `limit` is what latency allows for the requests in flight, `bare` what a bare HTTP/2
//              client reaches with as many in flight on the same cores; then a new cluster
//   chaos      `--chaos` emulated servers (200), ten of the sets: 5 % dead, 5 % slow (1 s), 1 % answering 429; p99 of the time until a
//              healthy cluster is done, over that of a fleet of the healthy ones alone
//   factors    a tenth of the clusters, one factor at a time: 5, 32 and 100 workers, server-side apply of everything, and on a
//              sample of 60 objects temporary files with kubectl, as hive did it
//   history    `--history GIT_DIR` of managed-cluster-config: the latest `--versions` (10) of its published sets, each `--every`th
//              (12) of those that the repository has, one after the other on `--emulated` servers
//   published  `--file` with published sets (managed-cluster-config's template) × `--emulated` servers, first and second pass
// The defaults end within ten minutes on two idle cores. All servers run on the same machine, on the same cores.
// Anchors: hive 2020-07: 1,000 × 60 × 10 in 16 min with 100 workers on 96 vCPUs (11 used), 1.3 GB; 2 min 30 for one object more.
//   KubeFleet 2026-04: a pass over 1,000 clusters with nothing changed, median 10 min 25 s, about 16 cores.
// One JSON line for each phase; `load` is the machine's load average before it, since other work counts against the figures.
// Targets in seconds are judged at hive's size only. Those against bare clients are what two cores allow that the servers share, with
// some room for noise: bench/README.md says what was measured, and where the time goes.

import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { binaries, startCluster, type TestCluster } from '../test/doubles/apiserver.ts';
import { copies, fleetOf } from '../test/fleet/world.ts';
import { median, roundRatio } from './harness/stats.ts';
import { healthOf, hiveLatencies } from './scale/emulator.ts';
import { startEmulator } from './scale/emulated.ts';
import {
  chaosRunner,
  type Figures,
  inFlight,
  kept,
  measured,
  object,
  once,
  scaleSets,
  type Size,
} from './scale/fleets.ts';
import { factors } from './scale/factors.ts';
import { application, bare, creation } from './scale/floor.ts';
import { history } from './scale/history.ts';
import { published, publishedFleet } from './scale/published.ts';

const { values } = parseArgs({
  options: {
    clusters: { type: 'string', default: '1000' },
    sets: { type: 'string', default: '60' },
    workers: { type: 'string', default: '32' },
    emulated: { type: 'string', default: '100' },
    chaos: { type: 'string', default: '200' },
    phases: { type: 'string', default: 'floor,real,factors,emulated,chaos,published,history' },
    file: { type: 'string' },
    history: { type: 'string' },
    versions: { type: 'string', default: '10' },
    every: { type: 'string', default: '12' },
    // As every bench takes them; rounds of the floor.
    runs: { type: 'string', default: '5' },
    output: { type: 'string' },
  },
});
const size: Size = {
  clusters: Number(values.clusters),
  sets: Number(values.sets),
  workers: Number(values.workers),
};
const rounds = Number(values.runs);

/** Hive's and KubeFleet's own figures are of this size. */
const atSize = size.clusters >= 1_000 && size.sets >= 60;
const ratios: Record<string, { value: number; target: number; ok: boolean }> = {};
const skipped: string[] = [];

function judge(name: string, value: number, target: number, good: 'at most' | 'at least'): void {
  ratios[name] = { value, target, ok: good === 'at most' ? value <= target : value >= target };
}

function print(figures: Figures | Record<string, unknown>): void {
  console.log(JSON.stringify({ bench: 'scale', ...figures, sets: size.sets, workers: size.workers }));
}

async function withServer(work: (server: TestCluster, pids: (number | undefined)[]) => Promise<void>): Promise<void> {
  if (binaries() === undefined) {
    skipped.push('real server: no Kubernetes binaries');
    return;
  }
  const server = await startCluster();
  try {
    // What is not asked for here would only take CPU.
    for (const name of ['kube-controller-manager', 'kube-scheduler', 'kwok'] as const) {
      server.processes[name]?.kill('SIGKILL');
    }
    await work(server, [server.processes['kube-apiserver']?.pid, server.processes.etcd?.pid]);
  } finally {
    server.stop();
  }
}

function floor(): Promise<void> {
  return withServer(async ({ connection }) => {
    const taken: Record<'created' | 'applied' | 'hoist', number[]> = { created: [], applied: [], hoist: [] };
    const bodies = (prefix: string): Record<string, unknown>[] =>
      Array.from({ length: size.sets * 10 }, (_, at) => object(`${prefix}-${at}`));
    const width = 32;
    for (let round = 0; round <= rounds; round++) {
      const created = await bare([connection], bodies(`created-${round}`).map(creation), width);
      const applied = await bare([connection], bodies(`applied-${round}`).map(application), width);
      // Of mode Upsert: the next round would otherwise have to delete what this one applies.
      const sets = scaleSets(size.sets, { prefix: `hoist-${round}`, mode: 'Upsert' });
      const fleet = fleetOf(sets, copies(connection));
      const { seconds } = await once('floor', fleet, size, { perCluster: width });
      // The first round warms up everyone.
      if (round === 0) continue;
      taken.created.push(created);
      taken.applied.push(applied);
      taken.hoist.push(seconds);
    }
    const [created, applied, hoist] = [median(taken.created), median(taken.applied), median(taken.hoist)];
    judge('speed of bare applies of the same bodies', roundRatio(applied / hoist), 0.6, 'at least');
    judge('speed of bare creates of the same bodies', roundRatio(created / hoist), 0.4, 'at least');
    const load = Number((loadavg()[0] ?? 0).toFixed(1));
    print({ phase: 'floor', load, objects: size.sets * 10, created, applied, hoist });
  });
}

function real(): Promise<void> {
  return withServer(async ({ connection }, servers) => {
    const fleet = fleetOf(scaleSets(size.sets), copies(connection, size.clusters));
    const first = await once('real-first', fleet, size, { servers });
    print(first);
    const idle = await once('real-idle', fleet, size, { servers });
    print(idle);
    await kept(fleet, size, async (runner, settled) => {
      const all = settled(size.clusters);
      const figures = await measured(
        'real-one',
        runner,
        () => {
          runner.update(fleetOf(scaleSets(size.sets, { extra: 1 }), fleet.clusters));
          return all;
        },
        servers,
      );
      print(figures);
      if (atSize) judge('s for one object more', figures.seconds, 30, 'at most');
      if (atSize) judge('peak MiB', figures.peakMiB, 600, 'at most');
    });
    if (atSize) judge('s until all is applied', first.seconds, 240, 'at most');
    if (atSize) judge('s of a pass with nothing changed', idle.seconds, 60, 'at most');
  });
}

async function emulated(): Promise<void> {
  const emulator = await startEmulator({ latency: 'hive' });
  try {
    const all = emulator.clusters(Number(values.emulated) + 1);
    const fleet = fleetOf(scaleSets(size.sets), all.slice(1));
    const connections = await Promise.all(all.slice(1).map((one) => one.connection()));
    const bodies = Array.from({ length: size.sets * 10 }, (_, at) => application(object(`bare-${at}`)));
    const seconds = await bare(connections, bodies, inFlight(size));
    const reachable = (connections.length * bodies.length) / seconds;
    const first = await once('emulated-first', fleet, size, { servers: [emulator.pid] });
    const mean = hiveLatencies.reduce((sum, ms) => sum + ms, 0) / hiveLatencies.length;
    const [rate, limit] = [first.changes / first.seconds, (inFlight(size) * 1000) / mean];
    judge('share of what latency allows', roundRatio(rate / limit), 0.8, 'at least');
    judge('speed of a bare client with as many under way', roundRatio(rate / reachable), 0.8, 'at least');
    const [perSecond, bareRate] = [Math.round(rate), Math.round(reachable)];
    print({
      ...first,
      appliesPerSecond: perSecond,
      bare: bareRate,
      inFlight: inFlight(size),
      limit: Math.round(limit),
    });
    await kept(fleet, size, async (runner, settled) => {
      const one = settled(1);
      const figures = await measured('emulated-new', runner, () => {
        runner.update(fleetOf(fleet.sets, all), () => false);
        return one;
      });
      judge('s for a new cluster', figures.seconds, 2, 'at most');
      print(figures);
    });
  } finally {
    emulator.stop();
  }
}

/** ms within which the healthy clusters must be done: a fleet that is held up ends the phase rather than the reader's patience. */
const CHAOS_MS = 300_000;

/** p99 of the ms until a healthy cluster is done, with the bad ones among them or without any; the bad ones are not waited for. */
async function lag(withBad: boolean): Promise<number> {
  const emulator = await startEmulator({ bad: true });
  const all = emulator.clusters(Number(values.chaos));
  const healthy = all.filter(({ name }) => healthOf(name, true) === 'healthy');
  const times: number[] = [];
  const enough = new AbortController();
  const late = setTimeout(() => enough.abort(), CHAOS_MS);
  const started = performance.now();
  const runner = chaosRunner(
    fleetOf(scaleSets(Math.min(10, size.sets)), withBad ? all : healthy),
    size,
    ({ state, cluster: { name } }) => {
      if (state === 'synced' && healthOf(name, true) === 'healthy') times.push(performance.now() - started);
      if (times.length === healthy.length) enough.abort();
    },
  );
  try {
    await runner.once(enough.signal).catch((error: unknown) => {
      if (!enough.signal.aborted) throw error;
    });
  } finally {
    clearTimeout(late);
    runner.close();
    emulator.stop();
  }
  if (times.length < healthy.length) {
    throw new Error(`${times.length} of ${healthy.length} healthy clusters were done within ${CHAOS_MS / 1000} s`);
  }
  times.sort((a, b) => a - b);
  return Math.round(times[Math.floor(times.length * 0.99)] ?? NaN);
}

async function chaos(): Promise<void> {
  const taken: Record<'without' | 'with', number[]> = { without: [], with: [] };
  // The first one warms up.
  for (let round = 0; round <= 3; round++) {
    const [without, beside] = [await lag(false), await lag(true)];
    if (round === 0) continue;
    taken.without.push(without);
    taken.with.push(beside);
  }
  const ratio = roundRatio(median(taken.with) / median(taken.without));
  judge('p99 lag of healthy clusters, bad ones beside them', ratio, 1.2, 'at most');
  const load = Number((loadavg()[0] ?? 0).toFixed(1));
  print({ phase: 'chaos', clusters: Number(values.chaos), load, p99Ms: taken.without, p99MsWithBad: taken.with });
}

async function publishedSets(): Promise<void> {
  if (values.file === undefined) {
    skipped.push('published: no --file');
    return;
  }
  const read = await published(values.file);
  const { kinds, labels } = read;
  const emulator = await startEmulator({ kinds });
  try {
    const fleet = publishedFleet(read, emulator.clusters(Number(values.emulated), labels));
    for (const phase of ['published-first', 'published-idle']) {
      print(await once(phase, fleet, size, { servers: [emulator.pid], strict: false }));
    }
  } finally {
    emulator.stop();
  }
}

function oneAtATime(): Promise<void> {
  return withServer(async (server) => {
    const clusters = Math.max(10, Math.round(size.clusters / 10));
    const missing = await factors(server, { ...size, clusters }, (factor) => {
      const load = Number((loadavg()[0] ?? 0).toFixed(1));
      console.log(JSON.stringify({ bench: 'scale', phase: 'factors', clusters, load, ...factor }));
    });
    if (missing !== undefined) skipped.push(`factors with kubectl: ${missing}`);
  });
}

async function replayed(): Promise<void> {
  if (values.history === undefined) {
    skipped.push('history: no --history');
    return;
  }
  const options = {
    gitDir: values.history,
    file: 'hack/00-osd-managed-cluster-config-production.yaml.tmpl',
    versions: Number(values.versions),
    every: Number(values.every),
    clusters: Number(values.emulated),
  };
  await history(options, size, (figures) => console.log(JSON.stringify({ bench: 'scale', ...figures })));
}

// What was started ends with this process, also where it is told to stop.
for (const [signal, code] of [
  ['SIGHUP', 129],
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const) {
  process.once(signal, () => process.exit(code));
}

const phases = new Map([
  ['floor', floor],
  ['real', real],
  ['emulated', emulated],
  ['chaos', chaos],
  ['factors', oneAtATime],
  ['published', publishedSets],
  ['history', replayed],
]);
for (const name of values.phases.split(',')) {
  const run = phases.get(name);
  if (run === undefined) throw new Error(`--phases: ${[...phases.keys()].join(', ')}, not ${name}`);
  await run();
}
console.log(JSON.stringify({ bench: 'scale', ratios, skipped }));
if (Object.values(ratios).some(({ ok }) => !ok)) process.exitCode = 7;
