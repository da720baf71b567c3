// The second cluster begins with the objects that kube-apiserver made for the first one, and is a cluster of its own.

import { mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { cacheHome } from '../../scripts/host/paths.ts';
import { connect } from '../../scripts/kube/client/client.ts';
import type { KubeList, KubeObject } from '../../scripts/kube/object.ts';
import { type World, createWorld } from './hoist.ts';

const seeds = suite<{ world: World; env: Record<string, string> }>('embedded: seed', {
  world: undefined as unknown as World,
  env: {},
});

const ROLE = {
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRole',
  metadata: { name: 'users-own', labels: { 'rbac.authorization.k8s.io/aggregate-to-view': 'true' } },
  rules: [{ apiGroups: ['example.com'], resources: ['secret-plans'], verbs: ['get'] }],
};

seeds.before((context) => {
  const world = (context.world = createWorld());
  // A cache of its own, with the tools that all share.
  mkdirSync(join(world.folder, 'cache/hoist'), { recursive: true });
  symlinkSync(join(cacheHome(process.env), 'tools'), join(world.folder, 'cache/hoist/tools'));
  context.env = { XDG_CACHE_HOME: join(world.folder, 'cache'), MERGE_KUBECONFIG: 'false', AGENTS: '1' };
  world.write('config/cluster.yaml', 'namespaces: [one]\nmanifests: [role.yaml]\n');
  world.write('config/role.yaml', JSON.stringify(ROLE));
});
seeds.after(({ world }) => world.close());

const folder = (world: World): string => join(world.folder, 'cache/hoist/seeds');
const only = (world: World): string => {
  const [name = '', ...more] = readdirSync(folder(world));
  assert.equal(more, []);
  return join(folder(world), name);
};

/** What the seed step noted. */
function noteOf(stdout: string, step: string): string | undefined {
  const events = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { type: string; step?: string; notes?: string[] });
  return events.find((event) => event.type === 'step.ended' && event.step === step)?.notes?.[0];
}

async function list(world: World, name: string, path: string): Promise<KubeObject[]> {
  const root = join(world.state, 'hoist/clusters', name);
  const token = readFileSync(join(root, 'pki/tokens.csv'), 'utf8').split(',')[0] ?? '';
  const ca = readFileSync(join(root, 'pki/apiserver.crt'), 'utf8');
  const { ports } = JSON.parse(readFileSync(join(root, 'state.json'), 'utf8')) as { ports: { apiserver: number } };
  const client = connect({ server: `https://127.0.0.1:${ports.apiserver}`, ca, token });
  try {
    return (await client.json<KubeList<KubeObject>>({ path })).items;
  } finally {
    client.close();
  }
}

const PATHS = [
  '/apis/rbac.authorization.k8s.io/v1/clusterroles',
  '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings',
  '/apis/rbac.authorization.k8s.io/v1/roles',
  '/apis/rbac.authorization.k8s.io/v1/rolebindings',
  '/apis/scheduling.k8s.io/v1/priorityclasses',
  '/apis/flowcontrol.apiserver.k8s.io/v1/flowschemas',
  '/apis/flowcontrol.apiserver.k8s.io/v1/prioritylevelconfigurations',
];

seeds('the first up keeps what kube-apiserver made, and nothing of the user', async ({ world, env }) => {
  const { code, stdout, stderr } = await world.hoist(['up', '--name', 'first', '--output', 'json'], env);
  assert.is(code, 0, stderr);
  assert.is(noteOf(stdout, 'seed'), 'none');
  assert.match(noteOf(stdout, 'seed/keep') ?? '', /^\d{3} objects$/);
  const text = readFileSync(only(world), 'utf8');
  const { entries } = JSON.parse(text) as { entries: [string, string][] };
  assert.ok(entries.some(([key]) => key === '/registry/clusterroles/cluster-admin'));
  for (const [key, value] of entries) {
    assert.not.match(key, /users-own|namespaces|secrets|serviceaccounts|\/leases\/|configmaps/);
    assert.not.match(Buffer.from(value, 'base64').toString('latin1'), /secret-plans|users-own|hoist/);
  }
});

seeds('the second cluster has the same objects, with uids and times of its own', async ({ world, env }) => {
  const { code, stdout, stderr } = await world.hoist(['up', '--name', 'second', '--output', 'json'], env);
  assert.is(code, 0, stderr);
  assert.match(noteOf(stdout, 'seed') ?? '', /^\d{3} objects$/);
  assert.is(noteOf(stdout, 'seed/keep'), 'kept');
  for (const path of PATHS) {
    const [first, second] = await Promise.all(['first', 'second'].map((name) => list(world, name, path)));
    const content = (items: KubeObject[] = []): object[] =>
      items.map(({ metadata: { name, namespace, labels, annotations }, ...rest }) => {
        const content = Object.entries(rest).filter(([key]) => key !== 'status');
        return { name, namespace, labels, annotations, content };
      });
    assert.ok((second?.length ?? 0) > 0);
    assert.equal(content(second), content(first), path);
    const uids = [...(first ?? []), ...(second ?? [])].map(({ metadata }) => metadata.uid);
    assert.is(new Set(uids).size, uids.length, path);
  }
  const [first, second] = await Promise.all(['first', 'second'].map((name) => list(world, name, '/api/v1/namespaces')));
  const system = (items: KubeObject[] = []): unknown =>
    items.find(({ metadata }) => metadata.name === 'kube-system')?.metadata.uid;
  assert.not.equal(system(first), system(second));
});

seeds('a damaged seed is not used, said only where details are asked for, and made again', async ({ world, env }) => {
  await world.hoist(['down', 'first', 'second'], env);
  const path = only(world);
  const good = readFileSync(path, 'utf8');
  writeFileSync(path, good.slice(0, good.length / 2));
  const quiet = await world.hoist(['up', '--name', 'third'], env);
  assert.is(quiet.code, 0, quiet.stderr);
  assert.not.match(quiet.stdout + quiet.stderr, /warn|damaged|cannot be read/);
  assert.ok(JSON.parse(readFileSync(path, 'utf8')));
  await world.hoist(['down', 'third'], env);
  writeFileSync(path, readFileSync(path, 'utf8').replace('cluster-admin', 'cluster-adnim'));
  const detailed = await world.hoist(['up', '--name', 'fourth', '--verbose'], env);
  assert.is(detailed.code, 0, detailed.stderr);
  assert.match(detailed.stdout + detailed.stderr, /the seed .* is not used: it is damaged/);
});

seeds('other arguments of kube-apiserver are another seed; none where it is switched off', async ({ world, env }) => {
  await world.hoist(['down', '--all'], env);
  const plan = await world.hoist(['up', '--plan', '--seed', 'false'], env);
  assert.not.match(plan.stdout, /seed\/keep/);
  world.write('config/cluster.yaml', 'componentArgs: {apiserver: {v: "1"}}\n');
  const { code, stdout, stderr } = await world.hoist(['up', '--name', 'fifth', '--output', 'json'], env);
  assert.is(code, 0, stderr);
  assert.is(noteOf(stdout, 'seed'), 'none');
  assert.is(readdirSync(folder(world)).length, 2);
});

seeds.run();
