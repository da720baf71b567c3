// One object on one cluster: what is sent, and what is done where the server refuses it.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Item, makeItem } from '../../../scripts/fleet/desired/item.ts';
import type { Listed } from '../../../scripts/fleet/ladder/listed.ts';
import type { ApplyContext } from '../../../scripts/fleet/pass/apply-context.ts';
import { applyItem } from '../../../scripts/fleet/pass/apply-item.ts';
import type { SpokeOptions } from '../../../scripts/fleet/spoke/spoke.ts';
import { configMap, namespace } from '../objects.ts';
import { type Answer, type Script, type Scripted, refused, scriptedSpoke } from '../scripted.ts';

const applying = suite('fleet/apply-item');

const maps = { base: '/api/v1', plural: 'configmaps', namespaced: true };
const PATH = '/api/v1/namespaces/default/configmaps/a';
const found = (resourceVersion: string, uid = 'u') => ({
  metadata: { name: 'a', namespace: 'default', uid, resourceVersion },
});
const itemOf = (over: Partial<Item> = {}, object = configMap('a', { k: '1' })): Item => ({
  ...makeItem(object, { behavior: 'Apply', owners: [], recreate: false }),
  ...over,
});

interface Given extends Partial<Omit<ApplyContext, 'spoke' | 'warn' | 'differs'>> {
  item?: Item;
  listed?: Listed;
  takeOver?: boolean;
  options?: Partial<SpokeOptions>;
}

/** How applying one object ended, what was asked for it, and what was said. */
async function applied(
  script: Script,
  given: Given = {},
): Promise<Scripted & ReturnType<typeof scriptedSpoke> & { end: string; warned: string[]; differs: unknown[] }> {
  const { item = itemOf(), listed, takeOver = false, options, ...rest } = given;
  const world = scriptedSpoke(script, options);
  const warned: string[] = [];
  const differs: unknown[] = [];
  const context: ApplyContext = {
    spoke: world.spoke,
    resource: maps,
    signal: new AbortController().signal,
    dryRun: false,
    strict: false,
    warn: (message) => warned.push(message),
    differs: (fields) => differs.push(fields),
    ...rest,
  };
  const end = await applyItem(item, listed, takeOver, context).catch((error: unknown) => String(error));
  return { ...world, end, warned, differs };
}

/** Answers in turn, the last one for all that follow. */
const inTurn =
  (...answers: Answer[]): Script =>
  (_, at) =>
    answers[Math.min(at, answers.length - 1)] ?? {};
const undeclared = (...paths: string[]): Answer =>
  refused(
    500,
    `failed to create typed patch object: errors:\n${paths.map((path) => `  ${path}: field not declared in schema`).join('\n')}`,
  );

applying('is created, changed or unchanged, as the server says', async () => {
  const cases: [status: number, version: string, before: string | undefined, end: string][] = [
    [201, '1', undefined, 'created'],
    [200, '2', '1', 'changed'],
    [200, '2', '2', 'unchanged'],
    [200, '2', undefined, 'changed'],
  ];
  for (const [status, version, before, end] of cases) {
    const {
      end: own,
      requests,
      spoke,
    } = await applied(inTurn({ status, body: found(version) }), before === undefined ? {} : { listed: found(before) });
    assert.is(own, end);
    const [{ method, path, query, contentType } = {}] = requests;
    assert.equal(
      [method, path, query, contentType],
      ['PATCH', PATH, { fieldManager: 'hoist-sync', force: true }, 'application/apply-patch+yaml'],
    );
    assert.is(spoke.seen.size, 1);
  }
  assert.match((await applied(inTurn({ body: {} }))).end, 'no Kubernetes object');
});

applying('how the server owns the fields of it is learned', async () => {
  const managedFields = [{ manager: 'hoist-sync', operation: 'Apply', apiVersion: 'v1', fieldsV1: { 'f:data': {} } }];
  const item = itemOf();
  await applied(inTurn({ body: { metadata: { ...found('1').metadata, managedFields } } }), { item });
  assert.equal([...item.known], ['v1 {"f:data":{}}']);
});

applying('a conflict is tried again, three times in all', async () => {
  const conflict = refused(409, 'changed');
  assert.is((await applied(inTurn(conflict, conflict, { body: found('1') }))).end, 'changed');
  const { end, asked } = await applied(inTurn(conflict));
  assert.match(end, 'changed');
  assert.match(end, 'KubeApiError');
  assert.is(asked.length, 3);
});

applying('fields that the server does not know are left out and named once, for all its kind', async () => {
  const item = itemOf({}, configMap('a', { k: '1', q: '2', r: '3' }));
  const { end, requests, warned, spoke } = await applied(
    inTurn(undeclared('.data.q', '.data.q'), undeclared('.data.r'), { status: 201, body: found('1') }),
    { item },
  );
  assert.is(end, 'created');
  assert.equal(warned, ['ConfigMap default/a: .data.q, .data.r unknown to the server and left out']);
  const sent = requests.map(({ body }) => (JSON.parse(String(body)) as { data: object }).data);
  assert.equal(sent, [{ k: '1', q: '2', r: '3' }, { k: '1', r: '3' }, { k: '1' }]);
  assert.is(spoke.variants.size, 1);
  const strict = await applied(inTurn(undeclared('.data.q')), { item, strict: true });
  assert.match(strict.end, 'field not declared in schema');
  assert.is(strict.asked.length, 1);
  const endless = await applied((_, at) => undeclared(`.data.f${at}`), { item });
  assert.is(endless.asked.length, 11);
  for (const path of ['.metadata', '.kind', '.apiVersion'])
    assert.is((await applied(inTurn(undeclared(path)))).asked.length, 1, path);
});

