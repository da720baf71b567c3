// Objects as they are sent: what is left out, what is marked, and what a server may not know of them.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  type Item,
  type ItemOptions,
  allowsDelete,
  learn,
  makeItem,
  withOwners,
  withoutFields,
} from '../../../scripts/fleet/desired/item.ts';
import { configMap } from '../objects.ts';

const test = suite('fleet/desired/item');

type Json = Record<string, unknown>;
const item = (object: Json, options: Partial<ItemOptions> = {}): Item =>
  makeItem(object, { behavior: 'Apply', owners: [], recreate: false, ...options });
const sent = ({ body }: Item): { metadata: Json; [key: string]: unknown } => JSON.parse(body) as never;
const object = (apiVersion: string, kind: string, metadata: Json = {}): Json => ({
  apiVersion,
  kind,
  metadata: { name: 'x', ...metadata },
});

test('where it will be found', () => {
  const namespace = (...args: Parameters<typeof object>): string | undefined => item(object(...args)).namespace;
  assert.is(namespace('v1', 'ConfigMap', { namespace: 'n' }), 'n');
  assert.is(namespace('v1', 'ConfigMap'), 'default');
  assert.is(namespace('v1', 'ConfigMap', { namespace: '' }), 'default');
  assert.is(namespace('v1', 'Namespace', { namespace: 'n' }), undefined);
  assert.is(namespace('example.com/v1', 'Widget', { namespace: 'n' }), 'n');
  assert.is(namespace('example.com/v1', 'Widget'), undefined);
  assert.is(item(object('apps/v1', 'Deployment')).groupKind, 'apps/Deployment');
  assert.is(item(object('v1', 'ConfigMap')).groupKind, '/ConfigMap');
});

test('what a server writes is left out, our label and owners are added', () => {
  const fields = {
    creationTimestamp: 'x',
    generation: 3,
    managedFields: [],
    resourceVersion: '7',
    selfLink: 's',
    uid: 'u',
  };
  const made = item(
    { ...object('v1', 'ConfigMap', { ...fields, labels: { a: 'b' }, annotations: { c: 'd' } }), data: { k: 'v' } },
    { owners: ['SyncSet/n/a', 'SyncSet/n/b'] },
  );
  assert.equal(sent(made), {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: 'x',
      labels: { a: 'b', 'hive.openshift.io/managed': 'true' },
      annotations: { c: 'd', 'sync.hoist.dev/sets': 'SyncSet/n/a SyncSet/n/b', 'sync.hoist.dev/hash': made.hash },
    },
    data: { k: 'v' },
  });
  assert.not.ok('sync.hoist.dev/sets' in (sent(item(configMap('a', {}))).metadata['annotations'] as Json));
});

test('the hash changes with what is sent and how, and is no word about a Secret', () => {
  const of = (data: Json, options: Partial<ItemOptions> = {}): string => item(configMap('a', data), options).hash;
  assert.is(of({ k: 'v' }), of({ k: 'v' }));
  assert.is(of({ k: 'v' }).length, 22);
  assert.is.not(of({ k: 'v' }), of({ k: 'w' }));
  assert.is.not(of({}), of({}, { behavior: 'CreateOnly' }));
  assert.is.not(of({}), of({}, { owners: ['x'] }));
  assert.equal(sent(item(object('v1', 'Secret'))).metadata['annotations'], {});
});

test('recreation is allowed by the set, or by the object', () => {
  const annotations = { 'sync.hoist.dev/recreate': 'true' };
  assert.is(item(object('v1', 'ConfigMap')).recreate, false);
  assert.is(item(object('v1', 'ConfigMap'), { recreate: true }).recreate, true);
  assert.is(item(object('v1', 'ConfigMap', { annotations })).recreate, true);
  assert.is(
    item(object('v1', 'ConfigMap', { annotations: { ...annotations, 'sync.hoist.dev/recreate': 'no' } })).recreate,
    false,
  );
  assert.is(allowsDelete({ 'sync.hoist.dev/allow-delete': 'true' }), true);
  assert.is(allowsDelete(undefined), false);
});

test('fields that a server does not know are left out, of all items of a list; the same item for the same fields', () => {
  const spec = { rules: [{ a: 1, odd: 2 }, { odd: 3 }], odd: 4, keep: 5, containers: [{ name: 'x', odd: 6 }] };
  const whole = item(
    { ...object('example.com/v1', 'Widget'), spec },
    { owners: ['o'], recreate: true, behavior: 'CreateOrUpdate' },
  );
  const less = withoutFields(whole, ['.spec.odd', '.spec.rules[0].odd', '.spec.containers[name="x"].odd']);
  assert.equal(sent(less)['spec'], { rules: [{ a: 1 }, {}], keep: 5, containers: [{ name: 'x' }] });
  assert.equal([less.owners, less.recreate, less.behavior], [['o'], true, 'CreateOrUpdate']);
  assert.equal(whole.object['spec'], spec, 'the whole one stays as it is');
  assert.is(withoutFields(whole, ['.spec.containers[name="x"].odd', '.spec.rules[0].odd', '.spec.odd']), less);
  assert.is.not(withoutFields(whole, ['.spec.odd']), less);
  const more = withoutFields(withoutFields(whole, ['.spec.odd']), ['.spec.keep']);
  assert.equal(more.dropped, ['.spec.keep', '.spec.odd']);
  assert.equal(sent(withoutFields(whole, ['.nothing.there', '.spec.keep.deeper']))['spec'], spec);
});

test('the same object for more sets', () => {
  const one = item(configMap('a', {}), { owners: ['a'], recreate: true });
  const both = withOwners(one, ['a', 'b']);
  assert.equal([both.owners, both.recreate, both.behavior], [['a', 'b'], true, 'Apply']);
  assert.is((sent(both).metadata['annotations'] as Json)['sync.hoist.dev/sets'], 'a b');
});

test('what servers write of its fields is remembered, up to a number of variants', () => {
  const one = item(configMap('a', {}));
  learn(one, undefined);
  assert.is(one.known.size, 0);
  for (let at = 0; at < 20; at++) learn(one, String(at));
  assert.equal([...one.known], ['0', '1', '2', '3', '4', '5', '6', '7']);
});

test.run();
