// What a registry is sent and what is taken from it: tokens and their scopes, redirects, codes, and digests that hold.

import { createHash } from 'node:crypto';
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Credentials, RegistryClient } from '../../../scripts/support/registry/client.ts';

const test = suite('support/registry/client');

interface Seen {
  url: string;
  authorization: string | undefined;
  accept: string | undefined;
}

interface Registry {
  host: string;
  seen: Seen[];
  client: (credentials?: Credentials) => RegistryClient;
}

type Answer = (url: string, request: IncomingMessage, response: ServerResponse) => void;

async function withRegistry(answer: Answer, use: (registry: Registry) => Promise<void>): Promise<void> {
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    const { url = '', headers } = request;
    if (url === '/v2/') {
      response.end();
      return;
    }
    seen.push({ url, authorization: headers.authorization, accept: headers.accept });
    answer(url, request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { signal } = new AbortController();
  try {
    await use({ host, seen, client: (credentials) => new RegistryClient(host, { env: {}, signal, credentials }) });
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

const message = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => '',
    (error: unknown) => (error as Error).message,
  );

test('a token is asked for once for each repository, with the login, and its scope', async () => {
  const answer: Answer = (url, { headers }, response) => {
    if (url.startsWith('/token')) response.end(JSON.stringify({ access_token: 't1' }));
    else if (headers.authorization === 'Bearer t1') response.end('{}');
    else
      response
        .writeHead(401, { 'www-authenticate': `Bearer realm="http://${headers.host ?? ''}/token",service="reg"` })
        .end();
  };
  await withRegistry(answer, async ({ seen, client }) => {
    const own = client({ username: 'u', password: 'p' });
    assert.is((await own.manifest('a/b', 'v1')).status, 200);
    assert.is((await own.manifest('a/b', 'v2')).status, 200);
    const basic = `Basic ${Buffer.from('u:p').toString('base64')}`;
    assert.equal(
      seen.map(({ url, authorization }) => [url, authorization]),
      [
        ['/v2/a/b/manifests/v1', undefined],
        ['/token?service=reg&scope=repository%3Aa%2Fb%3Apull', basic],
        ['/v2/a/b/manifests/v1', 'Bearer t1'],
        ['/v2/a/b/manifests/v2', 'Bearer t1'],
      ],
    );
    assert.match(seen[0]?.accept ?? '', 'oci.image.index');
    seen.length = 0;
    await client().manifest('c', 'v1');
    assert.is(seen[1]?.authorization, undefined, 'nobody is logged in');
  });
});

test('what is no token, and challenges that cannot be met', async () => {
  let token = '{"token":7}';
  let status = 200;
  let challenge = (host: string): string => `Bearer realm="http://${host}/token"`;
  const answer: Answer = (url, { headers }, response) => {
    if (url.startsWith('/token')) response.writeHead(status).end(token);
    else response.writeHead(401, { 'www-authenticate': challenge(headers.host ?? '') }).end();
  };
  await withRegistry(answer, async ({ host, client, seen }) => {
    const asked = (): Promise<string> => message(client().manifest('a', 'v'));
    assert.is(await asked(), `${host} gave no token`);
    assert.is(seen.at(-1)?.url, '/token?scope=repository%3Aa%3Apull', 'no service is named');
    token = '{"token":"t"}';
    assert.is(await asked(), '', 'the second 401 is the answer');
    status = 403;
    assert.is(await asked(), `${host} answered 403 when asked for a token`);
    challenge = () => 'Basic realm="x"';
    assert.is(await asked(), `${host} wants a login`);
    challenge = () => 'Digest realm="http://x.invalid"';
    assert.is(await asked(), `${host} refuses access`);
    challenge = () => 'Bearer realm="no address"';
    assert.is(await asked(), `${host} refuses access`);
    challenge = () => 'Bearer realm="ftp://x.invalid/t"';
    assert.match(await asked(), 'for a token, which is not safe');
  });
});

test('codes of an error, and none where there are none', async () => {
  const bodies = [
    '{"errors":[{"code":"A"},{"code":7},null,{"code":"B"}]}',
    '{"errors":"x"}',
    'no json',
    '{"errors":[{"code":"A"}]}',
  ];
  let at = 0;
  const answer: Answer = (_url, _request, response) => {
    response.writeHead(at === 3 ? 200 : 400).end(bodies[at++]);
  };
  await withRegistry(answer, async ({ client }) => {
    const codes = async (): Promise<readonly string[]> => (await client().manifest('a', 'v')).codes;
    assert.equal([await codes(), await codes(), await codes(), await codes()], [['A', 'B'], [], [], []]);
  });
});

test('redirects: a login stays with its host, and they end', async () => {
  const elsewhere: Seen[] = [];
  const other = createServer((request, response) => {
    const { authorization, accept } = request.headers;
    elsewhere.push({ url: request.url ?? '', authorization, accept });
    response.end('blob');
  });
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const { port } = other.address() as AddressInfo;
  const digest = `sha256:${createHash('sha256').update('blob').digest('hex')}`;
  const answer: Answer = (url, { headers }, response) => {
    if (headers.authorization === undefined) response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end();
    else if (url.includes('loop')) response.writeHead(302, { location: url }).end();
    else if (url.includes('near')) response.writeHead(307, { location: '/v2/far/blobs/x' }).end();
    else if (url.includes('nowhere')) response.writeHead(304).end();
    else if (/code-\d/.test(url))
      response.writeHead(Number(/code-(\d+)/.exec(url)?.[1]), { location: '/v2/far/blobs/x' }).end();
    else response.writeHead(302, { location: `http://127.0.0.1:${port}/x` }).end();
  };
  await withRegistry(answer, async ({ host, client, seen }) => {
    const own = client({ username: 'u', password: 'p' });
    assert.is((await own.blob('near', digest, 100)).toString(), 'blob');
    assert.ok(seen.at(-1)?.authorization, 'the same host still gets it');
    assert.equal(elsewhere, [{ url: '/x', authorization: undefined, accept: '*/*' }]);
    assert.is(await message(own.manifest('loop', 'v')), `${host} redirects without an end`);
    assert.is((await own.manifest('nowhere', 'v')).status, 304);
    for (const code of [201, 299, 400, 404])
      assert.is((await own.manifest(`code-${code}`, 'v')).status, code, 'no redirect');
    for (const code of [300, 399]) assert.is((await own.manifest(`code-${code}`, 'v')).status, 200, 'followed');
  });
  other.closeAllConnections();
  other.close();
});

test('a blob is what its digest says, and no longer than asked for', async () => {
  const answer: Answer = (url, _request, response) =>
    void response.writeHead(url.includes('gone') ? 404 : 200).end('blob');
  await withRegistry(answer, async ({ host, client }) => {
    const digest = `sha256:${createHash('sha256').update('blob').digest('hex')}`;
    assert.is((await client().blob('a', digest, 4)).toString(), 'blob');
    assert.match(await message(client().blob('a', digest, 3)), `an answer of ${host} is not read: it is larger than`);
    const wrong = `sha256:${'0'.repeat(64)}`;
    assert.is(await message(client().blob('a', wrong, 100)), `${host} sent something else than ${wrong}`);
    assert.is(await message(client().blob('gone', digest, 100)), `${host} answered 404 for ${digest}`);
  });
});

test('a registry that is not there is named, with the reason', async () => {
  const { signal } = new AbortController();
  const client = new RegistryClient('127.0.0.1:1', { env: {}, signal, credentials: undefined });
  assert.match(await message(client.manifest('a', 'v')), /^127\.0\.0\.1:1 cannot be reached: .*ECONNREFUSED/);
});

test.run();
