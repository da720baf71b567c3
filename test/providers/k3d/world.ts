// One run of the k3d provider against the doubles: a k3d that is a real process, an engine on a socket, an API server.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { suite } from 'uvu';
import { type EngineEvent } from '../../../scripts/engine/event.ts';
import { runSteps } from '../../../scripts/engine/run.ts';
import { openDocker } from '../../../scripts/docker/session.ts';
import { exec } from '../../../scripts/host/execa.ts';
import type { ImageSource } from '../../../scripts/plan/image-source.ts';
import type { ClusterPlan } from '../../../scripts/plan/plan.ts';
import { k3dProvider } from '../../../scripts/providers/k3d/k3d.ts';
import { createAccess, type Provider, type Situation } from '../../../scripts/providers/provider.ts';
import { settingsSchema } from '../../../scripts/settings/schema.ts';
import { certificate } from '../../doubles/certificates.ts';
import { type EngineDouble, type EngineOptions, startEngine } from '../../doubles/k3d-engine.ts';
import { startKubeServer } from '../../doubles/kube-server.ts';
import { type World as PlainWorld, createWorld as plainWorld } from '../../world.ts';

const K3D = fileURLToPath(new URL('../../doubles/k3d', import.meta.url));
export const fixture = (name: string): string =>
  fileURLToPath(new URL(`../../fixtures/k3d/${name}.txt`, import.meta.url));

export const BOOTS = {
  HOIST_DOUBLE_SERVER_LOG: fixture('server-boots'),
  HOIST_DOUBLE_AGENT_LOG: fixture('agent-joins'),
};

/** What the settings file says for runs of the whole `hoist`. */
const SETTINGS = 'name: dev\nnamespaces: []\nagents: 1\nprovider: k3d\nk3d: { caches: false }\n';

/** Its env is also what k3d sees; whole runs have the settings of config/cluster.yaml in the folder. */
export interface World extends PlainWorld {
  engine: EngineDouble;
  provider: Required<Omit<Provider, 'snapshots'>>;
  events: EngineEvent[];
  plan(agents: number, k3d?: Record<string, unknown>): ClusterPlan;
  inspect(plan: ClusterPlan): Promise<Situation>;
  /** Everything that `up` does for the cluster itself. */
  up(plan: ClusterPlan, signal?: AbortSignal, images?: readonly ImageSource[]): Promise<Situation>;
  /** ms that nodes and DNS get. */
  healthTimeoutMs: number;
  /** The command lines and configs that k3d got. */
  told(): { argv?: string[]; config?: string }[];
}

/** @param env for k3d, beside what says where the doubles are. */
export async function createWorld(
  env: Record<string, string> = BOOTS,
  engineOptions: Partial<EngineOptions> = {},
): Promise<World> {
  const nodes: string[] = [];
  const api = await startKubeServer((arrived, response) => answerApi(nodes, arrived, response), { mutual: true });
  const engine = await startEngine({
    images: ['docker.io/rancher/k3s:v1.34.2-k3s1', 'ghcr.io/k3d-io/k3d-tools:5.9.0'],
    kubeconfig: kubeconfigText(),
    apiPort: new URL(api.connection.server).port,
    onStart: ({ name }) => {
      nodes.push(name);
      return Promise.resolve();
    },
    ...engineOptions,
  });
  const plain = plainWorld('k3d', { DOCKER_HOST: engine.host, HOIST_TOOL_K3D: K3D, ...env });
  const { env: all, folder } = plain;
  const argv = join(folder, 'argv');
  all['HOIST_DOUBLE_ARGV'] ??= argv;
  plain.write('config/cluster.yaml', SETTINGS);
  const session = await openDocker(all);
  const tools = { env: all, exec };
  const provider = k3dProvider({ exec, tools, docker: () => Promise.resolve(session) });
  const events: EngineEvent[] = [];
  const world: World = {
    ...plain,
    engine,
    provider,
    events,
    plan(agents, k3d = {}) {
      const node = { cpus: 1, memoryBytes: 2 ** 30 };
      const settings = settingsSchema.parse({ k3d: { caches: false, ...k3d } });
      const named = (role: 'server' | 'agent', n: number) =>
        Array.from({ length: n }, (_, i) => ({ name: `k3d-dev-${role}-${i}`, role, ...node }));
      return {
        ...{ name: 'dev', provider: 'k3d', kubernetes: '1.34.2' },
        nodes: [...named('server', settings.k3d.servers), ...named('agent', agents)],
        components: { etcd: [], apiserver: [], controllerManager: [], scheduler: [], kwok: [] },
        k3d: { ...settings.k3d, sizing: 'reserved' },
      };
    },
    inspect: async (plan) => (await provider.prepare(plan)).inspect(),
    healthTimeoutMs: 10_000,
    async up(plan, signal, images) {
      const cluster = await provider.prepare(plan);
      const situation = await cluster.inspect();
      const access = createAccess();
      try {
        const steps = await cluster.steps({ access, situation, healthTimeoutMs: world.healthTimeoutMs, images });
        await runSteps(steps, {
          pools: { work: 4, download: 2, build: 1 },
          subscribers: [(event) => void events.push(event)],
          ...(signal === undefined ? {} : { signal }),
        });
      } finally {
        access.close();
      }
      return situation;
    },
    told() {
      const text = readFileSync(argv, 'utf8');
      return text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as { argv?: string[]; config?: string });
    },
    async close() {
      session.engine.close();
      await Promise.all([engine.close(), api.close()]);
      await plain.close();
    },
  };
  return world;
}

