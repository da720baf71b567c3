// What a pass says of itself: what it did and left, what it cost, which set failed and whether the cluster did, on scripted clusters.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Plan, Planner } from '../../../scripts/fleet/desired/set-plan.ts';
import { type PassOptions, runPass } from '../../../scripts/fleet/pass/pass.ts';
import type { PassResult } from '../../../scripts/fleet/pass/result.ts';
import type { SyncSet } from '../../../scripts/fleet/sets/types.ts';
import { KubeConnectionError } from '../../../scripts/kube/client/errors.ts';
import type { KubeRequest } from '../../../scripts/kube/client/client.ts';
import { cluster, configMap, fleetOf, selectorSet } from '../objects.ts';
import { type Answer, refused, scriptedSpoke } from '../scripted.ts';

const test = suite('fleet/pass: what is said of one');

type Metadata = Record<string, unknown> & { name: string; namespace?: string };

/** A server that is given options in the body of a deletion does not read those of the query. */
const rehearses = ({ method, query, body }: KubeRequest): boolean =>
  method === 'DELETE' ? (body as { dryRun?: string[] }).dryRun?.[0] === 'All' : query?.['dryRun'] === 'All';

/** A cluster of ConfigMaps, each request to which takes 10 ms of its clock. */
function world(answer: (request: KubeRequest, method: string) => Answer | Error | undefined = () => undefined) {
  const objects = new Map<string, Metadata>();
  let [time, version] = [1_000, 100];
  const clock = { now: () => time, after: () => () => undefined, sleep: () => Promise.resolve() };
  const stored = (path: string, request: KubeRequest): Answer => {
    const before = objects.get(path);
    const body = (typeof request.body === 'string' ? JSON.parse(request.body) : request.body) as { metadata: Metadata };
    const same = JSON.stringify(before?.['sent']) === JSON.stringify(body);
    if (!same) version += 1;
    const metadata = {
      ...body.metadata,
      uid: path,
      resourceVersion: same ? before?.['resourceVersion'] : String(version),
    };
    if (!rehearses(request)) objects.set(path, { ...metadata, sent: body });
    return { status: before === undefined ? 201 : 200, body: { ...body, metadata } };
  };
  const made = scriptedSpoke(
    (request) => {
      time += 10;
      const { method = 'GET', path } = request;
      const own = answer(request, method);
      if (own !== undefined) return own;
      if (path === '/api/v1/configmaps')
        return { body: { metadata: {}, items: [...objects.values()].map((metadata) => ({ metadata })) } };
      if (method === 'PATCH') return stored(path, request);
      if (method === 'POST') {
        const named = `${path}/${(JSON.parse(String(request.body)) as { metadata: Metadata }).metadata.name}`;
        return objects.has(named) ? refused(409, 'exists') : stored(named, request);
      }
      const isRehearsed = rehearses(request);
      if (method === 'DELETE')
        return (isRehearsed ? objects.has(path) : objects.delete(path)) ? { body: {} } : refused(404, 'gone');
      const found = objects.get(path);
      if (found === undefined) return refused(404, 'not found');
      const { sent, ...metadata } = found;
      return { body: { ...(sent as object | undefined), metadata } };
    },
    { clock },
  );
  const applied: [type: string, ok: boolean, ms: number][] = [];
  const pass = async (sets: readonly SyncSet[], options: Partial<PassOptions> = {}): Promise<PassResult> => {
    const target = cluster('c', { server: 'https://scripted' });
    const plan: Plan = await planner.plan(fleetOf(sets, [target]), target);
    return runPass('c', plan, made.spoke, {
      signal: new AbortController().signal,
      timeoutMs: 60_000,
      dryRun: false,
      strict: false,
      policy: { max: { share: 1 }, confirmed: true, kinds: new Set() },
      complete: true,
      lost: undefined,
      broken: new Set(),
      wantedElsewhere: () => Promise.resolve(() => false),
      knownSets: () => Promise.resolve(undefined),
      applied: (...one) => void applied.push(one),
      ...options,
    });
  };
  const planner = new Planner();
  return { ...made, objects, pass, applied };
}

