// Creating what may be there already.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { KubeApiError } from '../../../scripts/kube/client/errors.ts';
import { create, createNamespace } from '../../../scripts/kube/apply/create.ts';
import { answer, statusObject } from '../../doubles/kube-server.ts';
import { thrown, withClient } from '../helpers.ts';

const test = suite('kube/apply/create');
const { signal } = new AbortController();

test('made, there already, or refused', async () => {
  for (const status of [201, 409, 400, 403]) {
    await withClient(
      (_, response) => answer(response, status, statusObject(status, 'Any', 'because')),
      async (client, { arrived }) => {
        const made = create(client, { path: '/x', body: { a: 1 }, what: 'the thing' }, signal);
        if (status === 400 || status === 403) {
          const error = await thrown(KubeApiError, made);
          assert.equal([error.status, error.message], [status, 'the thing: because']);
        } else await made;
        assert.equal([arrived[0]?.method, arrived[0]?.body], ['POST', '{"a":1}']);
      },
    );
  }
});

test('a namespace', () =>
  withClient(
    (_, response) => answer(response, 201, {}),
    async (client, { arrived }) => {
      await createNamespace(client, 'web', signal);
      assert.equal(JSON.parse(arrived[0]?.body ?? ''), {
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: { name: 'web' },
      });
    },
  ));

test.run();
