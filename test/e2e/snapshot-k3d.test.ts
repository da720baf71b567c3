// Snapshots of a real k3d cluster: what was changed since is undone, also after a kill in the middle; skipped where there is none.

import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { containerLog, inspectContainer } from '../../scripts/docker/containers.ts';
import { execInContainer } from '../../scripts/docker/exec-in.ts';
import { type KubeClient, connect } from '../../scripts/kube/client/client.ts';
import { connectionFrom } from '../../scripts/providers/k3d/access/kubeconfig.ts';
import { type Ended, type World, createWorld } from './hoist.ts';
import { killedWhen } from './killed.ts';
import { canMake, clustersOf, engine, env, session } from './k3d.ts';

const NAME = 'hoist-snapshot';
const clusters = clustersOf(NAME);
const snapshots = suite<{ world: World }>('k3d: snapshots', { world: undefined as unknown as World });
const test = canMake ? snapshots : snapshots.skip;

const hoist = (world: World, ...args: string[]): Promise<Ended> => world.hoist(args, env());
const configMap = (name: string, value: string): object => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'one' },
  data: { value },
});
const DEPLOYMENT = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'one' },
  spec: {
    selector: { matchLabels: { app: 'web' } },
    template: {
      metadata: { labels: { app: 'web' } },
      // The nodes have it anyway, and it goes on forever.
      spec: { containers: [{ name: 'web', image: 'rancher/mirrored-pause:3.6', imagePullPolicy: 'IfNotPresent' }] },
    },
  },
};

async function withApi<T>(world: World, work: (client: KubeClient) => Promise<T>): Promise<T> {
  const kubeconfig = readFileSync(join(world.state, 'hoist/k3d', NAME, 'kubeconfig'), 'utf8');
  const server = /server: "?([^"\n]+)/.exec(kubeconfig)?.[1] ?? '';
  const client = connect(connectionFrom(kubeconfig, server));
  try {
    return await work(client);
  } finally {
    client.close();
  }
}

/** Names, uids and data of what a user has made. */
function contentOf(world: World): Promise<string> {
  return withApi(world, async (client) => {
    const lists = ['/api/v1/namespaces/one/configmaps', '/apis/apps/v1/namespaces/one/deployments', '/api/v1/secrets'];
    const all = await Promise.all(
      lists.map((path) =>
        client.json<{ items: { metadata: { name: string; uid: string }; data?: unknown }[] }>({ path }),
      ),
    );
    return all
      .flatMap(({ items }) =>
        items.map(({ metadata: { name, uid }, data }) => `${name} ${uid} ${JSON.stringify(data)}`),
      )
      .sort()
      .join('\n');
  });
}

async function inNode(script: string): Promise<string> {
  const [node] = await clusters.nodes();
  return (await execInContainer(engine(), node?.id ?? '', ['sh', '-c', script])).output.trim();
}

async function startedAt(): Promise<string> {
  const [node] = await clusters.nodes();
  return (await inspectContainer(engine(), node?.id ?? '')).State.StartedAt;
}

async function mutate(world: World): Promise<void> {
  const path = '/api/v1/namespaces/one/configmaps';
  await withApi(world, async (client) => {
    await client.json({ method: 'DELETE', path: `${path}/kept` });
    await client.json({ method: 'POST', path, body: configMap(`new-${Date.now()}`, 'x') });
    await client.json({ method: 'DELETE', path: '/apis/apps/v1/namespaces/one/deployments/web' });
  });
  await inNode('echo changed > /var/lib/rancher/k3s/storage/volume; touch /var/lib/rancher/k3s/storage/more');
}

const stateFile = (world: World): string => join(world.state, 'hoist/k3d', NAME, 'state.json');

snapshots.before((context) => void (context.world = createWorld()));
snapshots.after(async ({ world }) => {
  if (canMake) await world.hoist(['down', NAME, '--quiet'], env());
  await world.close();
  session?.engine.close();
});

let clean = '';

test('what was changed since is undone: objects, volumes, and the nodes are Ready', async ({ world }) => {
  world.write(
    'config/objects.yaml',
    [DEPLOYMENT, configMap('kept', '1')].map((one) => JSON.stringify(one)).join('\n---\n'),
  );
  const made = await clusters.up(world, { agents: 0, manifests: ['objects.yaml'] });
  assert.is(made.code, 0, made.stderr + made.stdout);
  await inNode('mkdir -p /var/lib/rancher/k3s/storage; echo kept > /var/lib/rancher/k3s/storage/volume');
  clean = await contentOf(world);
  const saved = await hoist(world, 'snapshot', 'save', 'clean');
  assert.is(saved.code, 0, saved.stderr);
  assert.match(saved.stdout, /saved snapshot "clean" of cluster "hoist-snapshot": 3 archives/);
  await mutate(world);
  assert.is.not(await contentOf(world), clean);
  const began = await startedAt();

  const restored = await hoist(world, 'snapshot', 'restore', 'clean');
  assert.is(restored.code, 0, restored.stderr + restored.stdout);
  assert.is(await startedAt(), began, 'the node itself goes on');
  assert.is(await contentOf(world), clean);
  assert.is(await inNode('cat /var/lib/rancher/k3s/storage/*'), 'kept');
  const status = await clusters.status(world);
  assert.is(status?.state, 'running');
  assert.ok(status?.nodes.every(({ ready }) => ready));
  const again = await hoist(world, 'up', '--output', 'json');
  assert.match(again.stdout, /"changes":"unchanged"/);
});

