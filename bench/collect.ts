// How long does a support bundle take, and how fast is its redaction?
//
// Method: whole processes, from the command line to the archive, against a real API server (etcd, kube-apiserver,
//   controllers) with 14 namespaces, 100 pods, 200 ConfigMaps and 50 Secrets; the sides run in turn.
// Sides: `bundle` is clusterInfo and clusterResources; `twenty` is the same with 20 http collectors of one second each;
//   `troubleshoot bundle` and `troubleshoot twenty` are the peer, `support-bundle` of troubleshoot.sh on the PATH
//   (v0.133.0), with the same specs; `open` is a bundle with 2,000 objects made a cluster, from the command line to the end of a
//   command that gets its pods; `resources` is the snapshot alone, by the bundle's own times; `logs` is a bundle with the
//   logs of 1,000 pods, and `logs 1 GiB` one with 1 MiB from each of 1,024, from a stand-in for their kubelet behind a real
//   API server, both with the peak of the process' memory; `redaction` is 32 MiB of log lines through the redactor, in
//   MB per second of CPU time.

import { spawn } from 'node:child_process';
import { existsSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createRedactor } from '../scripts/base/redact/redactor.ts';
import { type KubeClient, connect } from '../scripts/kube/client/client.ts';
import { type TestCluster, binaries, startCluster } from '../test/doubles/apiserver.ts';
import { type FakeKubelet, addPods, startFakeKubelet } from '../test/doubles/fake-kubelet.ts';
import { type Sample, type Side, main } from './harness.ts';

const HOIST = fileURLToPath(new URL('../bin/hoist', import.meta.url));

interface Rig {
  cluster: TestCluster;
  specs: { bundle: string; twenty: string };
}

let started: Promise<Rig> | undefined;

function rig(): Promise<Rig> {
  started ??= start();
  return started;
}

