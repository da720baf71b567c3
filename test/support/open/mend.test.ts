// Objects that an API server cannot read: which are kept by name, which go, and kinds that are left alone.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { KubeClient } from '../../../scripts/kube/client/client.ts';
import { known } from '../../../scripts/support/open/kinds.ts';
import { type Mended, type ObjectStore, mend } from '../../../scripts/support/open/mend.ts';

const test = suite('support/open/mend');

const { signal } = new AbortController();

/** A server that cannot read what holds the word "broken", nor what is no JSON; and lists nothing while it cannot. */
async function mended(
  objects: Record<string, string>,
  {
    kinds = ['Pod'],
    first = [] as number[],
    list,
  }: { kinds?: string[]; first?: number[]; list?: { status: number; body: string } } = {},
): Promise<{ result: Mended; objects: Map<string, string>; paths: string[] }> {
  const stored = new Map(Object.entries(objects));
  const paths: string[] = [];
  const bad = (key: string): boolean => (stored.get(key) ?? '').includes('broken');
  const store: ObjectStore = {
    put: (key, value) => Promise.resolve(void stored.set(key, value)),
    get: (key) => Promise.resolve(stored.get(key)),
    delete: (key) => Promise.resolve(void stored.delete(key)),
    keys: (prefix) => Promise.resolve([...stored.keys()].filter((key) => key.startsWith(prefix))),
  };
  const request = ({ path, query }: { path: string; query?: object }): Promise<{ status: number; body: string }> => {
    paths.push(path);
    const code = query === undefined ? undefined : first.shift();
    if (code !== undefined) return Promise.resolve({ status: code, body: '{}' });
    if (query !== undefined && list !== undefined) return Promise.resolve(list);
    if (query !== undefined) {
      const unreadable = [...stored.keys()].some(bad);
      return Promise.resolve(unreadable ? { status: 500, body: '' } : { status: 404, body: '' });
    }
    const key = path.replace('/api/v1/namespaces/', '').split('/pods/').join('/');
    return Promise.resolve(
      bad(`/registry/pods/${key}`) ? { status: 500, body: '{"message":"cannot decode"}' } : { status: 200, body: '{}' },
    );
  };
  const result = await mend({ request } as unknown as KubeClient, store, { kinds: kinds.map(known), signal });
  return { result, objects: stored, paths };
}

const pod = (name: string, more: object = {}): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'n', uid: 'u', labels: { a: 'b', odd: 7 }, creationTimestamp: '2024-01-02T03:04:05Z' },
    ...more,
  });

test('what can be read is not asked for one by one', async () => {
  const { result, paths } = await mended({ '/registry/pods/n/a': pod('a') });
  assert.equal(result, { reduced: 0, removed: 0, why: undefined });
  assert.equal(paths, ['/api/v1/pods']);
});

test('an object that cannot be read is kept by its name, labels and age, with the reason', async () => {
  const { result, objects } = await mended({
    '/registry/pods/n/a': pod('a'),
    '/registry/pods/n/b': pod('b', { spec: 'broken' }),
  });
  assert.equal(result, { reduced: 1, removed: 0, why: 'cannot decode' });
  assert.is(objects.get('/registry/pods/n/a'), pod('a'));
  assert.equal(JSON.parse(objects.get('/registry/pods/n/b') ?? ''), {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: 'b',
      namespace: 'n',
      uid: 'u',
      creationTimestamp: '2024-01-02T03:04:05Z',
      labels: { a: 'b' },
      annotations: { 'hoist/note': 'its content cannot be read by this API server: cannot decode' },
    },
  });
});

test('what is no object goes, and so does one that cannot be read by its name either', async () => {
  const { result, objects } = await mended({
    '/registry/pods/n/x': 'broken and no JSON',
    '/registry/pods/n/y': pod('broken'),
    '/registry/pods/n/z': pod('z', {
      metadata: { name: 'z', namespace: 'n', creationTimestamp: 'broken', labels: null },
    }),
  });
  assert.equal(result, { reduced: 1, removed: 2, why: 'cannot decode' });
  assert.equal([...objects.keys()], ['/registry/pods/n/z']);
  assert.not.match(objects.get('/registry/pods/n/z') ?? '', 'creationTimestamp');
});

test('a server that still reads its objects is asked again; one that never can is not', async () => {
  const busy = await mended({ '/registry/pods/n/a': pod('a') }, { first: [429, 429] });
  assert.equal([busy.paths.length, busy.result.reduced], [3, 0]);
  const list = { status: 429, body: 'failed to list pods' };
  const never = await mended({ '/registry/pods/n/b': pod('b', { spec: 'broken' }) }, { list });
  assert.equal(never.result.reduced, 1);
  assert.is(never.paths.filter((path) => path === '/api/v1/pods').length, 1);
  const fine = await mended(
    { '/registry/pods/n/b': pod('b', { spec: 'broken' }) },
    { list: { status: 200, body: '' } },
  );
  assert.equal(fine.result.reduced, 0);
  const refused = await mended(
    { '/registry/pods/n/b': pod('b', { spec: 'broken' }) },
    { list: { status: 400, body: '' } },
  );
  assert.equal(refused.result.reduced, 1);
});

test.run();
