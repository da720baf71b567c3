// Whose clusters the k3d provider lists, stops, starts and removes, with and without an engine.

import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { CreationError } from '../../../scripts/base/errors.ts';
import { DockerUnreachableError } from '../../../scripts/docker/docker-errors.ts';
import type { DockerSession, NoEngine } from '../../../scripts/docker/session.ts';
import { exec } from '../../../scripts/host/execa.ts';
import { k3dProvider } from '../../../scripts/providers/k3d/k3d.ts';
import { layoutOf, writeK3dState } from '../../../scripts/providers/k3d/state.ts';
import { type ClusterPlan } from '../../../scripts/plan/plan.ts';
import { withEngine, type Said } from '../../docker/answering.ts';
import { thrown } from '../../kube/helpers.ts';

interface Context {
  state: string;
  /** A folder of a cluster, as a creation makes it first. */
  know(name: string, caches?: string[]): Promise<void>;
}

const test = suite<Context>('k3d/k3d');
test.before.each((context) => {
  context.state = mkdtempSync(join(tmpdir(), 'hoist-k3d-'));
  context.know = (name, caches = []) => {
    const layout = layoutOf(join(context.state, 'hoist/k3d'), name);
    mkdirSync(layout.root, { recursive: true });
    const identity = {} as Parameters<typeof writeK3dState>[1]['identity'];
    return writeK3dState(layout, { version: 1, createdAt: '', identity, finished: true, caches });
  };
});
test.after.each(({ state }) => rmSync(state, { recursive: true }));

type Provider = ReturnType<typeof k3dProvider>;
const providerWith = ({ state }: Context, session: DockerSession | NoEngine): Provider => {
  const env = { XDG_STATE_HOME: state, HOME: state };
  return k3dProvider({ exec, tools: { env, exec }, docker: () => Promise.resolve(session) });
};

interface Made {
  cluster: string;
  role?: string;
  state?: string;
  /** Whether it was made by hoist. */
  ours?: boolean;
}

/** An engine with these containers, named `CLUSTER-ROLE`; `asked` gets what was asked for besides lists. */
async function withContainers(
  context: Context,
  made: readonly Made[],
  use: (provider: Provider, asked: string[]) => Promise<void>,
): Promise<void> {
  const asked: string[] = [];
  const wire = made.map(({ cluster, role = 'server', state = 'running', ours = true }) => {
    const labels = { app: 'k3d', 'k3d.cluster': cluster, 'k3d.role': role, ...(ours ? { 'hoist.plan': 'x' } : {}) };
    return {
      Id: `${cluster}-${role}`,
      Names: [`/${cluster}-${role}`],
      Image: '',
      State: state,
      Labels: labels,
      Ports: [],
    };
  });
  const answer = (method: string, url: URL): Said => {
    if (url.pathname === '/containers/json') {
      const { label = [] } = JSON.parse(url.searchParams.get('filters') ?? '{}') as { label?: string[] };
      const has = (labels: Record<string, string>): boolean =>
        label.every((one) => labels[one.split('=')[0] ?? ''] === one.slice(one.indexOf('=') + 1));
      return wire.filter(({ Labels }) => has(Labels as unknown as Record<string, string>));
    }
    asked.push(`${method} ${url.pathname}`);
    return url.pathname === '/volumes' ? { Volumes: [] } : {};
  };
  await withEngine(answer, async (engine) => {
    const session = {
      engine,
      endpoint: { host: 'unix:///x', source: 'x' },
      info: {},
      env: {},
    } as unknown as DockerSession;
    await use(providerWith(context, session), asked);
  });
}

const stops = (asked: readonly string[]): string[] =>
  asked.filter((one) => one.endsWith('/stop')).map((one) => one.split('/')[2] ?? '');

