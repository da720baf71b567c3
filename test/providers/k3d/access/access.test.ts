// The steps that lead into a k3d cluster: what each needs, how they give up with the creation, and what they wait for.

import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { CreationError, HealthError } from '../../../../scripts/base/errors.ts';
import { GivenUpError } from '../../../../scripts/engine/errors.ts';
import type { Step, StepContext } from '../../../../scripts/engine/step.ts';
import { type Making, accessSteps } from '../../../../scripts/providers/k3d/access/access.ts';
import type { K3dRun } from '../../../../scripts/providers/k3d/run.ts';
import { layoutOf } from '../../../../scripts/providers/k3d/state.ts';
import { type Access, createAccess } from '../../../../scripts/providers/provider.ts';
import { certificate } from '../../../doubles/certificates.ts';
import { type KubeServer, answer, startKubeServer } from '../../../doubles/kube-server.ts';
import { thrown } from '../../../kube/helpers.ts';
import { contextOf, type FakeNode, withNodes } from '../nodes-engine.ts';

interface Given {
  folder: string;
  api: KubeServer;
  /** Names of the nodes that the API lists as Ready. */
  ready: string[];
  onList: () => void;
}

const test = suite<Given>('providers/k3d/access/access');
test.before.each(async (context) => {
  const node = (name: string): object => ({
    metadata: { name },
    status: { conditions: [{ type: 'Ready', status: 'True', lastHeartbeatTime: new Date().toISOString() }] },
  });
  context.api = await startKubeServer(({ path, query }, response) => {
    if (/^\/(readyz|livez|healthz)/.test(path)) return answer(response, 200, 'ok');
    if (path === '/api/v1/namespaces') return answer(response, 201, {});
    if (path !== '/api/v1/nodes') return answer(response, 404, {});
    context.onList();
    if (query.has('watch')) return void response.writeHead(200).end();
    return answer(response, 200, { metadata: { resourceVersion: '1' }, items: context.ready.map(node) });
  });
  Object.assign(context, {
    ...{ folder: mkdtempSync(join(tmpdir(), 'hoist-access-')), ready: ['k3d-dev-server-0'], onList: () => undefined },
  });
});
test.after.each(async ({ folder, api }) => {
  await api.close();
  rmSync(folder, { recursive: true });
});

const MADE: Making = { mode: 'keep', after: [], creation: () => undefined };
/** A run of k3d that is under way; `done` may still settle. */
const creating = (done: Promise<void>, mode: Making['mode'] = 'create'): Making => {
  const logs = { kubeconfig: new Promise<void>(() => undefined) };
  void done.catch(() => undefined);
  return { mode, after: ['k3d/create'], creation: () => ({ done, logs }) as unknown as ReturnType<Making['creation']> };
};

function kubeconfig(): string {
  const { cert, key } = certificate();
  const [ca, own] = [cert, key].map((pem) => Buffer.from(pem).toString('base64'));
  return `certificate-authority-data: ${ca}\nclient-certificate-data: ${ca}\nclient-key-data: ${own}\n`;
}

interface Plan {
  loadBalancer?: boolean;
  args?: string[];
  native?: string[];
  /** State of the server's container. */
  state?: string;
  files?: FakeNode['files'];
  timeoutMs?: number;
}

async function withSteps(
  { folder, api }: Given,
  making: Making,
  plan: Plan,
  use: (steps: Map<string, Step>, access: Access) => Promise<void>,
): Promise<void> {
  const { loadBalancer = false, args = [], native = [], state = 'running', timeoutMs = 5_000 } = plan;
  const { files = { '/output/kubeconfig.yaml': kubeconfig() } } = plan;
  const { port } = new URL(api.connection.server);
  const details = {
    ...{ Config: { Labels: {} }, HostConfig: {} },
    State: { Status: state, Running: state === 'running', StartedAt: '2020-01-01T00:00:00Z' },
    NetworkSettings: { Ports: { '6443/tcp': [{ HostIp: '', HostPort: port }] }, Networks: {} },
  };
  await withNodes(
    [{ name: 'k3d-dev-server-0', state, files }],
    async (engine) => {
      const run = {
        docker: { engine, endpoint: { host: 'unix:///d.sock', source: 'default' } },
        layout: layoutOf(folder, 'dev'),
        plan: {
          ...{ name: 'dev', topology: { servers: 1, agents: 0, loadBalancer }, nodes: ['k3d-dev-server-0'] },
          ...{ limits: { server: {}, agent: {} }, k3sArgs: args.map((arg) => ({ arg, nodes: [], where: '' })) },
          native:
            native.length === 0
              ? undefined
              : { tree: { options: { k3s: { extraArgs: native.map((arg) => ({ arg })) } } } },
        },
      } as unknown as K3dRun;
      const access = createAccess();
      try {
        const steps = accessSteps(run, { access, healthTimeoutMs: timeoutMs }, making);
        await use(new Map(steps.map((step) => [step.name, step])), access);
      } finally {
        access.close();
      }
    },
    (_, { pathname }) => (/^\/containers\/[^/]+\/json$/.test(pathname) ? details : undefined),
  );
}

