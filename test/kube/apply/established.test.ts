// The wait for a definition: until it is served, or it is known that it never will be.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { HealthError } from '../../../scripts/base/errors.ts';
import { KubeApiError } from '../../../scripts/kube/client/errors.ts';
import { waitEstablished } from '../../../scripts/kube/apply/established.ts';
import { answer, statusObject } from '../../doubles/kube-server.ts';
import { givingUp, thrown, withClient } from '../helpers.ts';

const test = suite('kube/apply/established');

const definition = (...conditions: object[]): object => ({
  metadata: { name: 'a.b', resourceVersion: '2' },
  status: { conditions },
});
const served = { type: 'Established', status: 'True' };

async function wait(
  items: object[],
  events: object[],
  timeoutMs: number,
  check: (done: Promise<void>) => Promise<void>,
): Promise<void> {
  await withClient(
    ({ query }, response) => {
      assert.is(query.get('fieldSelector'), 'metadata.name=a.b');
      if (query.get('watch') === null) answer(response, 200, { metadata: { resourceVersion: '1' }, items });
      else
        response
          .writeHead(200)
          .write(events.map((object) => `${JSON.stringify({ type: 'MODIFIED', object })}\n`).join(''));
    },
    (client) => check(waitEstablished(client, 'a.b', { timeoutMs })),
  );
}
const late = (items: object[]): Promise<string> =>
  givingUp(items.length === 0 ? /never/ : /it is not there/, async (ms) => {
    let message = '';
    await wait(items, [], ms, async (done) => void (message = (await thrown(HealthError, done)).message));
    return message;
  });

test('served at once, or later', async () => {
  await wait([definition(served)], [], 5_000, (done) => done);
  await wait(
    [],
    [definition(), definition({ type: 'Established', status: 'False' }), definition(served)],
    5_000,
    (done) => done,
  );
});

test('names that are taken end the wait at once', () =>
  wait(
    [definition({ type: 'NamesAccepted', status: 'False', reason: 'PluralConflict', message: 'taken' })],
    [],
    60_000,
    async (done) => {
      assert.is((await thrown(HealthError, done)).message, 'CustomResourceDefinition a.b: PluralConflict: taken');
    },
  ));

test('a timeout says what was seen last', async () => {
  assert.is(await late([]), 'CustomResourceDefinition a.b after N s: it is not there');
  assert.is(await late([definition()]), 'CustomResourceDefinition a.b after N s: is not Established yet');
});

test('a refusal stays one', () =>
  withClient(
    (_, response) => answer(response, 403, statusObject(403, 'Forbidden', 'no')),
    async (client) =>
      assert.is((await thrown(KubeApiError, waitEstablished(client, 'a.b', { timeoutMs: 5_000 }))).status, 403),
  ));

test.run();
