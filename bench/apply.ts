// How fast do many objects get onto a server, and what does knowing better cost?
//
// Method: 600 ConfigMaps of 1 KiB in one YAML file, applied on the server side to an empty namespace of a real API server
//   (etcd, kube-apiserver, controllers), 32 requests at once; the sides run in turn.
// Sides: `file` reads the file and applies it, as `up` does; `kubectl` is the peer, `kubectl apply --server-side -f` of the same
//   file; `kubectl unchecked` is the same with --validate=false, because kubectl (1.32) reads the server's OpenAPI anew for
//   each object where it validates, which costs it most of its time; `objects` applies objects that are in memory; `bare` is the floor, the same requests over node:http2 with nothing
//   around them: no order, no retry, no outcome, and once more with the answers parsed; `again` applies the objects of which all are there already.
// Columns: CPU of the client alone in ms (the server's is in the harness's own column), and its memory in MiB: the peak of a
//   child process, but for our sides that of this whole process at the end of the turn.

import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { connect as connectHttp2 } from 'node:http2';
import { delimiter, join } from 'node:path';
import { apply } from '../scripts/kube/apply/apply.ts';
import { connect, type KubeClient } from '../scripts/kube/client/client.ts';
import { loadManifests } from '../scripts/kube/manifests/manifests.ts';
import type { KubeObject } from '../scripts/kube/object.ts';
import type { Manifest } from '../scripts/kube/manifests/manifest.ts';
import { tlsOptions } from '../scripts/kube/client/connection.ts';
import { binaries, startCluster, type TestCluster } from '../test/doubles/apiserver.ts';
import { main, type Sample, type Side } from './harness.ts';

const count = 600;
const concurrency = 32;
const namespace = 'bench';
const collection = `/api/v1/namespaces/${namespace}/configmaps`;

interface Rig {
  cluster: TestCluster;
  client: KubeClient;
  file: string;
  objects: readonly Manifest[];
}

let started: Promise<Rig> | undefined;

/** Started by the first turn, so that `--help` and a machine without the binaries start nothing. */
function rig(): Promise<Rig> {
  started ??= start();
  return started;
}

async function start(): Promise<Rig> {
  const cluster = await startCluster();
  const client = connect(cluster.connection);
  const file = join(cluster.folder, 'all.yaml');
  writeFileSync(file, Array.from({ length: count }, (_, i) => configMap(i)).join('---\n'));
  const space = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } };
  await apply(client, [{ object: space, where: 'bench/apply.ts' }]);
  return { cluster, client, file, objects: await loadManifests([file]) };
}

function configMap(index: number): string {
  return [
    'apiVersion: v1',
    'kind: ConfigMap',
    `metadata: {name: config-${index}, namespace: ${namespace}, labels: {app: bench}}`,
    `data: {content: "${`${index}-`.padEnd(1024, 'abcdefgh ')}"}`,
    '',
  ].join('\n');
}

/** Takes all objects away again, so that each turn finds the namespace empty. */
async function clear(): Promise<void> {
  const { client } = await rig();
  await client.json({ method: 'DELETE', path: collection, timeoutMs: 120_000 });
}

/** Measures what runs in this process. */
async function here(work: () => Promise<unknown>): Promise<Sample> {
  const before = process.cpuUsage();
  const start = performance.now();
  await work();
  const value = performance.now() - start;
  const { user, system } = process.cpuUsage(before);
  return { value, extra: { clientCpuMs: (user + system) / 1000, memoryMiB: process.memoryUsage.rss() / 2 ** 20 } };
}

/** Runs a child process to its end; its CPU time shows in ours as that of a child that was waited for. */
async function there(command: string, args: readonly string[]): Promise<Sample> {
  const before = childTicks();
  const start = performance.now();
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  let peakKiB = 0;
  const sampler = setInterval(() => {
    peakKiB = Math.max(peakKiB, peakOf(child.pid ?? 0));
  }, 20);
  const code = await new Promise<number | null>((resolve, reject) => child.on('error', reject).on('exit', resolve));
  const value = performance.now() - start;
  clearInterval(sampler);
  if (code !== 0) throw new Error(`${command} ended with ${code}`);
  return { value, extra: { clientCpuMs: (childTicks() - before) * 10, memoryMiB: peakKiB / 1024 } };
}

