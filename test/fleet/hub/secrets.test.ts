// Secrets of a hub: read once in 30 s for all clusters, failures never kept.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { failureOf } from '../../failure.ts';
import { HubSecrets } from '../../../scripts/fleet/hub/secrets.ts';
import { type Script, refused, scriptedClient } from '../scripted.ts';

const secrets = suite('fleet/hub/secrets');

function hub(script: Script) {
  let time = 0;
  const { client, asked } = scriptedClient(script);
  const clock = { now: () => time, after: () => () => undefined, sleep: () => Promise.resolve() };
  return { secrets: new HubSecrets(client, clock), asked, at: (ms: number) => void (time = ms) };
}

secrets('what a Secret holds; undefined where there is none', async () => {
  const { secrets: some } = hub(() => ({
    body: { type: 'Opaque', data: { a: 'b' }, metadata: { labels: { l: '1' }, annotations: { x: '2' } } },
  }));
  assert.equal(await some.get('n', 'a'), {
    type: 'Opaque',
    data: { a: 'b' },
    labels: { l: '1' },
    annotations: { x: '2' },
  });
  const bare = hub(() => ({ body: {} })).secrets;
  assert.equal(await bare.get('n', 'a'), {
    type: undefined,
    data: undefined,
    labels: undefined,
    annotations: undefined,
  });
  assert.is(await hub(() => refused(404, 'gone')).secrets.get('n', 'a'), undefined);
});

secrets('is good for 30 s, each by its namespace and name', async () => {
  const { secrets: some, asked, at } = hub(() => ({ body: {} }));
  await some.get('n', 'a');
  at(29_999);
  await some.get('n', 'a');
  assert.equal(asked, ['GET /api/v1/namespaces/n/secrets/a']);
  await some.get('m', 'a');
  await some.get('n', 'b');
  assert.is(asked.length, 3);
  at(30_000);
  await some.get('n', 'a');
  assert.is(asked.length, 4);
  at(59_999);
  await some.get('n', 'a');
  assert.is(asked.length, 4);
});

secrets('a failure is thrown and not kept', async () => {
  const { secrets: some, asked } = hub((_, at) => (at === 0 ? refused(403, 'not allowed') : { body: {} }));
  assert.match(await failureOf(some.get('n', 'a')), 'not allowed');
  await some.get('n', 'a');
  assert.is(asked.length, 2);
});

for (const [namespace, name] of [
  ['n', '..'],
  ['n', '.'],
  ['n', ''],
  ['n', '../../kube-system/secrets/a'],
  ['..', 'a'],
] as const) {
  secrets(`${namespace}/${name} is never asked for: no Secret can have that name`, async () => {
    const { secrets: some, asked } = hub(() => ({ body: {} }));
    assert.match(await failureOf(some.get(namespace, name)), /can be no name of an object/);
    assert.equal(asked, []);
  });
}

secrets('what is no text is left out', async () => {
  const { secrets: some } = hub(() => ({
    body: { type: 5, data: { a: 'b', c: { d: 1 } }, metadata: { labels: 'x' } },
  }));
  assert.equal(await some.get('n', 'a'), { type: undefined, data: { a: 'b' }, labels: {}, annotations: undefined });
});

secrets.run();
