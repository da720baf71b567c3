// Whole runs on the embedded provider: what a user does in a day.

import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { connect } from '../../scripts/kube/client/client.ts';
import type { KubeList, KubeObject } from '../../scripts/kube/object.ts';
import { type World, createWorld } from './hoist.ts';

interface Summary {
  type: string;
  ready: boolean;
  facts: Record<string, string>;
}

const embedded = suite<{ world: World }>('embedded: a day', { world: undefined as unknown as World });

embedded.before((context) => {
  context.world = createWorld();
  context.world.write('kubeconfig', USERS);
});
embedded.after(({ world }) => world.close());

/** What the user has already, comments and odd spaces included. */
const USERS = `# mine
apiVersion: v1
kind: Config
clusters:
- {name: work,   cluster: {server: "https://work.example.com"}}
contexts:
- name: work # the real one
  context: {cluster: work, user: me}
users:
- name: me
  user: {token: abc}
current-context: work
`;

const lastLine = (text: string): unknown => JSON.parse(text.trim().split('\n').at(-1) ?? '');

async function list(world: World, name: string, path: string): Promise<KubeObject[]> {
  const root = join(world.state, 'hoist/clusters', name);
  const { readFileSync } = await import('node:fs');
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

embedded('a plan touches nothing', async ({ world }) => {
  const { code, stdout } = await world.hoist(['up', '--plan', '--output', 'json'], { AGENTS: '2' });
  assert.is(code, 0);
  const plan = lastLine(stdout) as {
    settings: { name: string; value: unknown; source: string }[];
    cluster: { nodes: unknown[]; components: { controllerManager: { flag: string; reason: string }[] } };
    steps: { name: string; needs: string[] }[];
  };
  assert.equal(
    plan.settings.find((s) => s.name === 'agents'),
    { name: 'agents', value: 2, source: 'env AGENTS' },
  );
  assert.is(plan.cluster.nodes.length, 3);
  assert.ok(plan.cluster.components.controllerManager.every((a) => a.reason.length > 0));
  assert.ok(plan.steps.some((s) => s.name === 'namespace/development' && s.needs.includes('api')));
  assert.not.ok(existsSync(join(world.state, 'hoist/clusters')));
  assert.not.ok(existsSync(join(world.folder, 'logs')));
});

embedded('up makes a real cluster with all that the default settings ask for', async ({ world }) => {
  const docker = JSON.stringify({ auths: { 'registry.example.com': { auth: 'c2VjcmV0LXZhbHVl' } } });
  const { code, stdout, stderr } = await world.hoist(['up', '--output', 'json', '--label', 'first'], {
    DOCKER_CONFIG_JSON: docker,
  });
  assert.is(code, 0, stderr);
  const summary = lastLine(stdout) as Summary;
  assert.is(summary.type, 'summary');
  assert.ok(summary.ready);
  assert.match(summary.facts['changes'] ?? '', /^\d+ created$/);

  const nodes = (await list(world, 'dev', '/api/v1/nodes')) as (KubeObject & {
    status: { conditions: { type: string; status: string }[]; capacity: { cpu: string } };
  })[];
  assert.equal(nodes.map((n) => n.metadata.labels?.['role']).sort(), ['agent', 'server']);
  assert.ok(nodes.every((n) => n.status.conditions.some((c) => c.type === 'Ready' && c.status === 'True')));
  const namespaces = (await list(world, 'dev', '/api/v1/namespaces')).map((n) => n.metadata.name);
  for (const name of ['development', 'staging', 'cert-manager', 'ingress-nginx', 'monitoring', 'logging']) {
    assert.ok(namespaces.includes(name), name);
    assert.is((await list(world, 'dev', `/apis/networking.k8s.io/v1/namespaces/${name}/networkpolicies`)).length, 3);
    assert.is((await list(world, 'dev', `/api/v1/namespaces/${name}/resourcequotas`)).length, 1);
    const secrets = await list(world, 'dev', `/api/v1/namespaces/${name}/secrets`);
    assert.equal(
      secrets.map((s) => s.metadata.name),
      ['registry-credentials'],
    );
  }
  const managers = (await list(world, 'dev', '/api/v1/namespaces/logging/secrets'))[0]?.metadata.managedFields ?? [];
  assert.equal(
    managers.map((m) => m.manager),
    ['hoist'],
  );
});

embedded('the secret is in no log, record or argv', ({ world }) => {
  const text = ['logs/runs.jsonl', 'logs/cluster_setup_benchmark.log'].map((file) => world.read(file)).join('\n');
  assert.not.match(text, 'c2VjcmV0LXZhbHVl');
  assert.match(text, '"label":"first"');
  const record = JSON.parse(world.read('logs/runs.jsonl').split('\n')[0] ?? '') as {
    outcome: string;
    versions: Record<string, string>;
    settings: Record<string, { source: string }>;
    run: { steps: { name: string; queuedMs: number; startedMs: number; endedMs: number; outcome: string }[] };
  };
  assert.is(record.outcome, 'done');
  for (const tool of ['hoist', 'node', 'etcd', 'kube-apiserver', 'kwok']) assert.ok(record.versions[tool], tool);
  assert.is(record.settings['provider']?.source, 'env PROVIDER');
  for (const step of record.run.steps) {
    assert.is(step.outcome, 'done');
    assert.ok(step.queuedMs <= step.startedMs && step.startedMs <= step.endedMs, step.name);
  }
});

embedded('the state is for its owner alone, and no port is open to others', ({ world }) => {
  const root = join(world.state, 'hoist/clusters/dev');
  assert.is(statSync(root).mode & 0o777, 0o700);
  assert.is(statSync(join(root, 'pki/tokens.csv')).mode & 0o777, 0o600);
  assert.is(statSync(join(root, 'kubeconfig')).mode & 0o777, 0o600);
});

embedded('up again finds nothing to do', async ({ world }) => {
  const before = world.processes();
  const docker = JSON.stringify({ auths: { 'registry.example.com': { auth: 'c2VjcmV0LXZhbHVl' } } });
  const { code, stdout } = await world.hoist(['up', '--output', 'json'], { DOCKER_CONFIG_JSON: docker });
  assert.is(code, 0);
  assert.is((lastLine(stdout) as Summary).facts['changes'], 'unchanged');
  assert.equal(world.processes(), before);
});

embedded('each node has a lease that is renewed: without one it is given up after 50 s', async ({ world }) => {
  const nodes = (await list(world, 'dev', '/api/v1/nodes')).map((n) => n.metadata.name).sort();
  const path = '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases';
  const held = async (): Promise<string[]> => (await list(world, 'dev', path)).map((lease) => lease.metadata.name);
  for (let round = 0; round < 50 && (await held()).length < nodes.length; round++) await sleep(200);
  assert.equal((await held()).sort(), nodes);
});

embedded('status shows components, nodes, ports and the last run', async ({ world }) => {
  const { code, stdout } = await world.hoist(['status', '--output', 'json']);
  assert.is(code, 0);
  const [cluster] = (
    lastLine(stdout) as {
      clusters: { state: string; components: unknown[]; ports: object; lastRun: { outcome: string } }[];
    }
  ).clusters;
  assert.ok(cluster);
  assert.is(cluster.state, 'running');
  assert.is(cluster.components.length, 6);
  assert.equal(Object.keys(cluster.ports).sort(), ['apiserver', 'controllerManager', 'scheduler']);
  assert.is(cluster.lastRun.outcome, 'done');
});

embedded('kubectl works with the context that was merged', ({ world }) => {
  const text = world.read('kubeconfig');
  assert.match(text, 'current-context: hoist-dev');
  assert.ok(text.includes(USERS.slice(0, USERS.indexOf('current-context')).split('contexts:')[0] ?? ''));
  assert.match(text, 'name: work # the real one');
  const kubectl = spawnSync('kubectl', [
    '--kubeconfig',
    join(world.folder, 'kubeconfig'),
    'get',
    'nodes',
    '-o',
    'name',
  ]);
  // Machines without kubectl have the other assertions.
  if (kubectl.error === undefined) assert.match(kubectl.stdout.toString(), 'node/hoist-dev-agent-0');
});

embedded('a changed plan is refused with the differences, --recreate replaces the cluster', async ({ world }) => {
  const before = world.processes();
  const refused = await world.hoist(['up', '--agents', '2']);
  assert.is(refused.code, 2);
  assert.match(refused.stderr, 'nodes: is server (');
  assert.match(refused.stderr, '--recreate');
  assert.equal(world.processes(), before);
  const replaced = await world.hoist(['up', '--agents', '2', '--recreate', '--output', 'json']);
  assert.is(replaced.code, 0, replaced.stderr);
  assert.is((await list(world, 'dev', '/api/v1/nodes')).length, 3);
  assert.ok(before.every((pid) => !world.processes().includes(pid)));
});

embedded('what died is healed with its data', async ({ world }) => {
  const find = (name: string): number => {
    const { processes } = JSON.parse(world.read('state/hoist/clusters/dev/state.json')) as {
      processes: Record<string, { pid: number }>;
    };
    return processes[name]?.pid ?? 0;
  };
  process.kill(find('etcd'), 'SIGKILL');
  process.kill(find('kube-scheduler'), 'SIGKILL');
  const sick = await world.hoist(['status']);
  assert.is(sick.code, 3);
  assert.match(sick.stdout, /✗ etcd|x etcd/);
  const healed = await world.hoist(['up', '--agents', '2', '--output', 'json']);
  assert.is(healed.code, 0, healed.stderr);
  assert.not.match((lastLine(healed.stdout) as Summary).facts['changes'] ?? '', 'created');
  assert.is((await world.hoist(['status'])).code, 0);
});

embedded('a second cluster stands beside the first, and down removes only one', async ({ world }) => {
  const config = world.write('small.yaml', 'name: dev-2\nnamespaces: []\n');
  assert.is((await world.hoist(['up', '--config', config])).code, 0);
  const down = await world.hoist(['down', 'dev-2']);
  assert.is(down.code, 0);
  assert.match(down.stdout, 'removed cluster "dev-2"');
  assert.is((await world.hoist(['status', 'dev'])).code, 0);
  assert.not.match(world.read('kubeconfig'), 'hoist-dev-2');
});

embedded('down leaves no process, no state and no context; down of nothing is fine', async ({ world }) => {
  assert.is((await world.hoist(['down'])).code, 0);
  assert.equal(world.processes(), []);
  assert.not.ok(existsSync(join(world.state, 'hoist/clusters/dev')));
  assert.is(world.read('kubeconfig'), USERS);
  const again = await world.hoist(['down']);
  assert.is(again.code, 0);
  assert.match(again.stdout, 'there is no cluster "dev"');
  assert.is((await world.hoist(['down', '--all'])).code, 0);
});

embedded.run();
