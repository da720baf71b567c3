import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { runSteps } from '../../../scripts/engine/run.ts';
import { createAccess, type Situation } from '../../../scripts/providers/provider.ts';
import { BOOTS, type World, type Worlds, worldsOf } from './world.ts';

const resume = suite<Worlds>('k3d: a cluster is stopped and started as it was made');
const world = worldsOf(resume);

const statesOf = ({ engine }: World): Record<string, string> =>
  Object.fromEntries([...engine.containers.values()].map(({ name, state }) => [name, state]));
const stateFile = (one: World): string => join(one.folder, 'state/hoist/k3d/dev/state.json');

async function started(one: World): Promise<Situation | undefined> {
  const found = await one.provider.resume('dev');
  if (!found) return undefined;
  const access = createAccess();
  try {
    const steps = await found.steps({ access, healthTimeoutMs: 10_000 });
    await runSteps(steps, { pools: { work: 4, download: 2, build: 1 } });
  } finally {
    access.close();
  }
  return found.situation;
}

async function refusal(act: () => Promise<unknown>): Promise<Error & { exitCode?: number; hint?: string }> {
  try {
    await act();
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was refused');
}

resume('all containers of exactly this cluster end, and begin again with their limits', async (context) => {
  const one = await world(context);
  await one.up(one.plan(1));
  const before = readFileSync(stateFile(one), 'utf8');
  const limits = [...one.engine.containers.values()].map(({ memory }) => memory);
  one.engine.containers.set('k3d-dev-2-server-0', {
    ...{ id: 'x', name: 'k3d-dev-2-server-0', image: 'i', state: 'running', lines: [], memory: 0, nanoCpus: 0 },
    ...{ startedAt: '', followers: new Set(), labels: { app: 'k3d', 'k3d.cluster': 'dev-2', 'k3d.role': 'server' } },
  });
  assert.is(await one.provider.stop('dev'), 'stopped');
  const neighbour = { 'k3d-dev-2-server-0': 'running' };
  assert.equal(statesOf(one), { 'k3d-dev-server-0': 'exited', 'k3d-dev-agent-0': 'exited', ...neighbour });
  assert.is(await one.provider.stop('dev'), 'already');

  const situation = await started(one);
  assert.is(situation?.kind, 'damaged');
  assert.equal(statesOf(one), { 'k3d-dev-server-0': 'running', 'k3d-dev-agent-0': 'running', ...neighbour });
  assert.equal(one.told().at(-1)?.argv?.slice(0, 3), ['cluster', 'start', 'dev']);
  assert.equal(
    [...one.engine.containers.values()].map(({ memory }) => memory),
    [...limits, 0],
  );
  assert.is(readFileSync(stateFile(one), 'utf8'), before, 'what is remembered of its making stays');
  assert.equal(await one.inspect(one.plan(1)), { kind: 'same' });

  const calls = one.told().length;
  assert.equal(await started(one), { kind: 'same' });
  assert.is(one.told().length, calls, 'k3d is not called for what runs');
});

resume('needs none of the files that its settings named, nor what is remembered of it', async (context) => {
  const one = await world(context);
  const registries = join(one.folder, 'registries.yaml');
  writeFileSync(registries, 'mirrors: {}\n');
  await one.up(one.plan(0, { registries }));
  await one.provider.stop('dev');
  rmSync(registries);
  rmSync(join(one.folder, 'state'), { recursive: true });
  assert.is((await started(one))?.kind, 'damaged');
  assert.match(readFileSync(one.provider.kubeconfigFile('dev'), 'utf8'), /hoist-dev/);
});

resume('where there is none, or only one that k3d alone has made, nothing is touched', async (context) => {
  const one = await world(context);
  assert.is(await one.provider.stop('dev'), undefined);
  assert.is(await one.provider.resume('dev'), undefined);
  // Its name is known here, as that of a creation that failed.
  mkdirSync(join(one.folder, 'state/hoist/k3d/dev/diagnostics'), { recursive: true });
  one.engine.containers.set('k3d-dev-server-0', {
    ...{ id: 'x', name: 'k3d-dev-server-0', image: 'i', state: 'running', lines: [], memory: 0, nanoCpus: 0 },
    ...{ startedAt: '', followers: new Set(), labels: { app: 'k3d', 'k3d.cluster': 'dev', 'k3d.role': 'server' } },
  });
  assert.is(await one.provider.stop('dev'), undefined);
  assert.is(await one.provider.resume('dev'), undefined);
  assert.is(await one.provider.remove('dev'), false);
  assert.equal(statesOf(one), { 'k3d-dev-server-0': 'running' });
});

resume('a cluster that is half made, or lacks a node, is refused with what to do', async (context) => {
  const one = await world(context, { ...BOOTS, HOIST_DOUBLE_HANG: 'agents' });
  const stop = new AbortController();
  const run = one.up(one.plan(1), stop.signal).catch(() => undefined);
  while (statesOf(one)['k3d-dev-server-0'] !== 'running') await new Promise((resolve) => setTimeout(resolve, 10));
  stop.abort(new Error('enough'));
  await run;
  const half = await refusal(() => started(one));
  assert.match(half.message, /"dev" cannot be started: its creation was not finished/);
  assert.is(half.exitCode, 5);
  assert.match(half.hint ?? '', /hoist up/);

  delete one.env['HOIST_DOUBLE_HANG'];
  await one.up(one.plan(1));
  one.engine.containers.delete('k3d-dev-agent-0');
  assert.match((await refusal(() => started(one))).message, /of 1 agent nodes only 0 is there/);
});

resume('its caches are started and joined with it', async (context) => {
  const images = ['rancher/k3s:v1.34.2-k3s1', 'library/registry:2'].map((image) => `docker.io/${image}`);
  const one = await world(context, BOOTS, { images: [...images, 'ghcr.io/k3d-io/k3d-tools:5.9.0'] });
  await one.up(one.plan(0, { caches: true, cachedRegistries: ['docker.io=http://up:5000', 'ghcr.io=http://up:5000'] }));
  await one.provider.stop('dev');
  const cache = one.engine.containers.get('k3d-hoist-cache-docker-io');
  assert.is(cache?.state, 'running', 'others may use it');
  if (cache) cache.state = 'exited';
  one.engine.networks.get('k3d-dev')?.members.delete('k3d-hoist-cache-docker-io');
  one.engine.containers.delete('k3d-hoist-cache-ghcr-io');
  await started(one);
  assert.is(statesOf(one)['k3d-hoist-cache-docker-io'], 'running');
  assert.ok(one.engine.networks.get('k3d-dev')?.members.has('k3d-hoist-cache-docker-io'));
  assert.is(
    one.told().filter(({ argv }) => argv?.[0] === 'registry').length,
    2,
    'the one that is gone is not recreated',
  );
});

resume('the whole hoist: stop, start, and each again', async (context) => {
  const one = await world(context);
  const made = await one.hoist(['up', '--quiet']);
  assert.is(made.code, 0, made.stderr);
  const stop = await one.hoist(['stop']);
  assert.is(stop.code, 0, stop.stderr);
  assert.match(stop.stdout, /^stopped cluster "dev" \(k3d\); its data is kept, `hoist start dev` starts it\n$/);
  assert.is((await one.hoist(['stop', 'dev'])).stdout, 'cluster "dev" (k3d) is stopped already\n');
  const again = await one.hoist(['stop', 'dev', '--output', 'json']);
  assert.equal(JSON.parse(again.stdout), { type: 'stop', name: 'dev', provider: 'k3d', outcome: 'already' });

  const start = await one.hoist(['start']);
  assert.is(start.code, 0, start.stderr);
  assert.match(start.stdout, /cluster dev is ready: .*\n +found +k3d-dev-server-0 is exited,[^]*\n +address +https:/);
  const running = await one.hoist(['start', '--output', 'json']);
  const summary = JSON.parse(running.stdout.trim().split('\n').at(-1) ?? '') as { facts: Record<string, string> };
  assert.is(running.code, 0, running.stderr);
  assert.is(summary.facts['found'], 'it ran already');
  assert.match(readFileSync(join(one.folder, 'kubeconfig'), 'utf8'), /hoist-dev/);

  for (const command of ['stop', 'start']) {
    const none = await one.hoist([command, 'other']);
    assert.is(none.code, 2);
    assert.match(none.stderr, /there is no cluster "other"; there are: dev/);
    const theirs = await one.hoist([command], { PROVIDER: 'existing', CONTEXT: 'work' });
    assert.is(theirs.code, 2);
    assert.match(theirs.stderr, /hoist neither stops nor starts "dev": hoist did not create it/);
  }
});

resume.run();
