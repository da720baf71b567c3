// Specs in registries: the artifacts of vendors before that of the address itself, and what is none of them.

import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { specsAt } from '../../../scripts/support/registry/spec-artifact.ts';

const test = suite('support/registry/spec-artifact');

const digestOf = (body: string): string => `sha256:${createHash('sha256').update(body).digest('hex')}`;
const SUPPORT = 'replicated.supportbundle.spec';
const PREFLIGHT = 'replicated.preflight.spec';

type Layer = readonly [mediaType: string | undefined, text: string, digest?: string];

/** The specs at `app:v1` of a registry with these artifacts; a number is the status of the answer. */
async function specs(
  artifacts: Readonly<Record<string, object | number>>,
  /** How what is not there is refused, instead of a 404. */
  refusal?: 'login' | 'token' | 'none',
): Promise<string> {
  const server = createServer(({ url = '', headers }, response) => {
    if (url === '/v2/') return response.end();
    if (url.startsWith('/token')) return response.writeHead(403).end('{}');
    const [, path, what, name = ''] = /^\/v2\/(.+)\/(manifests|blobs)\/(.+)$/.exec(url) ?? [];
    const artifact = artifacts[path ?? ''];
    if (refusal !== undefined && artifact === undefined) {
      const token = `Bearer realm="http://${headers.host ?? ''}/token"`;
      const challenge = { login: 'Basic realm="x"', token, none: '' }[refusal];
      return response.writeHead(401, { 'www-authenticate': challenge }).end('{}');
    }
    if (typeof artifact === 'number') return response.writeHead(artifact).end('{}');
    if (artifact === undefined || (what === 'manifests' && name !== 'v1')) return response.writeHead(404).end('{}');
    const layers = Array.isArray(artifact) ? (artifact as Layer[]) : [];
    if (what === 'blobs') return response.end(layers.find(([, text]) => digestOf(text) === name)?.[1]);
    const made = layers.map(([mediaType, text, digest = digestOf(text)]) => ({ mediaType, digest }));
    return response.end(JSON.stringify(Array.isArray(artifact) ? { layers: made } : artifact));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = `oci://127.0.0.1:${(server.address() as AddressInfo).port}/app:v1`;
  try {
    return (await specsAt(address, { env: {}, signal: new AbortController().signal })).join(' + ');
  } catch (error) {
    return `error: ${(error as Error).message.replaceAll(/127\.0\.0\.1:\d+/g, 'HOST')}`;
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

const NONE = 'error: HOST/app:v1 holds no spec, and neither does anything below it';

test('both artifacts below an address, and each alone', async () => {
  const both = {
    'app/replicated-supportbundle': [[SUPPORT, 's']],
    'app/replicated-preflight': [[PREFLIGHT, 'p']],
    app: [['application/yaml', 'own']],
  } as const;
  assert.is(await specs(both), 's + p');
  assert.is(await specs({ ...both, 'app/replicated-supportbundle': 404 }), 'p');
  assert.is(await specs({ ...both, 'app/replicated-preflight': 404 }), 's');
});

test('below an address only layers of its own kind; "denied" there means none, other answers are errors', async () => {
  const app: Layer[] = [['text/plain', 'own']];
  for (const below of [404, 401, 403, [], [['application/yaml', 'x']], [[PREFLIGHT, 'x']], [[undefined, 'x']]] as const)
    assert.is(await specs({ 'app/replicated-supportbundle': below, app }), 'own');
  for (const status of [400, 500])
    assert.is(
      await specs({ 'app/replicated-supportbundle': status, app }),
      `error: HOST answered ${status} for app/replicated-supportbundle:v1`,
    );
});

test('a registry whose token service refuses what does not exist is asked for the address itself all the same', async () => {
  for (const refusal of ['login', 'token', 'none'] as const) {
    assert.is(await specs({ app: [['text/plain', 'own']] }, refusal), 'own', refusal);
    assert.match(await specs({}, refusal), /^error: HOST (wants a login|answered 403 when asked|refuses access)/);
  }
});

test('of the address itself: layers of YAML, of text, and of either kind', async () => {
  for (const mediaType of ['application/yaml', 'application/vnd.x+yaml', 'text/plain', SUPPORT, PREFLIGHT])
    assert.is(await specs({ app: [[mediaType, 'own']] }), 'own', mediaType);
  for (const mediaType of ['application/json', 'text/html', undefined, ''])
    assert.is(await specs({ app: [[mediaType, 'own']] }), NONE);
  assert.is(
    await specs({
      app: [
        ['text/plain', 'a'],
        ['application/octet-stream', 'b'],
        [SUPPORT, 'c'],
      ],
    }),
    'a + c',
  );
});

test('nothing there, layers without a good digest, and refusals', async () => {
  assert.is(await specs({}), NONE);
  assert.is(await specs({ app: {} }), NONE);
  assert.is(await specs({ app: [['text/plain', 'own', 'sha256:12']] }), NONE);
  assert.is(await specs({ app: [['text/plain', 'own', '../../x']] }), NONE);
  assert.is(await specs({ app: 403 }), 'error: HOST answered 403 for app:v1');
});

test.run();
