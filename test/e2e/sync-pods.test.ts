// What `sync deploy` writes, as real pods on a cluster of real k3d: the image by `docker build` where the engine has the base image, else
// by the lines of the Dockerfile with this machine's Node.

import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseAllDocuments } from 'yaml';
import { readConnection } from '../../scripts/kube/kubeconfig/read.ts';
import { apply } from '../../scripts/kube/apply/apply.ts';
import { connect, type KubeClient } from '../../scripts/kube/client/client.ts';
import { adopt } from '../../scripts/fleet/hub/adopt.ts';
import { ownerOf } from '../../scripts/fleet/shards/rendezvous.ts';
import { exec } from '../../scripts/host/execa.ts';
import type { Manifest } from '../../scripts/kube/manifests/manifest.ts';
import type { KubeList, KubeObject } from '../../scripts/kube/object.ts';
import { inlineKubeconfig } from '../fleet/inline.ts';
import { createWorld, type World } from './hoist.ts';
import { canMake, clustersOf, env } from './k3d.ts';
import { clusterSyncs, configMap, configMaps, selectorSet, selectorSyncSets, until } from './sync-world.ts';

const NAME = 'hoist-sync-pods';
const IMAGE = 'hoist-sync:e2e';
const COPIES = 12;
const NAMESPACE = 'hoist-sync';

const { up } = clustersOf(NAME);
// The engine's daemon has to be spoken to for images as well.
const hasDocker = canMake && spawnSync('docker', ['version'], { stdio: 'ignore' }).status === 0;

const pods = suite<{ world: World }>('e2e/sync-pods');
const test = hasDocker ? pods : pods.skip;

pods.before((context) => void (context.world = createWorld()));
pods.after(async ({ world }) => {
  if (hasDocker) {
    await world.hoist(['down', NAME, '--quiet'], env());
    spawnSync('docker', ['image', 'rm', IMAGE], { stdio: 'ignore' });
  }
  await world.close();
});

/** The instructions of a stage of the Dockerfile, in order. */
function stage(at: number): [string, string][] {
  const stages = readFileSync('config/sync/Dockerfile', 'utf8').split(/^FROM .*$/m);
  const lines = (stages[at + 1] ?? '').split('\n').filter((line) => /^[A-Z]/.test(line));
  return lines.map((line) => [line.split(' ')[0] ?? '', line.slice(line.indexOf(' ') + 1)]);
}

/** The base image of the Dockerfile. */
const BASE = /^FROM (\S+)$/m.exec(readFileSync('config/sync/Dockerfile', 'utf8'))?.[1] ?? '';

function makeImage(folder: string): void {
  if (spawnSync('docker', ['image', 'inspect', BASE], { stdio: 'ignore' }).status !== 0) {
    importImage(folder);
    return;
  }
  // The classic builder is on every engine.
  const built = spawnSync('docker', ['build', '--file', 'config/sync/Dockerfile', '--tag', IMAGE, '.'], {
    env: { ...process.env, DOCKER_BUILDKIT: '0' },
    encoding: 'utf8',
  });
  assert.is(built.status, 0, `${built.stdout}${built.stderr}`);
}

/** An image without a base: there may be no registry here, and so this machine's Node with its libraries is the base. */
function importImage(folder: string): void {
  const own = join(folder, 'hoist');
  for (const [what, text] of stage(0)) {
    const [from = '', to = ''] = text.split(' ');
    if (what === 'COPY' && to !== './') cpSync(from, join(own, to), { recursive: true, preserveTimestamps: true });
  }
  cpSync('package.json', join(own, 'package.json'));
  const modules = join(own, 'node_modules');
  symlinkSync(join(process.cwd(), 'node_modules'), modules);
  execFileSync(process.execPath, ['bin/build.mjs'], { cwd: own });
  rmSync(modules);
  // Of what is not in the bundle, all that sync needs.
  cpSync('node_modules/@opentelemetry/api', join(modules, '@opentelemetry/api'), { recursive: true });

  const copyIn = (file: string, to = file): void => {
    mkdirSync(join(folder, dirname(to)), { recursive: true });
    cpSync(file, join(folder, to), { dereference: true });
  };
  copyIn(process.execPath, '/usr/bin/node');
  const { sharedObjects } = process.report.getReport() as { sharedObjects: string[] };
  for (const library of sharedObjects) if (library.startsWith('/')) copyIn(library);
  const changes = stage(1)
    .filter(([what]) => what !== 'COPY')
    .flatMap(([what, text]) => ['--change', `${what} ${text}`]);
  execFileSync(
    'sh',
    [
      ...['-c', 'tar --create --owner 0 --group 0 --directory "$0" . | docker import "$@"', folder],
      ...['--change', 'ENV PATH=/usr/bin', ...changes, '-', IMAGE],
    ],
    { stdio: 'pipe' },
  );
}

