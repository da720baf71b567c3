// Whatever a cluster answers, what it was given in confidence is not repeated: not in a status, a log, a record or on the page.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { answer, statusObject } from '../../doubles/kube-server.ts';
import { startSpokes } from '../../doubles/spokes.ts';
import { makeItem } from '../../../scripts/fleet/desired/item.ts';
import { credentialsOf, redactorFor, secretValuesOf } from '../../../scripts/fleet/pass/secret-values.ts';
import { cluster, fleetOf, selectorSet, syncOne } from '../world.ts';

const test = suite('fleet/pass/secret-values');

const [TOKEN, PLAIN, MAPPED] = ['token-of-a-cluster-0815', 'a value of a resource', 'mapped-and-confidential'];
const base64 = (text: string): string => Buffer.from(text).toString('base64');

const set = selectorSet('secrets', {
  resources: [
    { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'own', namespace: 'default' }, stringData: { key: PLAIN } },
  ],
  secretMappings: [{ sourceRef: { name: 'from', namespace: 'hub' }, targetRef: { name: 'to', namespace: 'default' } }],
});
const other = selectorSet('zz-other', {
  secretMappings: set.secretMappings,
});

test('a server that repeats bodies and credentials in its errors is not repeated', async () => {
  const spokes = await startSpokes({
    intercept(_, { method, path, body, headers }, response) {
      if (method !== 'PATCH' || path.includes('kube-system')) return false;
      const plain = /"data":\{"\w+":"([^"]+)"/.exec(body)?.[1] ?? '';
      const text = `admission says no to ${body} (${Buffer.from(plain, 'base64').toString()}) by ${String(headers['authorization'])}`;
      answer(response, 422, statusObject(422, 'Invalid', text));
      return true;
    },
  });
  const target = cluster('echo', { ...spokes.connection, server: spokes.server('echo'), token: TOKEN });
  const secrets = { 'hub/from': { data: { password: base64(MAPPED) } } };
  const { result, reason } = await syncOne(fleetOf([set, other], [target], { secrets }));
  await spokes.close();
  const messages = result.sets.map(({ message }) => message ?? '');
  assert.is(messages.length, 2);
  for (const message of messages) assert.match(message, /admission says no to/);
  assert.match(reason ?? '', /admission says no to/);
  const shown = JSON.stringify([result, reason]);
  for (const secret of [TOKEN, PLAIN, MAPPED]) {
    assert.not.match(shown, secret);
    assert.not.match(shown, base64(secret).slice(0, 16));
  }
});

test('what is secret: contents of Secrets from four characters on, and credentials', () => {
  const itemOf = (object: object) =>
    makeItem(
      { apiVersion: 'v1', metadata: { name: 'a' }, ...object },
      { behavior: 'Apply', owners: [], recreate: false },
    );
  const items = [
    itemOf({ kind: 'Secret', data: { a: base64('1234'), b: base64('123') }, stringData: { c: 'plain', d: 'abc' } }),
    itemOf({ kind: 'ConfigMap', data: { a: 'open' } }),
    itemOf({ kind: 'Secret' }),
  ];
  assert.equal(secretValuesOf(items), ['1234', 'plain']);
  const server = 'https://x';
  assert.equal(credentialsOf({ server, token: 't', clientKey: 'k' }), ['t', 'k']);
  assert.equal(credentialsOf({ server, token: '' }), []);
});

test('a text that may hold a value, in whichever form, is hidden; others cost no redactor', () => {
  const value = 'top "secret" value\nsecond line\nxyz';
  const held = [
    'says top "secret" value',
    JSON.stringify(value),
    encodeURIComponent(value),
    'second line alone',
    ...['', 'a', 'ab'].map((before) => base64(before + value)),
  ];
  for (const text of held) assert.ok(redactorFor(text, ['other', value]), text);
  for (const text of ['', 'top secret', 'second', 'xyz', base64('something else')])
    assert.is(redactorFor(text, [value]), undefined, text);
  assert.is(redactorFor('abc', ['abc']), undefined, 'too short to be one');
  assert.not.match(redactorFor('pass abcd', ['abcd'])?.text('pass abcd') ?? '', 'abcd');
  assert.is(redactorFor('x', []), undefined);
});

test.run();
