// One run of `up` with a provider that makes nothing: what is refused, what the provider is given, which steps there are.

import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { UsageError } from '../../scripts/base/errors.ts';
import { StepsFailedError } from '../../scripts/engine/errors.ts';
import type { Step } from '../../scripts/engine/step.ts';
import { prepare } from '../../scripts/cluster/prepare-cluster.ts';
import { allSteps, planHash, up, type UpOptions, type UpResult } from '../../scripts/cluster/up.ts';
import { createAccess, type PackedImages, type Provider } from '../../scripts/providers/provider.ts';
import { answer, type Handler, withKubeServer } from '../doubles/kube-server.ts';
import { thrown } from '../kube/helpers.ts';
import { healthy, type Wired, wired } from './wiring.ts';

const test = suite<Wired>('cluster/up');
wired(test);

const QUIET = 'name: dev\nprovider: embedded\nnamespaces: []\nmergeKubeconfig: false\n';
const OBJECT = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: default}\n';
const prepared = (context: Wired, settings: string, flags: Record<string, string> = {}) =>
  prepare({ config: context.write('cluster.yaml', settings), flags }, context.wiring);

async function bring(context: Wired, settings = QUIET, own: Partial<UpOptions> = {}): Promise<UpResult> {
  const { signal } = new AbortController();
  const options = { recreate: false, signal, subscribers: [], say: (line: string) => void context.asked.push(line) };
  return up(await prepared(context, settings), { ...options, ...own }, context.wiring);
}

/** What each step needs, by its name. */
async function needsOf(context: Wired, settings: string, making: readonly Step[] = []): Promise<Map<string, string[]>> {
  context.steps = [...making];
  const plan = await prepared(context, settings);
  const provider = await context.wiring.provider('embedded');
  const { steps } = await allSteps(
    plan,
    {
      ...{ cluster: await provider.prepare(plan.plan.cluster), situation: context.situation, access: createAccess() },
      ...{ kubeconfig: '/k', onObject: () => undefined, onRelease: () => undefined },
    },
    context.wiring,
  );
  return new Map(steps.map(({ name, needs }) => [name, [...(needs ?? [])]]));
}

test('a new cluster: the result names its API, context and kubeconfig, and counts objects', (context) =>
  withKubeServer(healthy, async ({ connection }) => {
    context.connection = connection;
    const found: string[] = [];
    const result = await bring(context, QUIET, { onFound: (kind) => void found.push(kind) });
    assert.equal(
      [result.server, result.context, result.kubeconfig, result.situation, result.objects, result.releases],
      [connection.server, 'hoist-dev', `${context.folder}/dev.kubeconfig`, { kind: 'absent' }, {}, {}],
    );
    assert.equal([found, context.asked], [['absent'], ['prepare dev']]);
  }));

test('objects are counted by what has become of them', (context) => {
  const apply: Handler = (request, response) => {
    if (request.method !== 'PATCH') return healthy(request, response);
    const object = JSON.parse(request.body) as { metadata: object };
    answer(response, 201, { ...object, metadata: { ...object.metadata, uid: 'u', resourceVersion: '2' } });
  };
  return withKubeServer(apply, async ({ connection }) => {
    context.connection = connection;
    context.write('all.yaml', `${OBJECT}---\n${OBJECT.replace('name: a,', 'name: b,')}`);
    const { objects } = await bring(context, `${QUIET}manifests: [all.yaml]\n`);
    assert.equal(objects, { created: 2 });
  });
});

test('what runs pods waits for the images that a bundle brings to the nodes, and for all else as before', async (context) => {
  context.write('all.yaml', OBJECT);
  const settings = `${QUIET}manifests: [all.yaml]\n`;
  const making: Step[] = [{ name: 'bundle/images', run: () => undefined }];
  const without = (await needsOf(context, settings)).get('manifests') ?? [];
  const needs = await needsOf(context, settings, making);
  assert.ok(without.length > 0);
  assert.equal(needs.get('manifests'), [...without, 'bundle/images']);
});

/** The provider has been asked for its steps, and they began. */
const begun = async (making: Promise<unknown>): Promise<void> =>
  assert.match((await thrown(StepsFailedError, making)).message, /nothing is made here/);

test('a cluster of other settings stays, unless it is to be made again', async (context) => {
  context.situation = { kind: 'different', differences: [{ what: 'nodes', have: '1', want: '2' }] };
  const { message, hint } = await thrown(UsageError, bring(context));
  assert.is(message, 'cluster "dev" already exists with different settings:\n  nodes: is 1, would be 2');
  assert.match(hint ?? '', '--recreate');
  await begun(bring(context, QUIET, { recreate: true }));
  assert.is(context.inputs?.situation.kind, 'different');
});

test('a snapshot is for providers that begin with one', async (context) => {
  for (const [provider, snapshots, refused] of [
    ['embedded', undefined, /^Clusters of the provider embedded can/],
    ['k3d', { forNew: false }, /snapshot restore/],
    ['embedded', { forNew: true }, undefined],
  ] as const) {
    context.provider = { name: provider, snapshots: snapshots as unknown as NonNullable<Provider['snapshots']> };
    const made = bring(context, QUIET, { from: 'base' });
    if (refused === undefined) {
      await begun(made);
      assert.is(context.inputs?.from, 'base');
    } else {
      const { message, hint } = await thrown(UsageError, made);
      assert.is(message, `clusters of the provider ${provider} cannot begin with a snapshot`);
      assert.match(hint ?? '', refused);
    }
  }
});

