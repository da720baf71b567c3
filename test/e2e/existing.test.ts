// A cluster that is there already, filled by hoist: a real one, with its real rights; and steps of the user on it.

import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parse, stringify } from 'yaml';
import { exec } from '../../scripts/host/execa.ts';
import { type KubeClient, connect } from '../../scripts/kube/client/client.ts';
import { readConnection } from '../../scripts/kube/kubeconfig/read.ts';
import type { KubeList, KubeObject } from '../../scripts/kube/object.ts';
import { startChartRepo } from '../services/helm/chart-repo.ts';
import { helmPath } from '../services/helm/workshop.ts';
import { type World, createWorld } from './hoist.ts';

/** Pieces that a slow chart comes in, one each second. */
const SLICES = 14;

interface Context {
  world: World;
  client: KubeClient;
}

const existing = suite<Context>('existing: a real cluster', {} as Context);

const CONFIG =
  'name: ext\nagents: 1\nnamespaces: [alpha, beta]\nsecrets:\n  - name: s\n    data:\n      k: { env: S }\n';
const ON = { PROVIDER: 'existing', CONTEXT: 'hoist-base', S: 'value' };

existing.before(async (context) => {
  const world = createWorld();
  context.world = world;
  world.write('config/cluster.yaml', CONFIG);
  const { code, stderr } = await world.hoist(['up', '--name', 'base', '--profile', 'minimal', '--quiet']);
  if (code !== 0) throw new Error(stderr);
  const { connection } = await readConnection({ paths: [join(world.folder, 'kubeconfig')], exec });
  context.client = connect(connection);
});
existing.after(async ({ world, client }) => {
  client.close();
  await world.close();
});

const names = async (client: KubeClient, path: string): Promise<string[]> =>
  (await client.json<KubeList<KubeObject>>({ path })).items.map(({ metadata }) => metadata.name);

/** Writes a kubeconfig of its own: that of the cluster, changed. */
function other(world: World, name: string, change: { cluster?: object; user?: object }): string {
  const { clusters, users } = parse(readFileSync(join(world.state, 'hoist/clusters/base/kubeconfig'), 'utf8')) as {
    clusters: { cluster: object }[];
    users: { user: object }[];
  };
  const config = {
    clusters: [{ name: 'c', cluster: { ...clusters[0]?.cluster, ...change.cluster } }],
    users: [{ name: 'someone', user: change.user ?? users[0]?.user }],
    contexts: [{ name, context: { cluster: 'c', user: 'someone' } }],
  };
  const path = join(world.folder, `${name}.json`);
  writeFileSync(path, JSON.stringify(config));
  return path;
}

existing(
  'up fills it, runs the steps of the user on it, and leaves the kubeconfig of the user alone',
  async ({ world, client }) => {
    const before = world.read('kubeconfig');
    world.write(
      'steps/probe.ts',
      [
        "import { writeFileSync } from 'node:fs';",
        'export default {',
        "  needs: ['namespace/alpha'],",
        '  async run({ $, context, cluster, kubeconfig, namespaces, note }) {',
        '    const seen = await $`cat $KUBECONFIG`.quiet().json();',
        "    writeFileSync('probe.json', JSON.stringify({ context, cluster, namespaces, kubeconfig, current: seen['current-context'] }));",
        "    note('probed');",
        '  },',
        '};',
        '',
      ].join('\n'),
    );
    const { code, stdout, stderr } = await world.hoist(['up', '--output', 'json'], ON);
    assert.is(code, 0, stderr);
    const namespaces = await names(client, '/api/v1/namespaces');
    assert.ok(namespaces.includes('alpha') && namespaces.includes('beta'));
    assert.ok((await names(client, '/api/v1/namespaces/beta/secrets')).includes('s'));
    assert.equal(JSON.parse(world.read('probe.json')), {
      context: 'hoist-base',
      cluster: 'ext',
      namespaces: ['alpha', 'beta'],
      kubeconfig: join(world.state, 'hoist/existing/ext/kubeconfig'),
      current: 'hoist-base',
    });
    assert.is(world.read('kubeconfig'), before);
    assert.match(stdout, '"probed"');
  },
);

