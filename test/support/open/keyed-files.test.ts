// Secrets and ConfigMaps that were asked for one by one: put together from the files of their keys.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { FileStore } from '../../../scripts/support/bundle/store.ts';
import { keyedObjects } from '../../../scripts/support/open/keyed-files.ts';

const test = suite('support/open/keyed-files');

async function objectsOf(files: Readonly<Record<string, unknown>>): Promise<unknown[]> {
  const store = new FileStore();
  for (const [path, content] of Object.entries(files))
    await store.put(path, Buffer.from(typeof content === 'string' ? content : JSON.stringify(content)));
  const found: unknown[] = [];
  for await (const object of keyedObjects(store)) found.push(object);
  await store.close();
  return found;
}

const b64 = (text: string): string => Buffer.from(text).toString('base64');
const secret = (more: object): object => ({ namespace: 'n', name: 's', secretExists: true, ...more });

test('the keys of one object from several files; a value that was not asked for is empty', async () => {
  const objects = await objectsOf({
    'secrets/n/s/a.json': secret({ key: 'a', keyExists: true, value: 'one' }),
    'secrets/n/s/b.json': secret({ key: 'b', keyExists: true }),
    'secrets/n/s/c.json': secret({ key: 'c', keyExists: false, value: 'not there' }),
    'configmaps/n/s.json': { namespace: 'n', name: 's', configMapExists: true, data: { x: 'text', y: 7 } },
  });
  assert.equal(objects, [
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 's', namespace: 'n' }, data: { x: 'text' } },
    { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's', namespace: 'n' }, data: { a: b64('one'), b: '' } },
  ]);
});

test('objects that were not there, files of others, and what is none are left out', async () => {
  const objects = await objectsOf({
    'secrets/n/number.json': '7',
    'secrets/n/gone.json': secret({ secretExists: false, data: { a: 'b' } }),
    'secrets/n/wrong.json': secret({ secretExists: undefined, configMapExists: true, data: { a: 'b' } }),
    'secrets/n/unnamed.json': secret({ name: undefined, data: { a: 'b' } }),
    'secrets/n/nowhere.json': secret({ namespace: 7, data: { a: 'b' } }),
    'secrets/n/broken.json': '{',
    'secrets/n/null.json': 'null',
    'secrets/n/text.txt': secret({ data: { a: 'b' } }),
    'other/n/s.json': secret({ data: { a: 'b' } }),
  });
  assert.equal(objects, []);
});

test('a key whose name is no text, and objects of one name in two namespaces', async () => {
  const objects = await objectsOf({
    'secrets/a/s.json': secret({ namespace: 'a', key: 7, keyExists: true }),
    'secrets/b/s.json': secret({ namespace: 'b', data: null }),
  });
  assert.is(objects.length, 2);
  assert.equal(
    (objects as { data: object }[]).map(({ data }) => data),
    [{}, {}],
  );
});

test.run();