/** What a suite's tests share. */
export interface Worlds {
  worlds: World[];
}

/** Makes worlds for the tests of a suite; each is closed after its test. */
export function worldsOf(
  tests: ReturnType<typeof suite<Worlds>>,
): (context: Worlds, ...args: Parameters<typeof createWorld>) => Promise<World> {
  tests.before.each((context) => {
    context.worlds = [];
  });
  tests.after.each(async ({ worlds }) => {
    await Promise.all(worlds.map((world) => world.close()));
  });
  return async ({ worlds }, ...args) => {
    const made = await createWorld(...args);
    worlds.push(made);
    return made;
  };
}

/** As k3s writes it: the address is the one inside the container. */
function kubeconfigText(): string {
  const { cert, key } = certificate();
  const base64 = (pem: string): string => Buffer.from(pem).toString('base64');
  return [
    'apiVersion: v1',
    'clusters:',
    '- cluster:',
    `    certificate-authority-data: ${base64(cert)}`,
    '    server: https://127.0.0.1:6443',
    'users:',
    '- user:',
    `    client-certificate-data: ${base64(cert)}`,
    `    client-key-data: ${base64(key)}`,
  ].join('\n');
}

type Api = Parameters<Parameters<typeof startKubeServer>[0]>;

/** As much of an API as the provider's steps ask for: every started node is Ready, and DNS has an endpoint. */
function answerApi(nodes: readonly string[], { method, path, query }: Api[0], response: Api[1]): void {
  const list = (kind: string, items: object[]) => ({
    kind,
    apiVersion: 'v1',
    metadata: { resourceVersion: '1' },
    items,
  });
  const node = (name: string) => ({
    metadata: { name, labels: {} },
    status: { conditions: [{ type: 'Ready', status: 'True' }] },
  });
  const answers: Record<string, unknown> = {
    '/api/v1/nodes': list('NodeList', nodes.map(node)),
    '/apis/discovery.k8s.io/v1/namespaces/kube-system/endpointslices': list('EndpointSliceList', [
      { metadata: { name: 'kube-dns-1', namespace: 'kube-system' }, endpoints: [{ conditions: { ready: true } }] },
    ]),
    '/api/v1/namespaces/default/serviceaccounts': list('ServiceAccountList', [
      { metadata: { name: 'default', namespace: 'default' } },
    ]),
    '/api': { kind: 'APIVersions', versions: ['v1'] },
    '/apis': { kind: 'APIGroupList', groups: [] },
    '/api/v1/namespaces/kube-system/services/kube-dns': { spec: { clusterIP: '10.43.0.10' } },
    '/api/v1/namespaces/kube-system/configmaps/coredns': { data: { NodeHosts: '' } },
  };
  if (query.has('watch')) {
    response.writeHead(200);
    const sent = new Set<string>();
    const tell = (): void => {
      for (const name of nodes.filter((one) => !sent.has(one))) {
        sent.add(name);
        response.write(`${JSON.stringify({ type: 'ADDED', object: { kind: 'Node', ...node(name) } })}\n`);
      }
    };
    const timer = setInterval(tell, 20);
    response.on('close', () => clearInterval(timer));
    return;
  }
  if (method === 'POST' && path === '/api/v1/namespaces') {
    response.writeHead(409, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ kind: 'Status', message: 'is there' }));
    return;
  }
  const answer = answers[path];
  const healthy = /^\/(readyz|livez|healthz)$/.test(path);
  response.writeHead(healthy || answer !== undefined ? 200 : 404, { 'content-type': 'application/json' });
  response.end(healthy ? 'ok' : JSON.stringify(answer ?? { kind: 'Status', message: 'not found' }));
}