/** Ticks (10 ms) of children that have ended. */
function childTicks(): number {
  const stat = readFileSync('/proc/self/stat', 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(fields[13]) + Number(fields[14]);
}

function peakOf(pid: number): number {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}

/**
 * The least that gets the objects there: one session, 32 requests at once.
 * @param kept whether answers are parsed; else they are read and thrown away
 */
async function bare({ cluster, objects }: Rig, kept: boolean): Promise<void> {
  const session = connectHttp2(cluster.connection.server, { ...tlsOptions(cluster.connection) });
  const versions = new Set<string | undefined>();
  let next = 0;
  const send = (body: string, name: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const stream = session.request({
        ':method': 'PATCH',
        ':path': `${collection}/${name}?fieldManager=hoist`,
        'content-type': 'application/apply-patch+yaml',
      });
      stream.on('response', (headers) => {
        if (headers[':status'] !== 201) reject(new Error(`status ${headers[':status'] ?? 0}`));
      });
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => kept && chunks.push(chunk));
      stream.on('error', reject).on('end', () => {
        if (kept)
          versions.add((JSON.parse(Buffer.concat(chunks).toString('utf8')) as KubeObject).metadata.resourceVersion);
        resolve();
      });
      stream.end(body);
    });
  const worker = async (): Promise<void> => {
    for (let at = next++; at < objects.length; at = next++) {
      const object = objects[at]?.object;
      if (object !== undefined) await send(JSON.stringify(object), object.metadata.name);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  session.close();
}

async function applyAll(
  { cluster }: Rig,
  manifests: readonly Manifest[],
  outcome: 'created' | 'unchanged',
): Promise<void> {
  const fresh = connect(cluster.connection);
  const results = await apply(fresh, manifests, { concurrency });
  fresh.close();
  const other = results.filter((result) => result.outcome !== outcome).length;
  if (other > 0) throw new Error(`${other} of ${results.length} objects are not ${outcome}`);
}

function isOnPath(name: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => existsSync(join(folder, name)));
}

const noCluster = (): string | undefined =>
  binaries() === undefined ? 'no Kubernetes binaries; set HOIST_TEST_BIN' : undefined;

async function kubectl(...flags: string[]): Promise<Sample> {
  const { cluster, file } = await rig();
  return there('kubectl', ['--kubeconfig', cluster.kubeconfig, 'apply', '--server-side', ...flags, '-f', file]);
}

const noKubectl = (): string | undefined => noCluster() ?? (isOnPath('kubectl') ? undefined : 'no kubectl on the PATH');
const times = (slow = 0, fast = 0): number => slow / fast;

const sides: Side[] = [
  {
    name: 'file',
    missing: noCluster,
    run: async () => {
      const all = await rig();
      return here(async () => applyAll(all, await loadManifests([all.file]), 'created'));
    },
    after: clear,
  },
  { name: 'kubectl', missing: noKubectl, run: () => kubectl(), after: clear },
  { name: 'kubectl unchecked', missing: noKubectl, run: () => kubectl('--validate=false'), after: clear },
  {
    name: 'objects',
    missing: noCluster,
    run: async () => {
      const all = await rig();
      return here(() => applyAll(all, all.objects, 'created'));
    },
    after: clear,
  },
  {
    name: 'bare',
    missing: noCluster,
    run: async () => {
      const all = await rig();
      return here(() => bare(all, false));
    },
    after: clear,
  },
  {
    name: 'bare, answers parsed',
    missing: noCluster,
    run: async () => {
      const all = await rig();
      return here(() => bare(all, true));
    },
    after: clear,
  },
  {
    name: 'again',
    missing: noCluster,
    before: async () => {
      const all = await rig();
      await applyAll(all, all.objects, 'created');
    },
    run: async () => {
      const all = await rig();
      return here(() => applyAll(all, all.objects, 'unchanged'));
    },
    after: clear,
  },
];

try {
  await main({
    name: 'apply',
    question: `How fast do ${count} ConfigMaps of 1 KiB get onto a server, against kubectl and against bare HTTP/2?`,
    // V8 has compiled both sides of a ratio by then: after one turn our code, which is more of it, is still slower.
    warmUps: 4,
    sides,
    ratios: {
      'times faster than kubectl': { sides: ['kubectl', 'file'], value: times, target: 2, good: 'at least' },
      'times faster than kubectl unchecked': {
        sides: ['kubectl unchecked', 'file'],
        value: times,
        target: 2,
        good: 'at least',
      },
      'speed of the bare library': { sides: ['bare', 'objects'], value: times, target: 0.75, good: 'at least' },
      'speed of the bare library, answers parsed': {
        sides: ['bare, answers parsed', 'objects'],
        value: times,
        target: 0.8,
        good: 'at least',
      },
      'second pass over the first': { sides: ['again', 'objects'], value: times, target: 1, good: 'at most' },
    },
  });
} finally {
  const last = await started?.catch(() => undefined);
  last?.client.close();
  last?.cluster.stop();
}