const IMMUTABLE: Answer[] = [
  refused(422, 'field is immutable'),
  refused(422, 'Invalid', ['other', 'selector cannot change']),
  refused(422, 'x may not be changed'),
  refused(422, 'updates to statefulset spec are forbidden'),
];

applying('what cannot be changed is created again where it may be, and said to be possible where not', async () => {
  const item = itemOf({ recreate: true });
  for (const refusal of IMMUTABLE) {
    const first = await applied(inTurn(refusal));
    assert.match(first.end, 'the set may allow its recreation by the annotation sync.hoist.dev/recreate: "true"');
    const again = await applied(
      inTurn(refusal, {}, { body: found('1') }, {}, { status: 404 }, { status: 201, body: found('1', 'v') }),
      { item },
    );
    assert.is(again.end, 'recreated');
    assert.equal(again.asked, [
      `PATCH ${PATH}`,
      'POST /api/v1/namespaces/default/configmaps',
      `GET ${PATH}`,
      `DELETE ${PATH}`,
      `GET ${PATH}`,
      `PATCH ${PATH}`,
    ]);
  }
  const dry = await applied(inTurn({ status: 404 }, IMMUTABLE[0] ?? {}, {}), { item, dryRun: true });
  assert.is(dry.end, 'recreated');
  assert.equal(dry.asked, [`GET ${PATH}`, `PATCH ${PATH}`, 'POST /api/v1/namespaces/default/configmaps']);
  for (const refusal of [refused(422, 'not this one'), refused(400, 'field is immutable')]) {
    const { end, asked } = await applied(inTurn(refusal), { item });
    assert.not.match(end, 'the set may allow');
    assert.is(asked.length, 1);
  }
  const kept = await applied(inTurn(IMMUTABLE[0] ?? {}), {
    item: itemOf({ recreate: true }, namespace('a')),
    resource: { base: '/api/v1', plural: 'namespaces', namespaced: false },
  });
  assert.is(kept.asked.length, 1);
  assert.not.match(kept.end, 'the set may allow');
});

applying('a rehearsal changes nothing and hands on the fields that would change', async () => {
  const live = {
    ...configMap('a', { k: '1' }),
    metadata: { name: 'a', namespace: 'default', uid: 'u', resourceVersion: '1' },
  };
  const after = { ...live, data: { k: '2' } };
  const cases: [answers: Answer[], end: string, fields: number][] = [
    [[{ status: 404 }, { body: after }], 'created', 1],
    [[{ body: live }, { body: after }], 'changed', 1],
    [[{ body: live }, { body: live }], 'unchanged', 0],
  ];
  for (const [answers, end, least] of cases) {
    const { end: own, differs, requests } = await applied(inTurn(...answers), { dryRun: true });
    assert.is(own, end);
    assert.is(differs.length, 1);
    assert.ok((differs[0] as unknown[]).length >= least);
    assert.equal(requests[1]?.query, { fieldManager: 'hoist-sync', force: true, dryRun: 'All' });
  }
  assert.match((await applied(inTurn(refused(403, 'not allowed')), { dryRun: true })).end, 'not allowed');
});

applying('what is only to be created is left alone where it exists', async () => {
  const item = itemOf({ behavior: 'CreateOnly' });
  const created = await applied(inTurn({ status: 201, body: found('1') }), {
    item,
    listed: found('1'),
    takeOver: true,
  });
  assert.is(created.end, 'created');
  assert.equal(created.asked, ['POST /api/v1/namespaces/default/configmaps']);
  assert.equal(created.requests[0]?.query, { fieldManager: 'hoist-sync' });
  assert.is(created.differs.length, 1);
  const there = await applied(inTurn(refused(409, 'exists')), { item });
  assert.is(there.end, 'unchanged');
  assert.ok(there.spoke.seen.has(item));
  const dry = await applied(inTurn({ status: 201 }), { item, dryRun: true });
  assert.equal(dry.requests[0]?.query, { fieldManager: 'hoist-sync', dryRun: 'All' });
  assert.match((await applied(inTurn(refused(403, 'not allowed')), { item })).end, 'not allowed');
});

applying('what hive owned becomes ours before, as far as it is still what was listed', async () => {
  const managedFields = [{ manager: 'hive2-x', operation: 'Update', apiVersion: 'v1', fieldsV1: { 'f:data': {} } }];
  const listed = { metadata: { ...found('1').metadata, managedFields } };
  const good = { body: found('2') };
  for (const first of [good, refused(409, 'changed'), refused(404, 'gone')]) {
    const { end, requests } = await applied(inTurn(first, good), { listed, takeOver: true });
    assert.is(end, 'changed');
    const body = requests[0]?.body as { op: string; path: string; value: unknown }[];
    assert.equal(
      body.map(({ op, path }) => `${op} ${path}`),
      ['replace /metadata/managedFields', 'replace /metadata/resourceVersion'],
    );
    assert.is(body[1]?.value, '1');
    assert.is(requests[0]?.contentType, 'application/json-patch+json');
  }
  assert.match(
    (await applied(inTurn(refused(403, 'not allowed'), good), { listed, takeOver: true })).end,
    'not allowed',
  );
  assert.is((await applied(inTurn(good), { listed })).asked.length, 1);
  assert.is((await applied(inTurn(good), { takeOver: true })).asked.length, 1);
  assert.is((await applied(inTurn(good), { listed, takeOver: true, dryRun: true })).asked[0], `GET ${PATH}`);
});

applying('a name that would be another path is refused before anything is asked', async () => {
  for (const over of [{ name: '../x' }, { namespace: 'a/b' }, { name: '..' }]) {
    const { end, asked } = await applied(inTurn({}), { item: itemOf(over) });
    assert.match(end, 'can be no name of an object');
    assert.equal(asked, []);
  }
});

applying.run();