async function start(): Promise<Rig> {
  const cluster = await startCluster();
  const client = connect(cluster.connection);
  await fill(client);
  client.close();
  const server = createServer((_request, response) => {
    void setTimeout(1_000).then(() => response.end('{"ok":true}'));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  server.unref();
  const { port } = server.address() as AddressInfo;
  const head = `apiVersion: troubleshoot.sh/v1beta2\nkind: SupportBundle\nmetadata: {name: bench}\nspec:\n  collectors:\n    - clusterInfo: {}\n    - clusterResources: {}\n`;
  const http = (i: number): string =>
    `    - http: {name: h, collectorName: c${i}, get: {url: "http://127.0.0.1:${port}/"}}\n`;
  const write = (name: string, text: string): string => {
    const path = join(cluster.folder, name);
    writeFileSync(path, text);
    return path;
  };
  return {
    cluster,
    specs: {
      bundle: write('bundle.yaml', head),
      twenty: write('twenty.yaml', head + Array.from({ length: 20 }, (_, i) => http(i)).join('')),
    },
  };
}

async function fill(client: KubeClient): Promise<void> {
  const post = (path: string, body: object): Promise<unknown> => client.json({ method: 'POST', path, body });
  const names = Array.from({ length: 10 }, (_, i) => `bench-${i}`);
  await Promise.all(names.map((name) => post('/api/v1/namespaces', { metadata: { name } })));
  const place = (i: number, resource: string): string => `/api/v1/namespaces/bench-${i % 10}/${resource}`;
  const many = (count: number, make: (i: number) => Promise<unknown>): Promise<unknown> =>
    Promise.all(Array.from({ length: count }, (_, i) => make(i)));
  await many(200, (i) => post(place(i, 'configmaps'), { metadata: { name: `c-${i}` }, data: { a: 'x'.repeat(500) } }));
  await many(50, (i) =>
    post(place(i, 'secrets'), { metadata: { name: `s-${i}` }, stringData: { password: `secret-${i}` } }),
  );
  await many(10, (i) => accountOf(client, place(i, 'serviceaccounts/default')));
  await many(100, (i) => post(place(i, 'pods'), podOf(i)));
}

/** Pods are refused until the controller has made it. */
async function accountOf(client: KubeClient, path: string): Promise<void> {
  while ((await client.request({ path })).status !== 200) await setTimeout(100);
}

const podOf = (i: number): object => ({
  metadata: { name: `p-${i}`, labels: { app: 'web' } },
  spec: {
    automountServiceAccountToken: false,
    containers: [{ name: 'c', image: 'nginx', env: [{ name: 'DB_PASSWORD', value: `hidden-${i}` }] }],
  },
});

async function run(
  command: string,
  args: readonly string[],
  env: Record<string, string>,
  stdout: 'ignore' | number = 'ignore',
): Promise<void> {
  const child = spawn(command, args, { stdio: ['ignore', stdout, 'inherit'], env: { ...process.env, ...env } });
  const code = await new Promise<number | null>((resolve, reject) => child.on('error', reject).on('exit', resolve));
  if (code !== 0) throw new Error(`${command} ended with ${code}`);
}

async function hoist(which: 'bundle' | 'twenty'): Promise<object> {
  const { cluster, specs } = await rig();
  const file = join(cluster.folder, 'hoist.tar.gz');
  rmSync(file, { force: true });
  const args = [HOIST, 'collect', specs[which], '--archive', file, '--concurrency', '20', '--quiet'];
  await run(process.execPath, args, { KUBECONFIG: cluster.kubeconfig });
  return {};
}

async function peer(which: 'bundle' | 'twenty'): Promise<object> {
  const { cluster, specs } = await rig();
  const file = join(cluster.folder, 'peer');
  rmSync(`${file}.tar.gz`, { force: true });
  const flags = ['--interactive=false', '--auto-update=false', '--no-uri', '-o', file];
  await run('support-bundle', [specs[which], ...flags], { KUBECONFIG: cluster.kubeconfig });
  return {};
}

interface LogRig {
  cluster: TestCluster;
  kubelet: FakeKubelet;
}

const LOGS = 1_000;
const LONG_LOGS = 1_024;
let startedLogs: Promise<LogRig> | undefined;

/** Pods whose logs are short in one namespace, of 1 MiB in another. */
function logRig(): Promise<LogRig> {
  return (startedLogs ??= (async () => {
    const cluster = await startCluster();
    const client = connect(cluster.connection);
    const short = `${'x'.repeat(119)}\n`.repeat(20);
    const chunk = Buffer.from(`${'y'.repeat(127)}\n`.repeat(512));
    const long = Array.from({ length: 16 }, () => chunk);
    const kubelet = await startFakeKubelet({ log: (container) => (container.startsWith('long/') ? long : [short]) });
    const { port } = kubelet;
    await addPods(client, { port, node: 'short', namespace: 'short', count: LOGS });
    await addPods(client, { port, node: 'long', namespace: 'long', count: LONG_LOGS });
    client.close();
    return { cluster, kubelet };
  })());
}

/** Writes the peak of its memory into a file before it ends. */
const METER = encodeURIComponent(
  `import { appendFileSync } from 'node:fs'; process.once('exit', () => appendFileSync(process.env.PEAK_FILE, process.resourceUsage().maxRSS + '\\n'));`,
);

interface Told {
  collectors: { kind: string; startedMs?: number; endedMs?: number; problems: string[] }[];
}

/** A bundle made by a process of its own: how long a collector took, as it tells itself, and the peak of its memory. */
async function collected({ folder, kubeconfig }: TestCluster, spec: string, kind: string): Promise<Sample> {
  const [file, out, peak] = ['timed.tar.gz', 'timed.json', 'timed.peak'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  for (const old of [file, peak]) rmSync(old, { force: true });
  const args = [HOIST, 'collect', spec, '--archive', file, '--output', 'json', '--quiet'];
  const env = { KUBECONFIG: kubeconfig, PEAK_FILE: peak, NODE_OPTIONS: `--import=data:text/javascript,${METER}` };
  await run(process.execPath, args, env, openSync(out, 'w'));
  const last = readFileSync(out, 'utf8').trim().split('\n').at(-1) ?? '{}';
  const report = (JSON.parse(last) as Told).collectors.find((one) => one.kind === kind);
  if (report?.endedMs === undefined || report.problems.length > 0) throw new Error(`${kind}: ${last.slice(0, 500)}`);
  const peaks = readFileSync(peak, 'utf8').trim().split('\n').map(Number);
  return { value: report.endedMs - (report.startedMs ?? 0), extra: { rssMiB: Math.max(...peaks) / 1024 } };
}

async function resources(): Promise<Sample> {
  const { cluster, specs } = await rig();
  return collected(cluster, specs.bundle, 'clusterResources');
}

async function logsOf(namespace: 'short' | 'long'): Promise<Sample> {
  const { cluster } = await logRig();
  const spec = join(cluster.folder, `${namespace}.yaml`);
  const items = `    - clusterResources: {namespaces: [default]}\n    - logs: {name: all, namespace: ${namespace}, timeout: 5m, limits: {maxLines: 100000}}\n`;
  writeFileSync(
    spec,
    `apiVersion: troubleshoot.sh/v1beta2\nkind: SupportBundle\nmetadata: {name: bench}\nspec:\n  collectors:\n${items}`,
  );
  return collected(cluster, spec, 'logs');
}

const OPENED = 2_000;

/** A bundle with that many pods, written as troubleshoot lays it out. */
async function bundleToOpen(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'hoist-bench-open-'));
  const list = join(folder, 'bundle/cluster-resources/pods');
  await mkdir(list, { recursive: true });
  const env = Array.from({ length: 20 }, (_, i) => ({ name: `NAME_${i}`, value: 'x'.repeat(60) }));
  const pod = (i: number): object => ({
    metadata: { name: `p-${i}`, namespace: 'web', creationTimestamp: '2026-01-02T03:04:05Z', labels: { app: 'web' } },
    spec: { nodeName: 'n1', containers: [{ name: 'c', image: 'nginx', env }] },
    status: { phase: 'Running' },
  });
  const items = Array.from({ length: OPENED }, (_, i) => pod(i));
  await writeFile(join(list, 'web.json'), JSON.stringify({ kind: 'PodList', apiVersion: 'v1', items }));
  await run('tar', ['czf', join(folder, 'bundle.tar.gz'), '-C', folder, 'bundle'], {});
  return folder;
}

let toOpen: Promise<string> | undefined;

/** The command asks as kubectl does: a list of all pods over a new connection. */
async function open(): Promise<object> {
  const folder = await (toOpen ??= bundleToOpen());
  const get = fileURLToPath(new URL('harness/get-pods.ts', import.meta.url));
  const asked = ['--', process.execPath, '--import', import.meta.resolve('tsx'), get, String(OPENED)];
  const args = [HOIST, 'collect', 'open', join(folder, 'bundle.tar.gz'), '--quiet', ...asked];
  await run(process.execPath, args, { XDG_STATE_HOME: join(folder, 'state') });
  return {};
}

/** Lines as programs write them; one of a hundred has something to hide. */
function logs(): Buffer[] {
  const lines = Array.from({ length: 4_000 }, (_, i) =>
    i % 100 === 0
      ? `2026-01-02T03:04:05Z INFO login password=secret-${i} user=ann\n`
      : `2026-01-02T03:04:05Z INFO GET /api/v1/items/${i} 200 12ms agent="Mozilla/5.0" id=${i * 7919}\n`,
  ).join('');
  const chunk = Buffer.from(lines);
  return Array.from({ length: Math.ceil((32 << 20) / chunk.length) }, () => chunk);
}

async function redaction(): Promise<{ value: number }> {
  const chunks = logs();
  const bytes = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  const before = process.cpuUsage();
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  await pipeline(Readable.from(chunks), createRedactor().stream('logs/a.log'), nowhere);
  const { user, system } = process.cpuUsage(before);
  return { value: bytes / (user + system) };
}

const onPath = (name: string): boolean =>
  (process.env['PATH'] ?? '').split(delimiter).some((folder) => existsSync(join(folder, name)));
const noCluster = (): string | undefined =>
  binaries() === undefined ? 'no Kubernetes binaries; set HOIST_TEST_BIN' : undefined;
const noPeer = (): string | undefined =>
  noCluster() ?? (onPath('support-bundle') ? undefined : 'no support-bundle on the PATH');

const sides: Side[] = [
  { name: 'bundle', missing: noCluster, run: () => hoist('bundle') },
  { name: 'troubleshoot bundle', missing: noPeer, run: () => peer('bundle') },
  { name: 'twenty', missing: noCluster, run: () => hoist('twenty') },
  { name: 'troubleshoot twenty', missing: noPeer, run: () => peer('twenty') },
  { name: 'open', missing: noCluster, run: open },
  { name: 'resources', missing: noCluster, run: resources },
  { name: 'logs', missing: noCluster, run: () => logsOf('short') },
  { name: 'logs 1 GiB', missing: noCluster, run: () => logsOf('long') },
  { name: 'redaction', run: redaction },
];

const times = (slow = 0, fast = 0): number => slow / fast;

try {
  await main({
    name: 'collect',
    question: 'How long does a support bundle take, and how fast is its redaction?',
    sides,
    ratios: {
      'bundle, times faster than troubleshoot': {
        sides: ['troubleshoot bundle', 'bundle'],
        value: times,
        target: 3,
        good: 'at least',
      },
      'twenty seconds at once, times faster than troubleshoot': {
        sides: ['troubleshoot twenty', 'twenty'],
        value: times,
        target: 8,
        good: 'at least',
      },
      'open of 2,000 objects, seconds until they are listed': {
        sides: ['open'],
        value: (ms = 0) => ms / 1000,
        target: 6,
        good: 'at most',
      },
      'cluster resources of 14 namespaces, seconds': {
        sides: ['resources'],
        value: (ms = 0) => ms / 1000,
        target: 0.6,
        good: 'at most',
      },
      'logs of 1,000 pods, pods per second': {
        sides: ['logs'],
        value: (ms = 0) => LOGS / (ms / 1000),
        target: 300,
        good: 'at least',
      },
      'memory with 1 GiB of logs, MiB': {
        sides: ['logs 1 GiB'],
        of: 'rssMiB',
        value: (mib = 0) => mib,
        target: 150,
        good: 'at most',
      },
      'redaction, MB per second of CPU time': {
        sides: ['redaction'],
        value: (rate = 0) => rate,
        target: 20,
        good: 'at least',
      },
    },
  });
} finally {
  (await started?.catch(() => undefined))?.cluster.stop();
  const logging = await startedLogs?.catch(() => undefined);
  logging?.cluster.stop();
  await logging?.kubelet.close();
  const folder = await toOpen?.catch(() => undefined);
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
}