async function hubOf(world: World): Promise<KubeClient> {
  const paths = [world.env['KUBECONFIG'] ?? ''];
  const { connection } = await readConnection({ paths, context: `hoist-${NAME}`, exec });
  return connect(connection);
}

type Sync = KubeObject & {
  status?: { controlledByReplica?: number; selectorSyncSets?: { observedGeneration: number; result: string }[] };
};

/** By cluster, the replica that has applied this generation; undefined until all have it. */
async function ownersOf(client: KubeClient, generation: number): Promise<Map<string, number> | undefined> {
  const { items } = await client.json<KubeList<Sync>>({ path: clusterSyncs(NAMESPACE) });
  const done = items.filter(({ status }) => {
    const [set] = status?.selectorSyncSets ?? [];
    return set?.observedGeneration === generation && set.result === 'Success';
  });
  if (done.length < COPIES) return undefined;
  return new Map(done.map(({ metadata, status }) => [metadata.name, status?.controlledByReplica ?? -1]));
}

async function deploy(world: World, client: KubeClient): Promise<void> {
  const { code, stdout, stderr } = await world.hoist(['sync', 'deploy', '--image', IMAGE, '--replicas', '3']);
  assert.is(code, 0, stderr);
  const token = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'hoist-sync-token', namespace: NAMESPACE },
    stringData: { token: 'a-token-of-the-test' },
  };
  const objects = [...parseAllDocuments(stdout).map((one) => one.toJS() as unknown), token];
  await apply(
    client,
    objects.map((object): Manifest => ({ object: object as Manifest['object'], where: 'deploy' })),
  );
}

async function readyPods(client: KubeClient): Promise<string[]> {
  type Pod = KubeObject & { status: { conditions?: { type: string; status: string }[] } };
  const { items } = await client.json<KubeList<Pod>>({ path: `/api/v1/namespaces/${NAMESPACE}/pods` });
  const isReady = ({ status, metadata }: Pod): boolean =>
    metadata.deletionTimestamp === undefined &&
    status.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') === true;
  return items.filter(isReady).map(({ metadata }) => metadata.name);
}

/** What containers wait for, for a test that waits in vain. */
async function waiting(client: KubeClient): Promise<string> {
  type Pod = KubeObject & {
    status: { phase: string; conditions?: object[]; containerStatuses?: { state: object; lastState: object }[] };
  };
  const { items } = await client.json<KubeList<Pod>>({ path: `/api/v1/namespaces/${NAMESPACE}/pods` });
  const logs = await Promise.all(
    items.map(({ metadata }) =>
      client.request({ path: `/api/v1/namespaces/${NAMESPACE}/pods/${metadata.name}/log`, query: { tailLines: 5 } }),
    ),
  );
  const states = items.map(
    ({ status }) => status.containerStatuses?.map(({ state, lastState }) => [state, lastState]) ?? status,
  );
  return JSON.stringify([states, logs.map(({ body }) => body)]);
}

