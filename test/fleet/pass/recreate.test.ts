// Replacing an object: nothing is deleted before the new one would be taken, and it is put back where that fails.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { makeItem } from '../../../scripts/fleet/desired/item.ts';
import { recreate } from '../../../scripts/fleet/pass/recreate.ts';
import { configMap } from '../objects.ts';
import { type Answer, refused, scriptedSpoke } from '../scripted.ts';

const replacing = suite('fleet/recreate');

const NAME = 'n'.repeat(45);
const COLLECTION = '/api/v1/namespaces/default/configmaps';
const PATH = `${COLLECTION}/${NAME}`;
const metadata = { name: NAME, namespace: 'default', uid: 'u', resourceVersion: '7', managedFields: [] };
const old = { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { old: '1' } };
const managedFields = [{ manager: 'hoist-sync', operation: 'Apply', apiVersion: 'v1', fieldsV1: { 'f:data': {} } }];

async function replaced(answers: readonly Answer[]) {
  const item = makeItem(configMap(NAME, { k: '1' }), { behavior: 'Apply', owners: [], recreate: true });
  const world = scriptedSpoke((_, at) => answers[Math.min(at, answers.length - 1)] ?? {});
  const resource = { base: '/api/v1', plural: 'configmaps', namespaced: true };
  const { signal } = new AbortController();
  const context = { spoke: world.spoke, resource, signal, dryRun: false, strict: false, warn: () => undefined };
  const end = await recreate(item, context).catch((error: unknown) => String(error));
  return { ...world, end, item };
}

const STEPS = [`POST ${COLLECTION}`, `GET ${PATH}`, `DELETE ${PATH}`];

replacing('is tried out under another name, deleted as it was seen, and made again', async () => {
  const made = { body: { metadata: { ...metadata, uid: 'v', managedFields } } };
  const { end, asked, requests, item, spoke } = await replaced([{}, { body: old }, {}, { status: 404 }, made]);
  assert.is(end, undefined);
  assert.equal(asked, [...STEPS, `GET ${PATH}`, `PATCH ${PATH}`]);
  assert.equal(requests[0]?.query, { dryRun: 'All' });
  assert.is((requests[0]?.body as { metadata: { name: string } }).metadata.name, `${'n'.repeat(40)}-hoist-trial`);
  const { preconditions, propagationPolicy } = requests[2]?.body as Record<string, unknown>;
  assert.equal([preconditions, propagationPolicy], [{ uid: 'u', resourceVersion: '7' }, 'Background']);
  assert.equal(requests[4]?.query, { fieldManager: 'hoist-sync', force: true });
  assert.equal([...item.known], ['v1 {"f:data":{}}']);
  assert.ok(spoke.seen.has(item));
});

replacing('one that the server would not take is not even deleted', async () => {
  const { end, asked } = await replaced([refused(422, 'no')]);
  assert.match(end ?? '', 'no');
  assert.equal(asked, STEPS.slice(0, 1));
});

replacing('is waited for until another one has its name, with growing pauses', async () => {
  const still = { body: old };
  const { end, waits } = await replaced([
    {},
    still,
    {},
    still,
    still,
    { body: { metadata: { ...metadata, uid: 'other' } } },
    { body: old },
  ]);
  assert.is(end, undefined);
  assert.equal(waits, [20, 40]);
});

replacing('one that does not go is given up after 30 s, and nothing is made', async () => {
  const { end, waits, asked } = await replaced([{}, { body: old }, {}, { body: old }]);
  assert.match(end ?? '', 'the old object is still being deleted after 30 s');
  assert.equal(waits.slice(0, 8), [20, 40, 80, 160, 320, 640, 1000, 1000]);
  const waited = waits.reduce((sum, ms) => sum + ms, 0);
  assert.ok(waited > 30_000 && waited <= 31_000, String(waited));
  assert.is(asked.filter((one) => one.startsWith('P')).length, 1);
});

replacing('the old one is put back where the new one fails after all', async () => {
  const { end, requests } = await replaced([{}, { body: old }, {}, { status: 404 }, refused(500, 'full'), {}]);
  assert.match(end ?? '', 'it was deleted to be created again, which failed, and was put back: ');
  assert.match(end ?? '', 'full');
  const [last] = requests.slice(-1);
  assert.equal([last?.method, last?.path], ['POST', COLLECTION]);
  assert.equal(JSON.parse(JSON.stringify(last?.body)), { ...old, metadata: { name: NAME, namespace: 'default' } });
});

replacing.run();