test('images of a bundle go into the engine before anything is planned, and are given to the nodes', async (context) => {
  const forNodes: PackedImages[] = [];
  const load = (): Promise<void> => Promise.resolve(void context.asked.push('load'));
  await begun(bring(context, QUIET, { images: { forNodes, load } }));
  assert.equal(context.asked, ['prepare dev'], 'a provider without an engine takes none');
  context.provider = { offline: {} } as Partial<Provider>;
  await begun(bring(context, QUIET, { images: { forNodes, load } }));
  assert.equal([context.asked.slice(1), context.inputs?.nodeImages], [['load', 'prepare dev'], forNodes]);
});

test("the user's kubeconfig gets the context where settings say so, and never where a k3d config refuses it", async (context) => {
  const merges = async (settings: string, native?: object): Promise<boolean> => {
    const plan = await prepared(context, settings);
    if (native !== undefined)
      Object.assign(plan.plan.cluster, { k3d: { native: { tree: { options: { kubeconfig: native } } } } });
    const { steps } = await allSteps(
      plan,
      {
        ...{ cluster: await (await context.wiring.provider('embedded')).prepare(plan.plan.cluster) },
        ...{ situation: context.situation, access: createAccess(), kubeconfig: '/k' },
        ...{ onObject: () => undefined, onRelease: () => undefined },
      },
      context.wiring,
    );
    return steps.some(({ name }) => name === 'kubeconfig/merge');
  };
  const merged = QUIET.replace('mergeKubeconfig: false', 'mergeKubeconfig: true');
  assert.is(await merges(QUIET), false);
  assert.is(await merges(merged), true);
  assert.is(await merges(merged, { updateDefaultKubeconfig: false }), false);
  assert.is(await merges(merged, { updateDefaultKubeconfig: true }), true);
});

test('the context becomes the current one where neither the settings nor a k3d config refuse it', async (context) => {
  const current = async (switches: boolean, native?: object): Promise<string> => {
    const kubeconfig = context.write('kubeconfig', '');
    const plan = await prepared(context, `name: dev\nprovider: embedded\nnamespaces: []\nswitchContext: ${switches}\n`);
    if (native !== undefined)
      Object.assign(plan.plan.cluster, { k3d: { native: { tree: { options: { kubeconfig: native } } } } });
    const access = createAccess();
    access.open({ close: () => undefined } as never, { server: 'https://127.0.0.1:1', token: 't' });
    const { steps } = await allSteps(
      plan,
      {
        ...{ cluster: await (await context.wiring.provider('embedded')).prepare(plan.plan.cluster) },
        ...{ situation: context.situation, access, kubeconfig: '/k' },
        ...{ onObject: () => undefined, onRelease: () => undefined },
      },
      context.wiring,
    );
    await steps.find(({ name }) => name === 'kubeconfig/merge')?.run({} as never);
    return /current-context: *"?([\w-]*)/.exec(readFileSync(kubeconfig, 'utf8'))?.[1] ?? '';
  };
  assert.is(await current(true), 'hoist-dev');
  assert.is(await current(false), '');
  assert.is(await current(true, { switchCurrentContext: true }), 'hoist-dev');
  assert.is(await current(true, { switchCurrentContext: false }), '');
});

const done = (name: string, more: Partial<Step> = {}): Step => ({ name, run: () => Promise.resolve(), ...more });

test('what is applied waits for the images of a bundle, and nothing else does', async (context) => {
  context.write('object.yaml', OBJECT);
  const settings = `${QUIET.replace('namespaces: []', 'namespaces: [one]')}manifests: [object.yaml]\n`;
  const waiting = async (making: readonly Step[]): Promise<string[]> =>
    [...(await needsOf(context, settings, making))]
      .filter(([, needs]) => needs.includes('bundle/images'))
      .map(([name]) => name);
  assert.equal(await waiting([]), []);
  assert.equal(await waiting([done('bundle/images')]), ['manifests']);
});

test('a release waits for tools that are still fetched, its readiness for nodes', async (context) => {
  context.write('chart/Chart.yaml', 'apiVersion: v2\nname: web\nversion: 1.0.0\n');
  const settings = `${QUIET}services: [{ name: web, chart: ./chart, namespace: default }]\n`;
  const steps = await needsOf(context, settings, [done('tools/nodes', { provision: true }), done('other')]);
  const release = steps.get('release/web') ?? [];
  assert.equal([release.includes('tools/nodes'), release.includes('other')], [true, false]);
  assert.ok(steps.get('release/web/ready')?.includes('nodes'));
  assert.not(release.includes('nodes'));
});

test('runs of the same work have the same hash, and each part of the work changes it', async (context) => {
  context.write('object.yaml', OBJECT);
  context.write('secret.yaml', OBJECT);
  const hash = async (more: string, flags: Record<string, string> = {}): Promise<string> =>
    planHash(await prepared(context, `provider: embedded\nmergeKubeconfig: false\n${more}`, flags));
  const base = await hash('namespaces: [a]\n');
  assert.match(base, /^[0-9a-f]{12}$/);
  const same = [await hash('namespaces: [a]\n', { name: 'other' }), await hash('namespaces: [a]\nlogDir: elsewhere\n')];
  assert.equal(same, [base, base]);
  const others = [
    'namespaces: [b]\n',
    'namespaces: [a]\nagents: 3\n',
    'namespaces: [a]\nmanifests: [object.yaml]\n',
    'namespaces: [a]\nresources: { cluster: [object.yaml] }\n',
    'namespaces: [a]\nresources: { eachNamespace: [object.yaml] }\n',
    "namespaces: [a]\nhooks: { after: ['true'] }\n",
  ];
  const hashes = new Set([base]);
  for (const more of others) {
    const one = await hash(more).catch((error: unknown) => String(error));
    assert.match(one, /^[0-9a-f]{12}$/, more);
    hashes.add(one);
  }
  assert.is(hashes.size, others.length + 1);
});

test.run();
