// The revision before an apply: one question for many objects, and none for what is in a namespace just made.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { baselineOf, madeAt, noteNamespace } from '../../../scripts/kube/apply/baseline.ts';
import { answer, statusObject } from '../../doubles/kube-server.ts';
import { withClient } from '../helpers.ts';

const test = suite('kube/apply/baseline');

test('questions at the same time are one; a later one is asked again', () =>
  withClient(
    ({ query }, response) => {
      assert.is(query.get('resourceVersion'), '0');
      answer(response, 200, { metadata: { resourceVersion: '42' }, items: [] });
    },
    async (client, { arrived }) => {
      const [a, b, c] = await Promise.all(['/x', '/x', '/y'].map((path) => baselineOf(client, path)));
      assert.equal([a, b, c], [42n, 42n, 42n]);
      assert.equal(arrived.map(({ path }) => path).sort(), ['/x', '/y']);
      await baselineOf(client, '/x');
      assert.is(arrived.length, 3);
    },
  ));

test('undefined where it may not be read, or is no number', async () => {
  await withClient(
    (_, response) => answer(response, 403, statusObject(403, 'Forbidden', 'no')),
    async (client) => assert.is(await baselineOf(client, '/x'), undefined),
  );
  await withClient(
    (_, response) => answer(response, 200, { metadata: { resourceVersion: 'opaque' }, items: [] }),
    async (client) => assert.is(await baselineOf(client, '/x'), undefined),
  );
});

test('what is in a namespace that this client has made is younger, the first time', () =>
  withClient(
    (_, response) => answer(response, 500, ''),
    (client) => {
      assert.is(madeAt(client, 'web', '/web/a'), undefined);
      noteNamespace(client, { metadata: { name: 'web', resourceVersion: '7' } });
      assert.is(madeAt(client, 'web', '/web/a'), 7n);
      assert.is(madeAt(client, 'web', '/web/a'), undefined, 'the second time it may have been made by the first');
      assert.is(madeAt(client, 'web', '/web/b'), 7n);
      assert.is(madeAt(client, 'other', '/other/a'), undefined);
      return Promise.resolve();
    },
  ));

test.run();