existing('a second up finds all unchanged', async ({ world }) => {
  const { code, stdout } = await world.hoist(['up'], ON);
  assert.is(code, 0);
  assert.match(stdout, /changes\s+unchanged/);
  assert.match(stdout, /context\s+hoist-base/);
  rmSync(join(world.folder, 'steps'), { recursive: true });
});

existing('status shows it as its user sees it', async ({ world }) => {
  const { code, stdout } = await world.hoist(['status', 'ext', '--output', 'json'], ON);
  assert.is(code, 0);
  const [cluster] = (
    JSON.parse(stdout) as { clusters: { provider: string; context: string; state: string; nodes: unknown[] }[] }
  ).clusters;
  assert.equal(
    [cluster?.provider, cluster?.context, cluster?.state, cluster?.nodes.length],
    ['existing', 'hoist-base', 'running', 2],
  );
});

existing('a server under a name of others is refused until it is confirmed or allowed', async ({ world, client }) => {
  // Not the address by which hoist knows its own cluster again.
  const server = client.server.replace('127.0.0.1', 'localhost');
  const path = other(world, 'tunnel', { cluster: { server, 'tls-server-name': 'kubernetes' } });
  const env = { ...ON, CONTEXT: 'tunnel', KUBECONFIG: path };
  const refused = await world.hoist(['up', '--name', 'far', '--namespaces', 'gamma'], env);
  assert.is(refused.code, 2);
  assert.match(refused.stderr, 'which has not been confirmed');
  assert.match(refused.stderr, '--yes-this-is tunnel');
  const wrong = await world.hoist(['up', '--name', 'far', '--yes-this-is', 'hoist-base'], env);
  assert.is(wrong.code, 2);
  assert.match(wrong.stderr, '--yes-this-is names "hoist-base", but the context is "tunnel"');
  const confirmed = await world.hoist(['up', '--name', 'far', '--namespaces', 'gamma', '--yes-this-is', 'tunnel'], env);
  assert.is(confirmed.code, 0, confirmed.stderr);
  world.write('allow.yaml', 'existing:\n  allow: [kubernetes]\n');
  const allowed = await world.hoist(
    ['up', '--name', 'far', '--namespaces', 'gamma', '--profile', './allow.yaml', '--plan'],
    env,
  );
  assert.is(allowed.code, 0, allowed.stderr);
  assert.match(allowed.stdout, /existing\.allow +\["kubernetes"\] +allow\.yaml:2:10/);
  const elsewhere = await world.hoist(['up', '--name', 'base', '--yes-this-is', 'tunnel', '--plan']);
  assert.is(elsewhere.code, 2);
  assert.match(elsewhere.stderr, '--yes-this-is is for existing clusters');
});

existing(
  'a user with few rights is told all that is missing, before anything is changed',
  async ({ world, client }) => {
    const post = (path: string, body: object): Promise<unknown> => client.json({ method: 'POST', path, body });
    const rbac = '/apis/rbac.authorization.k8s.io/v1';
    await post('/api/v1/namespaces/default/serviceaccounts', { metadata: { name: 'few' } });
    await post(`${rbac}/clusterroles`, {
      metadata: { name: 'few' },
      rules: [
        { apiGroups: [''], resources: ['serviceaccounts', 'secrets'], verbs: ['list', 'watch'] },
        { apiGroups: [''], resources: ['namespaces'], verbs: ['create', 'patch'] },
      ],
    });
    await post(`${rbac}/clusterrolebindings`, {
      metadata: { name: 'few' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'few' },
      subjects: [{ kind: 'ServiceAccount', name: 'few', namespace: 'default' }],
    });
    const { status } = (await post('/api/v1/namespaces/default/serviceaccounts/few/token', {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec: { expirationSeconds: 3600 },
    })) as { status: { token: string } };
    const path = other(world, 'few', { user: { token: status.token } });
    const env = { ...ON, CONTEXT: 'few', KUBECONFIG: path };
    const { code, stdout, stderr } = await world.hoist(['up', '--name', 'poor', '--namespaces', 'delta,epsilon'], env);
    assert.is(code, 3);
    assert.match(stdout + stderr, 'user "someone" (context "few") lacks rights that this run needs:');
    assert.match(stdout + stderr, 'secrets: create, patch in delta, epsilon');
    assert.not.match(stdout + stderr, 'namespaces: create');
    assert.not.ok((await names(client, '/api/v1/namespaces')).includes('delta'));
    const bare = await world.hoist(['up', '--name', 'poor', '--profile', 'minimal', '--namespaces', 'delta'], env);
    assert.is(bare.code, 0, `${bare.stdout}${bare.stderr}`);
    assert.ok((await names(client, '/api/v1/namespaces')).includes('delta'));
  },
);

