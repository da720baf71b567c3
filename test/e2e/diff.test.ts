// What `hoist diff` says of a real cluster: nothing after `up`, each change that people make, and nothing is written by it.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type KubeClient, connect } from '../../scripts/kube/client/client.ts';
import type { Drift } from '../../scripts/cluster/diff.ts';
import { type World, createWorld } from './hoist.ts';

const drifting = suite<{ world: World }>('embedded: diff', { world: undefined as unknown as World });
const CHART = {
  'Chart.yaml': 'apiVersion: v2\nname: web\nversion: 1.2.3\n',
  'values.yaml': 'greeting: hello\n',
  'templates/map.yaml':
    'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: of-release}\ndata: {greeting: "{{ .Values.greeting }}"}\n',
};
const settings = (greeting: string): string =>
  `name: dev
namespaces: [one]
manifests: [map.yaml]
secrets: [{name: login, data: {password: {file: password}}}]
services: [{name: web, chart: ./web, namespace: one, values: {greeting: ${greeting}}, valuesFrom: {pin: {file: pin}}}]
`;

drifting.before(async (context) => {
  const world = (context.world = createWorld());
  for (const [file, text] of Object.entries(CHART)) world.write(`config/web/${file}`, text);
  world.write('config/password', 'a-long-password');
  world.write('config/pin', 'pin-of-before');
  world.write('config/cluster.yaml', settings('hello'));
  world.write(
    'config/map.yaml',
    'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: m, namespace: one}\ndata: {a: "1", b: "1"}\n',
  );
  const { code, stdout, stderr } = await world.hoist(['up', '--quiet']);
  assert.is(code, 0, stderr + stdout);
});
drifting.after(({ world }) => world.close());

async function withApi<T>(world: World, work: (client: KubeClient) => Promise<T>): Promise<T> {
  const root = join(world.state, 'hoist/clusters/dev');
  const token = readFileSync(join(root, 'pki/tokens.csv'), 'utf8').split(',')[0] ?? '';
  const ca = readFileSync(join(root, 'pki/apiserver.crt'), 'utf8');
  const { ports } = JSON.parse(readFileSync(join(root, 'state.json'), 'utf8')) as { ports: { apiserver: number } };
  const client = connect({ server: `https://127.0.0.1:${ports.apiserver}`, ca, token });
  try {
    return await work(client);
  } finally {
    client.close();
  }
}

drifting('nothing after up', async ({ world }) => {
  const { code, stdout, stderr } = await world.hoist(['diff']);
  assert.is(code, 0, stderr + stdout);
  assert.match(stdout, /^cluster "dev" is as `up` would make it: \d+ objects and 1 release compared\n$/);
});

drifting(
  'what people change shows, secrets without their values, also in releases; nothing is written',
  async ({ world }) => {
    const one = '/api/v1/namespaces/one';
    const merge = {
      method: 'PATCH',
      contentType: 'application/merge-patch+json',
      query: { fieldManager: 'kubectl-edit' },
    } as const;
    const before = await withApi(world, async (client) => {
      await client.json({ path: `${one}/configmaps/m`, body: { data: { a: '2' } }, ...merge });
      await client.json({
        path: `${one}/secrets/login`,
        body: { stringData: { password: 'changed-by-hand' } },
        ...merge,
      });
      await client.json({ path: `${one}/configmaps/of-release`, body: { data: { greeting: 'bye' } }, ...merge });
      return client.json<{ metadata: { resourceVersion: string } }>({ path: `${one}/configmaps/m` });
    });
    const { code, stdout, stderr } = await world.hoist(['diff']);
    assert.is(code, 1, stderr + stdout);
    assert.match(stdout, /~ ConfigMap one\/m \(.*map\.yaml.*\)\n {4}data\.a: "2" → "1"\n/);
    assert.match(stdout, /~ Secret one\/login .*\n {4}data\.password: .*\n/);
    assert.match(stdout, /~ ConfigMap one\/of-release \(release web\)\n {4}data\.greeting: "bye" → "hello"\n/);
    assert.match(stdout, /cluster "dev": 3 differences, /);
    assert.not.match(stdout + stderr, /a-long-password|changed-by-hand|Y2hhbmdlZC/);
    const after = await withApi(world, (client) => client.json<typeof before>({ path: `${one}/configmaps/m` }));
    assert.is(after.metadata.resourceVersion, before.metadata.resourceVersion);
  },
);

drifting('what is missing, other values of a release, other arguments; as JSON', async ({ world }) => {
  await withApi(world, (client) => client.json({ method: 'DELETE', path: '/api/v1/namespaces/one/configmaps/m' }));
  world.write('config/cluster.yaml', `${settings('hi')}componentArgs: {scheduler: {v: "3"}}\n`);
  const { code, stdout, stderr } = await world.hoist(['diff', 'dev', '--output', 'json']);
  assert.is(code, 1, stderr);
  const drift = JSON.parse(stdout) as Drift & { different: boolean };
  assert.is(drift.different, true);
  assert.equal(drift.cluster, [{ what: 'scheduler --v', have: 'not set', want: '3' }]);
  assert.ok(drift.objects.some(({ kind, title }) => kind === 'missing' && title === 'ConfigMap one/m'));
  assert.equal(drift.releases, [
    {
      name: 'web',
      namespace: 'one',
      kind: 'changed',
      changes: [{ path: 'values.greeting', have: 'hello', want: 'hi' }],
    },
  ]);
});

drifting(
  'another version of the chart, its files changed, a secret among the values: without either value',
  async ({ world }) => {
    const chart = (version: string): string => `apiVersion: v2\nname: web\nversion: ${version}\n`;
    const releases = async (): Promise<Drift['releases'][number]['changes']> => {
      const { stdout, stderr } = await world.hoist(['diff', '--output', 'json']);
      assert.not.match(stdout + stderr, /pin-of-before|pin-of-after/);
      return (JSON.parse(stdout) as Drift).releases.flatMap(({ changes }) => changes);
    };
    world.write('config/cluster.yaml', settings('hello'));
    world.write('config/web/Chart.yaml', chart('1.3.0'));
    assert.equal(await releases(), [{ path: 'version', have: '1.2.3', want: '1.3.0' }]);
    world.write('config/web/Chart.yaml', chart('1.2.3'));
    world.write('config/web/values.yaml', 'greeting: good morning\n');
    assert.equal(
      (await releases()).map(({ path }) => path),
      ['chart'],
    );
    world.write('config/web/values.yaml', CHART['values.yaml']);
    world.write('config/pin', 'pin-of-after');
    assert.equal(await releases(), [{ path: 'values.pin', have: '***HIDDEN***', want: '***HIDDEN***' }]);
    world.write('config/pin', 'pin-of-before');
  },
);

drifting('no cluster, or one that is stopped, is an error that says so', async ({ world }) => {
  const none = await world.hoist(['diff', 'nothing']);
  assert.is(none.code, 2);
  assert.match(none.stderr, 'there is no cluster "nothing"');
  world.write('config/cluster.yaml', settings('hello'));
  await world.hoist(['stop', 'dev']);
  const stopped = await world.hoist(['diff']);
  assert.is(stopped.code, 2);
  assert.match(stopped.stderr, /cannot be compared: etcd does not run/);
});

drifting.run();