test('clusters are listed by their folders and by their containers, those of others not', async (context) => {
  await context.know('known');
  mkdirSync(join(context.state, 'hoist/k3d/No Cluster'), { recursive: true });
  writeFileSync(join(context.state, 'hoist/k3d/file'), '');
  const made = [{ cluster: 'a' }, { cluster: 'known' }, { cluster: 'others', ours: false }, { cluster: '../x' }];
  await withContainers(context, made, async (provider) => assert.equal(await provider.list(), ['known', 'a']));
  assert.equal(await providerWith(context, { why: 'off' }).list(), ['known']);
});

test('all that runs of a cluster is stopped; one that runs no more, and one of others, is not', async (context) => {
  const made: Made[] = [
    { cluster: 'dev' },
    { cluster: 'dev', role: 'agent', state: 'restarting' },
    { cluster: 'dev', role: 'loadbalancer', state: 'paused' },
    { cluster: 'dev', role: 'registry', state: 'exited' },
    { cluster: 'off', state: 'created' },
    { cluster: 'off', role: 'agent', state: 'dead' },
    { cluster: 'others', ours: false },
  ];
  await withContainers(context, made, async (provider, asked) => {
    assert.is(await provider.stop('dev'), 'stopped');
    assert.equal(stops(asked).sort(), ['dev-agent', 'dev-loadbalancer', 'dev-server']);
    asked.length = 0;
    assert.is(await provider.stop('off'), 'already');
    assert.is(await provider.stop('others'), undefined);
    assert.is(await provider.stop('none'), undefined);
    assert.equal([await provider.resume('others'), await provider.resume('none')], [undefined, undefined]);
    assert.equal(stops(asked), []);
  });
});

test('a cluster of others is not removed, whatever is known of its name; what is known of it is forgotten', async (context) => {
  await context.know('others');
  const file = layoutOf(join(context.state, 'hoist/k3d'), 'others').root;
  await withContainers(context, [{ cluster: 'others', ours: false }], async (provider, asked) => {
    assert.is(await provider.remove('others'), false);
    assert.equal(asked, []);
  });
  assert.not(existsSync(file));
  await context.know('gone');
  await withContainers(context, [], async (provider) => assert.is(await provider.remove('gone'), true));
});

test('without an engine what is known is unreachable, and what is not is not there', async (context) => {
  await context.know('dev');
  const provider = providerWith(context, { why: 'no engine answers' });
  const status = await provider.status('dev');
  assert.equal(
    [status?.state, status?.context, status?.components],
    ['stopped', 'hoist-dev', [{ name: 'engine', ok: false, detail: 'no engine answers' }]],
  );
  assert.is(status?.location, layoutOf(join(context.state, 'hoist/k3d'), 'dev').root);
  assert.is(await provider.status('other'), undefined);
  for (const act of ['remove', 'stop', 'resume'] as const) {
    const { message, hint } = await thrown(CreationError, provider[act]('dev'));
    assert.is(message, 'the cluster "dev" is unreachable: no engine answers');
    assert.match(hint ?? '', status?.location ?? '-');
  }
  assert.equal([await provider.stop('other'), await provider.remove('other')], [undefined, false]);
});

test('what cannot be done without an engine says so, and what helps', async (context) => {
  const plan = { name: 'dev' } as ClusterPlan;
  for (const [session, helps] of [
    [{ why: 'off' }, 'Start Docker, or take another provider.'],
    [{ why: 'off', hint: 'help' }, 'help'],
  ] as const) {
    const provider = providerWith(context, session);
    const { message, hint } = await thrown(DockerUnreachableError, provider.prepare(plan));
    assert.equal([message, hint], ['off', helps]);
    const findings = await provider.preflight(plan, new AbortController().signal);
    assert.equal(
      findings.map(({ status, detail, hint: what }) => [status, detail, what]),
      [['fail', 'off', helps]],
    );
    assert.equal(await provider.missingImages(plan), []);
  }
});

test('its files are those of the folder of its state', (context) => {
  const provider = providerWith(context, { why: 'off' });
  const folder = layoutOf(join(context.state, 'hoist/k3d'), 'dev').root;
  assert.equal([dirname(provider.kubeconfigFile('dev')), dirname(provider.logsFolder('dev'))], [folder, folder]);
});

test.run();