existing('a credential that is not accepted any more is one clear sentence', async ({ world }) => {
  const path = other(world, 'old', { user: { token: 'of-yesterday' } });
  const { code, stdout, stderr } = await world.hoist(['up', '--name', 'old'], {
    ...ON,
    CONTEXT: 'old',
    KUBECONFIG: path,
  });
  assert.is(code, 3);
  assert.match(
    stdout + stderr,
    'does not accept the credential of user "someone" (context "old"): it has expired or was withdrawn',
  );
  assert.not.match(stdout + stderr, 'of-yesterday');
});

existing('down leaves the cluster and says so', async ({ world, client }) => {
  const { code, stdout } = await world.hoist(['down', 'ext'], ON);
  assert.is(code, 0);
  assert.match(
    stdout,
    /^left the cluster of context "hoist-base" \(https:\/\/127\.0\.0\.1:\d+\) with all that was applied to it\n$/,
  );
  assert.not.ok(existsSync(join(world.state, 'hoist/existing/ext')));
  assert.ok((await names(client, '/api/v1/namespaces')).includes('alpha'));
  const again = await world.hoist(['down', 'base'], ON);
  assert.is(again.stdout, 'there is no cluster "base"\n', 'one of hoist itself that has the name stays');
  assert.ok((await names(client, '/api/v1/nodes')).length > 0);
});

const withHelm = helmPath === undefined ? existing.skip : existing;

withHelm(
  'a chart that takes longer to come than the whole run may takes nothing of its time',
  async ({ world, client }) => {
    const repo = await startChartRepo(['web']);
    const slow = createServer((request, response) => {
      void fetch(`${repo.url}${request.url ?? ''}`).then(async (answer) => {
        const bytes = Buffer.from(await answer.arrayBuffer());
        const piece = request.url?.endsWith('.tgz') === true ? Math.ceil(bytes.length / SLICES) : bytes.length;
        response.writeHead(answer.status, { 'content-length': bytes.length });
        for (let at = 0; at < bytes.length; at += piece) {
          response.write(bytes.subarray(at, at + piece));
          if (at + piece < bytes.length) await sleep(1_000);
        }
        response.end();
      });
    });
    await new Promise<void>((resolve) => slow.listen(0, '127.0.0.1', resolve));
    try {
      const url = `http://127.0.0.1:${(slow.address() as AddressInfo).port}`;
      const services = [{ name: 'slow', chart: 'slow/web', ready: { workloads: false } }];
      world.write('config/slow.yaml', stringify({ name: 'slow', helm: { repos: [{ name: 'slow', url }] }, services }));
      const { code, stdout, stderr } = await world.hoist(['up', '--config', 'config/slow.yaml', '--output', 'json'], {
        ...ON,
        UP_TIMEOUT: `${SLICES - 2}s`,
        HEALTH_TIMEOUT: '5s',
      });
      assert.is(code, 0, stdout + stderr);
      assert.match(stdout, '1 release installed');
      const releases = await names(client, '/api/v1/namespaces/default/secrets');
      assert.ok(releases.includes('sh.helm.release.v1.slow.v1'), releases.join(' '));
    } finally {
      slow.closeAllConnections();
      await new Promise((resolve) => slow.close(resolve));
      await repo.close();
    }
  },
);

existing.run();