test('pods get ready, take Leases, apply sets; a killed one loses its clusters, and they alone move', async ({
  world,
}) => {
  const made = await up(world, { agents: 0 });
  assert.is(made.code, 0, made.stderr);
  makeImage(join(world.folder, 'image'));
  execFileSync('k3d', ['image', 'import', IMAGE, '--mode', 'direct', '--cluster', NAME], { stdio: 'pipe' });

  const client = await hubOf(world);
  try {
    const installed = await world.hoist(['sync', 'install', '--hub', `hoist-${NAME}`]);
    assert.is(installed.code, 0, installed.stderr);
    const { connection } = await readConnection({
      paths: [world.env['KUBECONFIG'] ?? ''],
      context: `hoist-${NAME}`,
      exec,
    });
    await adopt(client, {
      namespace: NAMESPACE,
      name: 'copy',
      copies: COPIES,
      labels: { a: 'b' },
      // From within, the cluster has this name.
      kubeconfig: inlineKubeconfig({ ...connection, server: 'https://kubernetes.default.svc' }),
      now: new Date(),
      signal: new AbortController().signal,
      concurrency: 8,
    });
    const set = (round: string): { spec: object } => selectorSet('pods', { a: 'b' }, [configMap('pods', { round })]);
    await client.json({ method: 'POST', path: selectorSyncSets, body: set('1') });
    await deploy(world, client);

    await until('three pods are ready', async () => (await readyPods(client)).length === 3, 60_000).catch(
      async (error: unknown) => assert.unreachable(`${String(error)}: ${await waiting(client)}`),
    );
    const leases = await client.json<KubeList<KubeObject>>({
      path: `/apis/coordination.k8s.io/v1/namespaces/${NAMESPACE}/leases`,
    });
    assert.equal(leases.items.map(({ metadata }) => metadata.name).sort(), [
      'hoist-sync-hoist-sync-0',
      'hoist-sync-hoist-sync-1',
      'hoist-sync-hoist-sync-2',
    ]);
    const { items } = await client.json<KubeList<KubeObject>>({
      path: `/apis/hive.openshift.io/v1/namespaces/${NAMESPACE}/clusterdeployments`,
    });
    let round = 1;
    const change = (): Promise<unknown> =>
      client.json({
        method: 'PATCH',
        path: `${selectorSyncSets}/pods`,
        contentType: 'application/merge-patch+json',
        body: set(String(++round)),
      });
    /** By cluster, whose it is among these replicas. */
    const wanted = (...replicas: number[]): Map<string, number> => {
      const members = replicas.map((at) => `hoist-sync-${at}`);
      const replicaOf = (uid = ''): number => Number(ownerOf(uid, members)?.split('-').at(-1));
      return new Map(items.map(({ metadata }) => [metadata.name, replicaOf(metadata.uid)]));
    };
    const settled = (): Promise<unknown> =>
      until('every replica has what is its own', async () => {
        await change();
        const owners = await until('all clusters have the change', () => ownersOf(client, round));
        return [...wanted(0, 1, 2)].every(([name, owner]) => owners.get(name) === owner);
      });
    await settled();
    const map = await client.json<{ data: { round: string } }>({ path: `${configMaps}/pods` });
    assert.is(map.data.round, String(round));

    // Nothing takes the place of the pod that is killed.
    const [node] = (await client.json<KubeList<KubeObject>>({ path: '/api/v1/nodes' })).items;
    const cordon = (unschedulable: boolean): Promise<unknown> =>
      client.json({
        method: 'PATCH',
        path: `/api/v1/nodes/${node?.metadata.name ?? ''}`,
        contentType: 'application/merge-patch+json',
        body: { spec: { unschedulable } },
      });
    await cordon(true);
    const body = { gracePeriodSeconds: 0 };
    await client.json({ method: 'DELETE', path: `/api/v1/namespaces/${NAMESPACE}/pods/hoist-sync-1`, body });
    const killed = performance.now();
    await change();
    const owners = await until('all clusters have the change', () => ownersOf(client, round));
    const tookMs = performance.now() - killed;
    assert.ok(tookMs <= 20_000, `its clusters moved after ${Math.round(tookMs)} ms`);
    assert.equal(owners, new Map([...owners.keys()].map((name) => [name, wanted(0, 2).get(name)])));

    await cordon(false);
    await until('the pod is back', async () => (await readyPods(client)).length === 3, 60_000);
    await settled();
  } finally {
    client.close();
  }
});

pods.run();
