// What a cluster holds of ours: kinds of the plan and of the inventory, kinds that are gone, and those that cannot be listed.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { failureOf } from '../../failure.ts';
import type { Plan } from '../../../scripts/fleet/desired/set-plan.ts';
import { INVENTORY, KINDS } from '../../../scripts/fleet/desired/names.ts';
import { survey } from '../../../scripts/fleet/pass/survey.ts';
import { type Answer, refused, scriptedSpoke } from '../scripted.ts';

const test = suite('fleet/pass/survey');

const listed = (name: string, more: object = {}): object => ({
  metadata: { name, namespace: 'n', resourceVersion: '1', ...more },
});
const list = (...items: object[]): Answer => ({ body: { metadata: {}, items } });
const resources = (...kinds: [kind: string, plural: string][]): Answer => ({
  body: {
    resources: kinds.map(([kind, name]) => ({ name, kind, namespaced: true, verbs: ['list'], singularName: '' })),
  },
});

/** @param answers by path; @param recorded in the inventory */
async function surveyed(answers: Readonly<Record<string, Answer>>, recorded = '') {
  const inventory = listed(INVENTORY.name, { namespace: INVENTORY.namespace, annotations: { [KINDS]: recorded } });
  const all: Record<string, Answer> = {
    '/api/v1/configmaps': list(listed('a'), inventory),
    '/api/v1': resources(['Secret', 'secrets'], ['ConfigMap', 'configmaps']),
    '/apis/apps/v1': resources(['Deployment', 'deployments']),
    ...answers,
  };
  const { spoke, asked } = scriptedSpoke(({ path }) => all[path] ?? refused(404, 'not found'));
  const kinds = new Map([['/Secret', { apiVersion: 'v1', kind: 'Secret' }]]);
  const found = await survey({ kinds } as unknown as Plan, spoke, new AbortController().signal);
  return { ...found, asked };
}

test('what is listed, without the inventory itself, which is asked for first', async () => {
  const secrets = list(listed('s'), listed('t'));
  const { kinds, owned, recorded, asked } = await surveyed(
    { '/api/v1/secrets': secrets, '/apis/apps/v1/deployments': list(listed('d')) },
    'apps/v1/Deployment v1/Secret',
  );
  assert.is(asked[0], 'GET /api/v1/configmaps');
  assert.equal([...kinds.keys()].sort(), ['/ConfigMap', '/Secret', 'apps/Deployment']);
  assert.equal([...(kinds.get('/ConfigMap')?.listed.keys() ?? [])], ['n/a']);
  assert.is(owned, 4);
  assert.equal(recorded, [
    { apiVersion: 'apps/v1', kind: 'Deployment' },
    { apiVersion: 'v1', kind: 'Secret' },
  ]);
});

test('a kind that is gone is none; one that cannot be listed says why, but for ConfigMaps', async () => {
  const gone = (await surveyed({})).kinds.get('/Secret');
  assert.equal([gone?.resource, gone?.error], [undefined, undefined]);
  const hidden = (await surveyed({ '/api/v1/secrets': refused(403, 'not allowed') })).kinds.get('/Secret');
  assert.is(hidden?.resource?.plural, 'secrets');
  assert.match(hidden?.error ?? '', 'not allowed');
  assert.match(await failureOf(surveyed({ '/api/v1/configmaps': refused(403, 'not allowed') })), 'not allowed');
});

test.run();