test('restored twice, then a node that is asked to end: k3s ends in good order, and so does its container', async ({
  world,
}) => {
  await mutate(world);
  const again = await hoist(world, 'snapshot', 'restore', 'clean');
  assert.is(again.code, 0, again.stderr + again.stdout);
  assert.is(await contentOf(world), clean);

  const from = Date.now();
  assert.is((await hoist(world, 'stop', NAME)).code, 0);
  const [node] = await clusters.nodes();
  const { State } = await inspectContainer(engine(), node?.id ?? '');
  // Killed after its grace period it would be 137.
  assert.equal([State.Status, State.ExitCode === 137], ['exited', false]);
  const log = containerLog(engine(), node?.id ?? '', { follow: false, since: from });
  let text = '';
  for await (const line of log) text += `${line}\n`;
  assert.match(text, /Shutting down/);
  const { code, stderr, stdout } = await hoist(world, 'start', NAME);
  assert.is(code, 0, stderr + stdout);
  assert.is(await contentOf(world), clean);
});

test('a node in which k3s cannot be restarted by itself: its container is', async ({ world }) => {
  await mutate(world);
  const began = await startedAt();
  // An entrypoint that something else has suspended.
  await inNode(
    'for p in /proc/[0-9]*; do read name < $p/comm; case $name in k3d-entry*) kill -STOP ${p#/proc/}; esac; done',
  );
  const { code, stderr, stdout } = await hoist(world, 'snapshot', 'restore', 'clean');
  assert.is(code, 0, stderr + stdout);
  assert.is.not(await startedAt(), began);
  assert.is(await contentOf(world), clean);
});

test('what does not fit is refused with the reason, and nothing is touched', async ({ world }) => {
  const taken = await hoist(world, 'snapshot', 'save', 'clean');
  assert.match(taken.stderr, 'there is a snapshot "clean" already');
  const beside = await hoist(world, 'snapshot', 'restore', 'clean', '--name', 'second');
  assert.is(beside.code, 2);
  assert.match(beside.stderr, 'can only be restored into that one, not as "second"');
  const from = await hoist(world, 'up', '--from', 'clean', '--name', 'third');
  assert.is(from.code, 2);
  assert.match(from.stderr, 'cannot begin with a snapshot');
  const embedded = await hoist(world, 'up', '--from', 'clean', '--name', 'third', '--provider', 'embedded');
  assert.is(embedded.code, 2);
  assert.match(embedded.stderr, 'is of a cluster of the provider k3d');

  const folder = join(world.state, 'hoist/snapshots/clean');
  const manifest = join(folder, 'snapshot.json');
  const good = readFileSync(manifest, 'utf8');
  writeFileSync(manifest, good.replace(/"identity": "[^"]+"/, '"identity": "other"'));
  assert.match((await hoist(world, 'snapshot', 'restore', 'clean')).stderr, 'is of an earlier cluster');
  writeFileSync(manifest, good);
  const archive = join(folder, 'archive-0.tar');
  const bytes = readFileSync(archive);
  const bad = Buffer.from(bytes);
  bad[bad.length >> 1] = (bad[bad.length >> 1] ?? 0) ^ 1;
  writeFileSync(archive, bad);
  const damaged = await hoist(world, 'snapshot', 'restore', 'clean');
  assert.is(damaged.code, 5, damaged.stderr);
  assert.match(damaged.stderr + damaged.stdout, 'is not as it was written');
  writeFileSync(archive, bytes);
  assert.is(await contentOf(world), clean);
});

test('a kill in mid-save leaves no snapshot, and start lets frozen nodes go on', async ({ world }) => {
  const folder = join(world.state, 'hoist/snapshots');
  const saving = (): boolean =>
    readdirSync(folder).some((name) => name.startsWith('.saving-') && readdirSync(join(folder, name)).length > 0);
  assert.ok(await killedWhen(world.start(['snapshot', 'save', 'killed'], env()), folder, saving));
  assert.match((await hoist(world, 'snapshot', 'list')).stdout, /^snapshot .*\nclean .*\n$/);
  assert.is((await clusters.nodes())[0]?.state, 'paused');
  const { code, stderr, stdout } = await hoist(world, 'start', NAME);
  assert.is(code, 0, stderr + stdout);
  assert.is((await clusters.nodes())[0]?.state, 'running');
  assert.is(await contentOf(world), clean);
});

test('a kill in mid-restore: status says so, start ends it', async ({ world }) => {
  await mutate(world);
  const restoring = (): boolean => readFileSync(stateFile(world), 'utf8').includes('"restoring": "clean"');
  assert.ok(
    await killedWhen(world.start(['snapshot', 'restore', 'clean'], env()), join(stateFile(world), '..'), restoring),
  );
  assert.ok(restoring());
  const status = await clusters.status(world);
  assert.match(JSON.stringify(status?.components), 'was not restored to its end');
  const { code, stderr, stdout } = await hoist(world, 'start', NAME);
  assert.is(code, 0, stderr + stdout);
  assert.is(await contentOf(world), clean);
  assert.not.ok(restoring());
});

test('a full disk: the save fails with the reason, and the nodes go on', async ({ world }) => {
  const folder = join(world.state, 'hoist/snapshots');
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', folder], { stdio: 'ignore' });
  } catch {
    // Mounting is for root, where the container lets it.
    return;
  }
  try {
    const { code, stderr } = await hoist(world, 'snapshot', 'save', 'big');
    assert.is.not(code, 0);
    assert.match(stderr, /no space left|ENOSPC/i);
    assert.equal(readdirSync(folder), []);
  } finally {
    execFileSync('umount', [folder]);
  }
  assert.is((await clusters.nodes())[0]?.state, 'running');
  assert.is(await contentOf(world), clean);
});

snapshots.run();
