// `collect open`: a bundle behind a real API server, read-only, with its logs; nothing is left of it afterwards.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { exec } from '../../scripts/host/execa.ts';
import { type KubeClient, connect } from '../../scripts/kube/client/client.ts';
import { readConnection } from '../../scripts/kube/kubeconfig/read.ts';
import type { KubeList, KubeObject } from '../../scripts/kube/object.ts';
import { type World, createWorld } from './hoist.ts';

interface Context {
  world: World;
  client: KubeClient;
  stop: () => Promise<number | null>;
  notes: string;
}

const open = suite<Context>('collect open: a real API server', {} as Context);

const pod = (name: string, more: object = {}): object => ({
  metadata: { name, namespace: 'web', uid: `0000-${name}`, creationTimestamp: '2024-01-02T03:04:05Z' },
  spec: { nodeName: 'n1', containers: [{ name: 'c', image: 'nginx' }] },
  status: {
    phase: 'Running',
    containerStatuses: [{ name: 'c', image: '', imageID: '', ready: true, restartCount: 3 }],
  },
  ...more,
});

/** As troubleshoot lays its archives out. */
const FILES: Readonly<Record<string, unknown>> = {
  'version.yaml': 'apiVersion: troubleshoot.sh/v1beta2\nkind: SupportBundle\n',
  'cluster-resources/namespaces.json': {
    kind: 'NamespaceList',
    apiVersion: 'v1',
    items: [{ metadata: { name: 'web' } }],
  },
  'cluster-resources/pods/web.json': {
    kind: 'PodList',
    apiVersion: 'v1',
    // The last one cannot be read: without care it would hide all others.
    items: [pod('a'), pod('b'), pod('broken', { spec: { containers: 'none' } })],
  },
  'cluster-resources/pods/logs/web/a/c.log': 'one\ntwo\nthree\n',
  'cluster-resources/deployments/web.json': [
    {
      metadata: { name: 'app', namespace: 'web', generation: 7 },
      spec: {
        replicas: 2,
        selector: { matchLabels: { a: 'b' } },
        template: { metadata: { labels: { a: 'b' } }, spec: {} },
      },
      status: { readyReplicas: 1, replicas: 2 },
    },
  ],
  'cluster-resources/ingress/web.json': {
    items: [
      {
        apiVersion: 'extensions/v1beta1',
        kind: 'Ingress',
        metadata: { name: 'old', namespace: 'web' },
        spec: { backend: { serviceName: 's', servicePort: 80 } },
      },
    ],
  },
  'cluster-resources/custom-resource-definitions.json': [
    {
      metadata: { name: 'widgets.ex.io' },
      spec: {
        group: 'ex.io',
        scope: 'Namespaced',
        names: { plural: 'widgets', singular: 'widget', kind: 'Widget', listKind: 'WidgetList' },
        versions: [
          {
            name: 'v1',
            served: true,
            storage: true,
            schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
          },
        ],
      },
    },
  ],
  'cluster-resources/custom-resources/widgets.ex.io/web.yaml':
    '- apiVersion: ex.io/v1\n  kind: Widget\n  metadata: {name: w, namespace: web}\n  spec: {size: 3}\n',
  'cluster-resources/mutating-webhook-configurations.json': [
    {
      metadata: { name: 'h' },
      webhooks: [{ name: 'h.ex.io', clientConfig: { url: 'https://192.0.2.1/', caBundle: '***' } }],
    },
  ],
  'secrets/web/db/password.json': {
    namespace: 'web',
    name: 'db',
    key: 'password',
    secretExists: true,
    keyExists: true,
    value: '***HIDDEN***',
  },
};

function pack(world: World): string {
  for (const [path, content] of Object.entries(FILES))
    world.write(join('bundle', path), typeof content === 'string' ? content : JSON.stringify(content));
  spawnSync('tar', ['czf', 'bundle.tar.gz', 'bundle'], { cwd: world.folder });
  return join(world.folder, 'bundle.tar.gz');
}

open.before(async (context) => {
  const world = createWorld();
  const { child, ended } = world.start(['collect', 'open', pack(world)]);
  let stdout = '';
  let notes = '';
  child.stderr?.on('data', (chunk: Buffer) => (notes += chunk.toString()));
  await new Promise<void>((resolve, reject) => {
    child.stdout?.on('data', (chunk: Buffer) => {
      stdout += chunk.toString();
      if (stdout.includes('Ctrl-C')) resolve();
    });
    void ended.then(({ stderr }) => reject(new Error(stderr)));
  });
  const [, kubeconfig = ''] = /export KUBECONFIG=(.*)/.exec(stdout) ?? [];
  const { connection } = await readConnection({ paths: [kubeconfig], exec });
  const stop = async (): Promise<number | null> => {
    child.kill('SIGINT');
    return (await ended).code;
  };
  Object.assign(context, { world, client: connect(connection), stop, notes });
});

open.after(async ({ world, client }) => {
  client.close();
  await world.close();
});

open('objects are as the cluster had them: uid, time, status; also of versions long gone', async ({ client }) => {
  const get = (path: string): Promise<Record<string, never>> => client.json({ path });
  const { metadata, status } = (await get('/api/v1/namespaces/web/pods/a')) as unknown as KubeObject & {
    status: object;
  };
  assert.is(metadata.uid, '0000-a');
  assert.is(metadata.creationTimestamp, '2024-01-02T03:04:05Z');
  assert.match(JSON.stringify(status), '"restartCount":3');
  const { status: ofApp } = (await get('/apis/apps/v1/namespaces/web/deployments/app')) as unknown as {
    status: object;
  };
  assert.equal(ofApp, { replicas: 2, readyReplicas: 1 });
  const ingress = (await get('/apis/networking.k8s.io/v1/namespaces/web/ingresses/old')) as unknown as { spec: object };
  assert.equal(ingress.spec, { defaultBackend: { service: { name: 's', port: { number: 80 } } } });
  const widget = (await get('/apis/ex.io/v1/namespaces/web/widgets/w')) as unknown as { spec: object };
  assert.equal(widget.spec, { size: 3 });
});