const actions = ({ changes }: PassResult): string[] => changes.map(({ action, ref }) => `${action} ${ref.name}`).sort();
const setOf = (...names: string[]): SyncSet =>
  selectorSet('s', { resources: names.map((name) => configMap(name, { k: '1' })) });

test('what was done, and what it cost: in the second pass nothing but a look', async () => {
  const { pass, asked, applied, objects } = world();
  const first = await pass([setOf('a', 'b')]);
  assert.equal([actions(first), first.unchanged, first.confirmed, first.wanted], [['create a', 'create b'], 0, 0, 2]);
  // The look, the inventory, two objects.
  assert.equal([first.requests, first.ms, asked.length], [4, 40, 4]);
  assert.equal([first.error, first.unreachable, first.held], [undefined, false, []]);
  assert.equal(
    applied.map(([type, ok]) => [type, ok]),
    [
      ['apply', true],
      ['apply', true],
    ],
  );
  for (const [, , ms] of applied) assert.ok(ms > 0 && ms <= 20, String(ms));
  assert.ok(objects.has('/api/v1/namespaces/kube-system/configmaps/hoist-sync'));
  const again = await pass([setOf('a', 'b')]);
  assert.equal([actions(again), again.unchanged, again.confirmed], [[], 2, 0]);
  assert.equal([again.requests, again.ms], [1, 10]);
  assert.is(applied.length, 2);
  const [set] = again.sets;
  assert.equal([set?.ok, set?.retry, set?.message, set?.ms], [true, false, undefined, 0]);
  assert.equal(
    set?.toDelete.map(({ name }) => name),
    ['a', 'b'],
  );
});

test('what a set has dropped is deleted; a dry run says so, and writes nothing', async () => {
  const { pass, objects, asked, requests } = world();
  await pass([setOf('a', 'b')]);
  const before = JSON.stringify([...objects]);
  const from = asked.length;
  const dry = await pass([setOf('b', 'c')], { dryRun: true });
  assert.equal(actions(dry), ['create c', 'delete a']);
  assert.is(JSON.stringify([...objects]), before);
  for (const request of requests.slice(from)) assert.ok((request.method ?? 'GET') === 'GET' || rehearses(request));
  const done = await pass([setOf('b', 'c')]);
  assert.equal(actions(done), ['create c', 'delete a']);
  assert.is(objects.has('/api/v1/namespaces/default/configmaps/a'), false);
});

test('a dry run on a cluster that holds nothing writes no inventory either', async () => {
  const { pass, objects } = world();
  assert.equal(actions(await pass([setOf('a')], { dryRun: true })), ['create a']);
  assert.is(objects.size, 0);
});

test('an object that is refused fails its set, with its name, and no other set', async () => {
  const { pass, applied } = world(({ path }, method) =>
    method === 'PATCH' && path.endsWith('/bad') ? refused(403, 'not allowed') : undefined,
  );
  const good = selectorSet('good', { resources: [configMap('a', {})] });
  const bad = selectorSet('bad', { resources: [configMap('bad', {}), configMap('after', {})] });
  const result = await pass([good, bad]);
  const by = new Map(result.sets.map((set) => [set.name, set]));
  assert.equal([by.get('good')?.ok, by.get('good')?.retry], [true, false]);
  assert.equal([by.get('bad')?.ok, by.get('bad')?.retry], [false, true]);
  assert.match(by.get('bad')?.message ?? '', /^ConfigMap default\/bad: .*not allowed/);
  assert.equal([result.error, result.unreachable], [undefined, false]);
  assert.equal(actions(result), ['create a'], 'what comes after the refused one waits for it');
  assert.equal(applied.map(([type, ok]) => `${type} ${ok}`).sort(), ['apply false', 'apply true']);
  for (const [, , ms] of applied) assert.ok(ms > 0 && ms <= 30, String(ms));
});