const run = async (steps: Map<string, Step>, ...names: string[]): Promise<void> => {
  const context = { ...contextOf(), progress: () => undefined } as unknown as StepContext;
  for (const name of names) await steps.get(name)?.run(context);
};

test('what each step needs: the end of k3d only where it runs', async (context) => {
  const needs = async (making: Making, loadBalancer: boolean): Promise<Record<string, readonly string[]>> => {
    const all: Record<string, readonly string[]> = {};
    await withSteps(context, making, { loadBalancer }, (steps) => {
      for (const [name, step] of steps) all[name] = step.needs ?? [];
      return Promise.resolve();
    });
    return all;
  };
  const done = Promise.resolve();
  assert.equal(await needs(MADE, true), {
    api: [],
    kubeconfig: ['api'],
    nodes: ['api'],
    limits: ['api'],
    dns: ['api'],
  });
  const made = { api: ['k3d/create'], nodes: ['api'], limits: ['k3d', 'api'], dns: ['api'] };
  assert.equal(await needs(creating(done), false), { ...made, kubeconfig: ['api'] });
  assert.equal(await needs(creating(done), true), { ...made, kubeconfig: ['api', 'k3d'] });
});

test('DNS is not waited for where it is switched off', async (context) => {
  const asks = async (plan: Plan): Promise<boolean> => {
    let found = false;
    await withSteps(context, MADE, plan, (steps) => Promise.resolve(void (found = steps.has('dns'))));
    return found;
  };
  for (const args of [[], ['--disable=traefik'], ['--no-disable=coredns']])
    assert.is(await asks({ args }), true, args.join());
  for (const arg of ['--disable=coredns', '--disable=traefik,coredns'])
    assert.equal([await asks({ args: [arg] }), await asks({ native: [arg] })], [false, false], arg);
});

test('the API is reached by its published port, and its kubeconfig is for the user alone', async (context) => {
  for (const path of ['/output/kubeconfig.yaml', '/etc/rancher/k3s/k3s.yaml'])
    await withSteps(context, MADE, { files: { [path]: kubeconfig() } }, async (steps, access) => {
      await run(steps, 'api', 'kubeconfig', 'nodes');
      assert.is(access.connection().server, context.api.connection.server);
      assert.ok(
        context.api.arrived.some(({ method, path: asked }) => method === 'POST' && asked === '/api/v1/namespaces'),
      );
    });
  const { root, kubeconfig: file } = layoutOf(context.folder, 'dev');
  assert.equal([statSync(root).mode & 0o777, statSync(file).mode & 0o777], [0o700, 0o600]);
  assert.match(readFileSync(file, 'utf8'), 'name: "hoist-dev"');
});

test('what waits gives up with a creation that fails, and names the step that says why', async (context) => {
  const failed = Promise.reject(new Error('no space'));
  await withSteps(context, creating(failed), { files: {} }, async (steps) => {
    const { message } = await thrown(GivenUpError, run(steps, 'api'));
    assert.match(message, 'the cluster was not made');
  });
});

test('an error of its own is none of the creation, and an end from outside neither', async (context) => {
  const pending = new Promise<void>(() => undefined);
  await withSteps(context, creating(pending), { files: { '/output/kubeconfig.yaml': 'odd' } }, async (steps) => {
    assert.match((await thrown(CreationError, run(steps, 'api'))).message, 'not one that k3s wrote');
  });
  const stop = new AbortController();
  await withSteps(context, creating(pending), { files: {} }, async (steps) => {
    const waiting = steps.get('api')?.run({ ...contextOf(), signal: stop.signal } as unknown as StepContext);
    const reason = new Error('enough');
    stop.abort(reason);
    const error: unknown = await Promise.resolve(waiting).catch((cause: unknown) => cause);
    assert.is(error, reason);
  });
});

test('time begins when k3d is done: until then a wait that ends is no verdict', async (context) => {
  let lists = 0;
  let made = (): void => undefined;
  const done = new Promise<void>((resolve) => (made = resolve));
  context.ready = [];
  context.onList = () => {
    lists += 1;
    if (lists === 4) made();
    if (lists > 4) context.ready = ['k3d-dev-server-0'];
  };
  await withSteps(context, creating(done), { timeoutMs: 60 }, (steps) => run(steps, 'api', 'nodes'));
  assert.ok(lists > 4, String(lists));
  // Where k3d is done already, there is one wait.
  context.ready = [];
  context.onList = () => undefined;
  await withSteps(context, MADE, { timeoutMs: 60 }, async (steps) => {
    await thrown(HealthError, run(steps, 'api', 'nodes'));
  });
});

test('a node of a cluster that is started must run, before what the API says of it counts', async (context) => {
  await withSteps(context, { ...MADE, mode: 'start' }, { state: 'exited', timeoutMs: 50 }, async (steps) => {
    const { message } = await thrown(HealthError, run(steps, 'api', 'nodes'));
    assert.is(message, 'the node k3d-dev-server-0 was not started: its container is exited');
  });
  await withSteps(context, { ...MADE, mode: 'start' }, {}, (steps) => run(steps, 'api', 'nodes'));
});

test.run();
