// The wait for what is being deleted: by identity, with what holds it where it does not go.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ServicesError } from '../../../scripts/base/errors.ts';
import { KubeApiError } from '../../../scripts/kube/client/errors.ts';
import { isBeingDeleted, waitGone } from '../../../scripts/kube/apply/gone.ts';
import { answer, statusObject } from '../../doubles/kube-server.ts';
import { givingUp, thrown, withClient } from '../helpers.ts';

const test = suite('kube/apply/gone');

const doomed = { metadata: { name: 'x', uid: 'u1', deletionTimestamp: '2026-01-01T00:00:00Z' } };
const PATH = '/api/v1/namespaces';

/** Waits for `doomed` where the collection holds these, and says nothing more. */
async function wait(
  items: object[],
  check: (gone: Promise<void>) => Promise<void>,
  timeoutMs = 60,
  object: typeof doomed | { metadata: { name: string; uid: string } } = doomed,
) {
  await withClient(
    ({ query }, response) => {
      if (query.get('watch') === null) {
        assert.is(query.get('fieldSelector'), 'metadata.name=x');
        answer(response, 200, { metadata: { resourceVersion: '1' }, items });
      } else response.writeHead(200).write('');
    },
    (client) => check(waitGone(client, PATH, object, { timeoutMs, signal: undefined })),
  );
}

/** What is said where it does not go; without a word of what holds it, nothing may have been seen. */
const held = (items: object[], blind = /after [\d.]+ s$/): Promise<string> =>
  givingUp(blind, async (ms) => {
    let message = '';
    await wait(items, async (gone) => void (message = (await thrown(ServicesError, gone)).message), ms);
    return message;
  });

test('gone is gone, also where another one has its name by now', async () => {
  await wait([], (gone) => gone, 5_000);
  await wait([{ metadata: { name: 'x', uid: 'u2' } }], (gone) => gone, 5_000);
});

test('what holds it: its finalizers, or what is left in a namespace', async () => {
  const start = 'is being deleted, since 2026-01-01T00:00:00Z, and not gone after N s';
  assert.is(await held([doomed], /never/), start);
  assert.is(
    await held([{ metadata: { ...doomed.metadata, finalizers: ['a/b', 'c'] } }]),
    `${start}: held by the finalizers a/b, c`,
  );
  const conditions = [
    { type: 'NamespaceContentRemaining', status: 'True', message: 'pods. has 1 resource instances' },
    { type: 'NamespaceFinalizersRemaining', status: 'False', message: 'All content-preserving finalizers finished' },
    { type: 'NamespaceDeletionContentFailure', status: 'True', message: 'it failed' },
    { type: 'Ready', status: 'True', message: 'no word about it' },
  ];
  assert.is(
    await held([{ metadata: { ...doomed.metadata, finalizers: ['kubernetes'] }, status: { conditions } }]),
    `${start}: pods. has 1 resource instances it failed`,
  );
  const silent = [{ type: 'NamespaceContentRemaining', status: 'True' }];
  assert.is(
    await held([{ metadata: { ...doomed.metadata, finalizers: ['kubernetes'] }, status: { conditions: silent } }]),
    `${start}: held by the finalizers kubernetes`,
  );
});

test('the time is named only where it is known', async () => {
  const { name, uid } = doomed.metadata;
  await wait(
    [doomed],
    async (gone) =>
      assert.is((await thrown(ServicesError, gone)).message, 'is being deleted, and not gone after 0.06 s'),
    60,
    { metadata: { name, uid } },
  );
});

test('the server’s refusal is not called a timeout', () =>
  withClient(
    (_arrived, response) => answer(response, 403, statusObject(403, 'Forbidden', 'no')),
    async (client) => {
      const error = await thrown(KubeApiError, waitGone(client, PATH, doomed, { timeoutMs: 5_000, signal: undefined }));
      assert.is(error.status, 403);
    },
  ));

test('only a time of deletion means that', () => {
  assert.is(isBeingDeleted(doomed), true);
  assert.is(isBeingDeleted({ metadata: { name: 'x' } }), false);
});

test.run();