open('one object that cannot be read hides no other, and is there by name', async ({ client, notes }) => {
  const { items } = await client.json<KubeList<KubeObject>>({ path: '/api/v1/pods' });
  assert.equal(items.map(({ metadata: { name } }) => name).sort(), ['a', 'b', 'broken']);
  assert.match(
    items.find(({ metadata }) => metadata.name === 'broken')?.metadata.annotations?.['hoist/note'] ?? '',
    'cannot be read',
  );
  assert.match(notes, '1 object shown by name alone');
});

open('redacted Secrets are there, and nothing that the bundle does not have', async ({ client }) => {
  const secrets = await client.json<KubeList<KubeObject & { data: object }>>({ path: '/api/v1/secrets' });
  assert.equal(
    secrets.items.map(({ metadata, data }) => [metadata.name, data]),
    [['db', { password: Buffer.from('***HIDDEN***').toString('base64') }]],
  );
  for (const path of ['/api/v1/configmaps', '/apis/rbac.authorization.k8s.io/v1/clusterroles', '/api/v1/events']) {
    const { items } = await client.json<KubeList<KubeObject>>({ path });
    assert.equal(
      items.map(({ metadata }) => metadata.name),
      [],
      path,
    );
  }
});

open('logs come from the bundle; a log that is not in it is an error that says so', async ({ client }) => {
  const log = (name: string, query: Record<string, string | number> = {}): Promise<{ status: number; body: string }> =>
    client.request({ path: `/api/v1/namespaces/web/pods/${name}/log`, query });
  assert.is((await log('a')).body, 'one\ntwo\nthree\n');
  assert.is((await log('a', { tailLines: 1 })).body, 'three\n');
  assert.is((await log('a', { follow: 'true' })).body, 'one\ntwo\nthree\n');
  const missing = await log('b', { container: 'c' });
  assert.is(missing.status, 400);
  assert.match(missing.body, 'the bundle has no log of web/b/c');
});

open('nothing can be changed', async ({ client }) => {
  const tries = [
    { method: 'POST', path: '/api/v1/namespaces', body: { metadata: { name: 'x' } } },
    { method: 'DELETE', path: '/api/v1/namespaces/web/pods/a' },
    { method: 'PUT', path: '/api/v1/namespaces/web/secrets/db', body: { metadata: { name: 'db' } } },
  ] as const;
  for (const one of tries) assert.is((await client.request(one)).status, 403, `${one.method} ${one.path}`);
});

open('Ctrl-C ends all of it, and leaves nothing', async ({ stop, world }) => {
  assert.is(await stop(), 0);
  assert.equal(world.processes(), []);
  assert.equal(readdirSync(join(world.state, 'hoist/open')), []);
});

open('one command on it: its exit code is the code, and nothing is left', async ({ world }) => {
  const { code, stdout, stderr } = await world.hoist([
    ...['collect', 'open', 'bundle.tar.gz', '--quiet', '--'],
    ...['sh', '-c', 'test -s "$KUBECONFIG" && exit 7'],
  ]);
  assert.is(code, 7, stderr);
  assert.is(stdout, '');
  assert.equal(world.processes(), []);
});

open('kill -9 leaves servers; the next one ends them', async ({ world }) => {
  const { child, ended } = world.start(['collect', 'open', 'bundle.tar.gz']);
  await new Promise<void>((resolve) => child.stdout?.once('data', () => resolve()));
  child.kill('SIGKILL');
  await ended;
  assert.is(world.processes().length > 0 || readdirSync(join(world.state, 'hoist/open')).length > 0, true);
  const { code, stderr } = await world.hoist(['collect', 'open', 'bundle.tar.gz', '--quiet', '--', 'true']);
  assert.is(code, 0, stderr);
  assert.equal(readdirSync(join(world.state, 'hoist/open')), []);
});

open('what is no bundle of a cluster is an error, and leaves nothing', async ({ world }) => {
  mkdirSync(join(world.folder, 'empty/host-collectors'), { recursive: true });
  spawnSync('tar', ['czf', 'empty.tar.gz', 'empty'], { cwd: world.folder });
  world.write('text.tar.gz', 'no archive');
  for (const [file, said] of [
    ['empty.tar.gz', 'has no objects'],
    ['text.tar.gz', 'cannot be read as a support bundle'],
    ['none.tar.gz', 'cannot be read as a support bundle'],
  ] as const) {
    const { code, stderr } = await world.hoist(['collect', 'open', file, '--quiet']);
    assert.is(code, 1, stderr);
    assert.match(stderr, said);
  }
  assert.not.ok(existsSync(join(world.state, 'hoist/open')) && readdirSync(join(world.state, 'hoist/open')).length > 0);
});

open('what cannot be read ends it at once: nothing waits for the API server', async ({ world }) => {
  world.write('text.tar.gz', 'no archive');
  const { code, stdout } = await world.hoist(['collect', 'open', 'text.tar.gz', '--output', 'json']);
  assert.is(code, 1);
  const ended = stdout.split('\n').filter((line) => line.includes('"step.ended"'));
  const ends = ended.map((line) => JSON.parse(line) as { step: string; outcome: string });
  const outcomes = Object.fromEntries(ends.map(({ step, outcome }) => [step, outcome]));
  assert.equal(outcomes, { bundle: 'failed', etcd: 'cancelled', api: 'skipped', objects: 'skipped', check: 'skipped' });
});

open.run();
