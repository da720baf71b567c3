// Snapshots of a real cluster: what was changed since is undone, also beside it, also after a kill in the middle.

import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type KubeClient, connect } from '../../scripts/kube/client/client.ts';
import { EtcdClient } from '../../scripts/providers/embedded/etcd/etcd-client.ts';
import { readStored } from '../../scripts/providers/embedded/etcd/stored-object.ts';
import { isContent } from '../../scripts/providers/embedded/snapshot/content.ts';
import { type World, createWorld } from './hoist.ts';
import { killedWhen } from './killed.ts';

const snapshots = suite<{ world: World }>('embedded: snapshots', { world: undefined as unknown as World });

const CRD = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'widgets.example.com' },
  spec: {
    group: 'example.com',
    scope: 'Namespaced',
    names: { plural: 'widgets', singular: 'widget', kind: 'Widget' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
      },
    ],
  },
};
const ACCOUNT_TOKEN = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'token', namespace: 'one', annotations: { 'kubernetes.io/service-account.name': 'default' } },
  type: 'kubernetes.io/service-account-token',
};
const DEPLOYMENT = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'one' },
  spec: {
    replicas: 2,
    selector: { matchLabels: { app: 'web' } },
    template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image: 'web:1' }] } },
  },
};
const configMap = (name: string, data: Record<string, string>): object => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'one' },
  data,
});

snapshots.before(async (context) => {
  const world = (context.world = createWorld());
  world.write('config/cluster.yaml', 'name: first\nnamespaces: [one]\nmanifests: [objects.yaml]\nagents: 1\n');
  const objects = [CRD, DEPLOYMENT, configMap('kept', { a: '1' })];
  world.write('config/objects.yaml', objects.map((object) => JSON.stringify(object)).join('\n---\n'));
  const { code, stderr } = await world.hoist(['up', '--quiet']);
  assert.is(code, 0, stderr);
  await withApi(world, 'first', async (client) => {
    const path = '/api/v1/namespaces/one/secrets';
    await client.json({ method: 'POST', path, body: ACCOUNT_TOKEN });
    // The controller manager fills it in.
    const hasToken = async (): Promise<boolean> =>
      (await client.json<{ data?: { token?: string } }>({ path: `${path}/token` })).data?.token !== undefined;
    for (let asked = 0; asked < 2_000 && !(await hasToken()); asked++);
    assert.ok(await hasToken());
  });
});
snapshots.after(({ world }) => world.close());

const rootOf = (world: World, name: string): string => join(world.state, 'hoist/clusters', name);
const stateOf = (world: World, name: string): { restoring?: string; ports: { apiserver: number } } =>
  JSON.parse(readFileSync(join(rootOf(world, name), 'state.json'), 'utf8')) as ReturnType<typeof stateOf>;

async function withApi<T>(world: World, name: string, work: (client: KubeClient) => Promise<T>): Promise<T> {
  const root = rootOf(world, name);
  const token = readFileSync(join(root, 'pki/tokens.csv'), 'utf8').split(',')[0] ?? '';
  const ca = readFileSync(join(root, 'pki/apiserver.crt'), 'utf8');
  const client = connect({ server: `https://127.0.0.1:${stateOf(world, name).ports.apiserver}`, ca, token });
  try {
    return await work(client);
  } finally {
    client.close();
  }
}

/** What changes by itself all the time: signs of life, and the conditions of nodes. */
const ALIVE = /^\/registry\/(leases|minions)\//;

/** Every object as it is stored, by key. */
async function contentOf(world: World, name: string): Promise<Map<string, string>> {
  const etcd = new EtcdClient(rootOf(world, name));
  const found = new Map<string, string>();
  try {
    for await (const page of etcd.keys('/registry/')) {
      for (const entry of page.filter(isContent)) {
        if (!ALIVE.test(entry.key)) found.set(entry.key, entry.value.toString('base64'));
      }
    }
  } finally {
    await etcd.close();
  }
  return found;
}

function differences(have: Map<string, string>, want: Map<string, string>): string[] {
  return [...new Set([...have.keys(), ...want.keys()])].filter((key) => have.get(key) !== want.get(key)).sort();
}

const uidOf = (content: Map<string, string>, key: string): string | undefined =>
  readStored(Buffer.from(content.get(key) ?? '', 'base64'))?.uid;

const SYSTEM = '/registry/namespaces/kube-system';
const WIDGETS = '/apis/example.com/v1/namespaces/one/widgets';

async function mutate(client: KubeClient): Promise<void> {
  const merge = { contentType: 'application/merge-patch+json' } as const;
  await client.json({
    method: 'PATCH',
    path: '/api/v1/namespaces/one/configmaps/kept',
    body: { data: { a: '2' } },
    ...merge,
  });
  await client.json({ method: 'POST', path: '/api/v1/namespaces', body: { metadata: { name: 'new' } } });
  await client.json({
    method: 'POST',
    path: WIDGETS,
    body: { apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name: 'w' } },
  });
  await client.json({ method: 'DELETE', path: '/apis/apps/v1/namespaces/one/deployments/web' });
  await client.json({
    method: 'DELETE',
    path: '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/widgets.example.com',
  });
  await client.json({ method: 'DELETE', path: '/apis/rbac.authorization.k8s.io/v1/clusterroles/view' });
}