test('a set that does not render is no reason to try again', async () => {
  const spec = { enableResourceTemplates: true, resources: [configMap('a', { k: '{{ nonsense }}' })] };
  const { pass } = world();
  const [set] = (await pass([selectorSet('bad', spec)])).sets;
  assert.equal([set?.ok, set?.retry], [false, false]);
});

test('a cluster that cannot be reached, or not in time, is unreachable; one that refuses the look is not', async () => {
  const cut = await world(() => new KubeConnectionError('cut', 'CUT')).pass([setOf('a')]);
  assert.equal([cut.error, cut.unreachable, cut.sets], ['cut', true, []]);
  const late = world();
  // Alive as long as it hangs.
  const alive = setInterval(() => undefined, 1_000);
  late.spoke.request = () => new Promise(() => undefined);
  const hanging = late.pass([setOf('a')], { timeoutMs: 20 });
  // The look goes by its signal.
  late.spoke.json = ({ signal }) =>
    new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason as Error)));
  const given = await hanging;
  clearInterval(alive);
  assert.equal([given.error, given.unreachable], ['the pass was given up after 20 ms', true]);
  const refusing = await world(() => refused(403, 'may not list')).pass([setOf('a')]);
  assert.match(refusing.error ?? '', 'may not list');
  assert.is(refusing.unreachable, false);
});

test('a connection that breaks at an object ends the pass, and deletes nothing', async () => {
  let isCut = false;
  const { pass, objects } = world((_, method) =>
    isCut && method === 'PATCH' ? new KubeConnectionError('cut', 'CUT') : undefined,
  );
  await pass([setOf('a', 'b')]);
  isCut = true;
  const result = await pass([setOf('b', 'c')]);
  assert.equal([result.error, result.unreachable, actions(result), result.sets], ['cut', true, [], []]);
  assert.ok(objects.has('/api/v1/namespaces/default/configmaps/a'));
});

test('a signal from outside is what it rejects with', async () => {
  const stop = new AbortController();
  const { pass } = world(() => {
    stop.abort(new Error('stopped'));
    return undefined;
  });
  const reason = await pass([setOf('a')], { signal: stop.signal }).catch((error: unknown) => (error as Error).message);
  assert.is(reason, 'stopped');
});

test('CreateOnly: created once, left as it is, and not looked for where another one has it', async () => {
  const { pass, objects, asked, applied } = world();
  const sets = (value: string): SyncSet[] => [
    selectorSet('s', {
      applyBehavior: 'CreateOnly',
      resources: [configMap('a', { k: value }), configMap('theirs', {})],
    }),
  ];
  // There without our label: the list does not show it.
  const path = '/api/v1/namespaces/default/configmaps';
  let isListed = false;
  const hidden = { name: 'theirs', namespace: 'default', uid: 'x', resourceVersion: '7' };
  const listed = objects.values.bind(objects);
  objects.values = () => [...listed()].filter((one) => isListed || one.name !== 'theirs').values();
  objects.set(`${path}/theirs`, hidden);
  const first = await pass(sets('1'));
  assert.equal([actions(first), first.confirmed, first.unchanged], [['create a'], 1, 0]);
  assert.equal(
    applied.map(([type, ok]) => `${type} ${ok}`),
    ['createOnly true', 'createOnly true'],
  );
  const posts = asked.filter((one) => one.startsWith('POST')).length;
  assert.is(posts, 2);
  const again = await pass(sets('1'));
  assert.equal([actions(again), again.unchanged], [[], 2]);
  assert.is(asked.filter((one) => one.startsWith('POST')).length, posts);
  objects.delete(`${path}/a`);
  assert.equal(actions(await pass(sets('1'))), ['create a'], 'what is gone is created again');
  isListed = true;
  const changed = await pass(sets('2'));
  assert.equal([actions(changed), changed.unchanged], [[], 2], 'what is there stays as it is');
});

test.run();