let clean = new Map<string, string>();

snapshots('save keeps what there is; a name is taken once; one that does not exist has none', async ({ world }) => {
  const { code, stdout, stderr } = await world.hoist(['snapshot', 'save', 'clean']);
  assert.is(code, 0, stderr);
  assert.match(stdout, /^saved snapshot "clean" of cluster "first": \d{3} objects, /);
  clean = await contentOf(world, 'first');
  const again = await world.hoist(['snapshot', 'save', 'clean']);
  assert.is(again.code, 2);
  assert.match(again.stderr, 'there is a snapshot "clean" already');
  const none = await world.hoist(['snapshot', 'save', 'other', '--name', 'nothing']);
  assert.match(none.stderr, 'there is no cluster "nothing"; there are: first');
  const folder = join(world.state, 'hoist/snapshots');
  assert.is(statSync(folder).mode & 0o777, 0o700);
  assert.is(statSync(join(folder, 'clean/objects')).mode & 0o777, 0o600);
});

snapshots('restore undoes all that was changed, and the cluster stays the one that it is', async ({ world }) => {
  const token = readFileSync(join(rootOf(world, 'first'), 'pki/tokens.csv'), 'utf8');
  await withApi(world, 'first', mutate);
  assert.ok(differences(await contentOf(world, 'first'), clean).length > 5);
  const { code, stdout, stderr } = await world.hoist(['snapshot', 'restore', 'clean']);
  assert.is(code, 0, stderr + stdout);
  assert.match(stdout, /restored +clean, in place of what it held/);
  assert.equal(differences(await contentOf(world, 'first'), clean), []);
  assert.is(readFileSync(join(rootOf(world, 'first'), 'pki/tokens.csv'), 'utf8'), token);
  // What answers is the API, not only etcd: also for kinds that were gone meanwhile.
  await withApi(world, 'first', async (client) => {
    assert.equal((await client.json<{ items: unknown[] }>({ path: WIDGETS })).items, []);
    assert.is((await client.request({ path: '/api/v1/namespaces/new' })).status, 404);
    await client.json({ method: 'DELETE', path: '/apis/apps/v1/namespaces/one/deployments/web' });
  });
  assert.is((await world.hoist(['snapshot', 'restore', 'clean', '--quiet'])).code, 0);
  assert.equal(differences(await contentOf(world, 'first'), clean), []);
});

snapshots('a cluster beside the first one has the same objects, and an identity of its own', async ({ world }) => {
  const { code, stdout, stderr } = await world.hoist(['snapshot', 'restore', 'clean', '--name', 'second']);
  assert.is(code, 0, stderr + stdout);
  assert.match(stdout, /restored +clean, as a new cluster/);
  const second = await contentOf(world, 'second');
  // Only the cluster's uid, and the token that its own key has signed again.
  assert.equal(differences(second, clean), [SYSTEM, '/registry/secrets/one/token']);
  assert.not.equal(uidOf(second, SYSTEM), uidOf(clean, SYSTEM));
  const files = ['pki/tokens.csv', 'pki/service-account.key'];
  for (const file of files) {
    const [one, two] = ['first', 'second'].map((name) => readFileSync(join(rootOf(world, name), file), 'utf8'));
    assert.not.equal(one, two, file);
  }
  assert.is((await world.hoist(['down', 'second'])).code, 0);
});

snapshots(
  'up begins with it, and adds what the settings ask for; another time it is an up like any other',
  async ({ world }) => {
    const args = ['up', '--name', 'third', '--from', 'clean', '--namespaces', 'one,two', '--output', 'json'];
    for (const written of [true, false]) {
      const { code, stdout, stderr } = await world.hoist(args);
      assert.is(code, 0, stderr);
      assert.is(/\d{3} objects written/.test(stdout), written);
      const third = await contentOf(world, 'third');
      assert.is(uidOf(third, '/registry/namespaces/one'), uidOf(clean, '/registry/namespaces/one'));
      assert.ok(third.has('/registry/namespaces/two'));
    }
    const nodes = await world.hoist(['up', '--name', 'fourth', '--from', 'clean', '--agents', '3']);
    assert.is(nodes.code, 2);
    assert.match(nodes.stderr, /is of a cluster with other settings:\n +nodes: /);
    const other = await world.hoist(['up', '--from', 'clean']);
    assert.is(other.code, 2);
    assert.match(other.stderr, 'exists, and was not made from the snapshot "clean"');
    assert.is((await world.hoist(['down', 'third'])).code, 0);
  },
);

snapshots('what is damaged or of another minor version is refused, and nothing is touched', async ({ world }) => {
  const folder = join(world.state, 'hoist/snapshots/clean');
  const [manifest, objects] = ['snapshot.json', 'objects'].map((file) => join(folder, file));
  if (manifest === undefined || objects === undefined) throw new Error('no files');
  const [good, bytes] = [readFileSync(manifest, 'utf8'), readFileSync(objects)];
  writeFileSync(manifest, good.replaceAll(/"kubernetes": "1\.\d+\./g, '"kubernetes": "1.12.'));
  const old = await world.hoist(['snapshot', 'restore', 'clean']);
  assert.is(old.code, 2);
  assert.match(old.stderr, /is of Kubernetes 1\.12\.\d+, and this would be 1\.\d+\.\d+: stored objects differ/);
  writeFileSync(manifest, good);
  const bad = Buffer.from(bytes);
  bad[bad.length - 7] = (bad.at(-7) ?? 0) ^ 1;
  writeFileSync(objects, bad);
  const damaged = await world.hoist(['snapshot', 'restore', 'clean']);
  assert.is(damaged.code, 5);
  assert.match(damaged.stderr, 'is not as it was written');
  assert.match(damaged.stderr, 'Nothing was changed.');
  for (const args of [
    ['snapshot', 'restore', 'clean', '--name', 'fifth'],
    ['up', '--name', 'fifth', '--from', 'clean'],
  ]) {
    const fresh = await world.hoist(args);
    assert.is(fresh.code, 5);
    assert.not.match(fresh.stdout + fresh.stderr, 'may have half');
    assert.not.ok(readdirSync(join(world.state, 'hoist/clusters')).includes('fifth'));
  }
  assert.equal(differences(await contentOf(world, 'first'), clean), []);
  assert.is((await world.hoist(['status', 'first'])).code, 0);
  writeFileSync(objects, bytes);
});

snapshots('a kill in mid-save leaves no snapshot, and the next save takes away what is left', async ({ world }) => {
  await withApi(world, 'first', (client) =>
    Promise.all(
      Array.from({ length: 60 }, (_, i) =>
        client.json({
          method: 'POST',
          path: '/api/v1/namespaces/one/configmaps',
          body: configMap(`big-${i}`, { x: 'x'.repeat(500_000) }),
        }),
      ),
    ),
  );
  const folder = join(world.state, 'hoist/snapshots');
  const saving = (): boolean => readdirSync(folder).some((name) => name.startsWith('.saving-'));
  const killed = await killedWhen(world.start(['snapshot', 'save', 'big']), folder, saving);
  assert.ok(killed && saving());
  assert.match((await world.hoist(['snapshot', 'list'])).stdout, /^snapshot .*\nclean .*\n$/);
  const { code, stderr } = await world.hoist(['snapshot', 'save', 'big']);
  assert.is(code, 0, stderr);
  assert.equal(readdirSync(folder).sort(), ['big', 'clean']);
});

snapshots('a kill in mid-restore: status says so, start ends it', async ({ world }) => {
  await withApi(world, 'first', mutate);
  const restoring = (): boolean => {
    try {
      return stateOf(world, 'first').restoring === 'clean';
    } catch {
      return false;
    }
  };
  const killed = await killedWhen(world.start(['snapshot', 'restore', 'clean']), rootOf(world, 'first'), restoring);
  assert.ok(killed && restoring());
  const save = await world.hoist(['snapshot', 'save', 'half']);
  assert.is(save.code, 2);
  assert.match(save.stderr, 'may have half of the snapshot "clean"');
  const { code, stdout, stderr } = await world.hoist(['start']);
  assert.is(code, 0, stderr);
  assert.match(stdout.replaceAll(/\s+/g, ' '), 'the snapshot "clean" was not restored to its end');
  assert.equal(differences(await contentOf(world, 'first'), clean), []);
  assert.is(stateOf(world, 'first').restoring, undefined);
});

/** Mounting is for root, where the container lets it. */
function smallDisk(path: string): boolean {
  try {
    mkdirSync(path, { recursive: true });
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', path], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

snapshots('a full disk: the save fails with the reason, and leaves nothing', async ({ world }) => {
  await world.hoist(['snapshot', 'restore', 'big']);
  const folder = join(world.state, 'hoist/snapshots');
  // Below the mount there is still the snapshot of the other tests.
  if (!smallDisk(folder)) return;
  try {
    const { code, stderr } = await world.hoist(['snapshot', 'save', 'big']);
    assert.is.not(code, 0);
    assert.match(stderr, /no space left|ENOSPC/i);
    assert.equal(readdirSync(folder), []);
  } finally {
    execFileSync('umount', [folder]);
  }
  assert.is((await world.hoist(['status', 'first'])).code, 0);
});

snapshots('remove takes names of what there is, all or none', async ({ world }) => {
  await world.hoist(['snapshot', 'remove', 'big']);
  const wrong = await world.hoist(['snapshot', 'remove', 'clean', 'nope']);
  assert.is(wrong.code, 2);
  assert.match(wrong.stderr, 'there is no snapshot "nope"; there are: clean');
  assert.match((await world.hoist(['snapshot', 'remove', 'clean'])).stdout, 'removed snapshot "clean"');
  assert.match((await world.hoist(['snapshot'])).stdout, 'there are no snapshots');
  assert.match((await world.hoist(['snapshot', 'sav', 'x'])).stderr, 'did you mean "save"');
});

snapshots.run();
