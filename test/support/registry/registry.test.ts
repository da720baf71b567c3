// Registries: their names, and a stand-in that wants tokens; no login goes where it should not.

import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { exec } from '../../../scripts/host/execa.ts';
import { parseReference } from '../../../scripts/support/registry/reference.ts';
import { bundleOf, bundleSpec } from '../world.ts';

const test = suite('support/registry');

test('references: what names leave out, digests, ports, and what is no name', () => {
  const of = (image: string): string => Object.values(parseReference(image)).join(' ');
  assert.is(of('nginx'), 'registry-1.docker.io docker.io library/nginx latest');
  assert.is(of('docker.io/a/b:1'), 'registry-1.docker.io docker.io a/b 1');
  assert.is(of('localhost:5000/a/b:v1.2'), 'localhost:5000 localhost:5000 a/b v1.2');
  const digest = `sha256:${'a'.repeat(64)}`;
  assert.is(of(`ghcr.io/a/b:x@${digest}`), `ghcr.io ghcr.io a/b ${digest}`);
  for (const bad of ['', 'A/B', 'a b', 'a/../b', 'ghcr.io/a:b/c', 'a@sha256:12', 'x.io/a?b', 'user:pw@x.io/a', '../a'])
    assert.throws(() => parseReference(bad), /is no name of an image/, bad);
});

/** A registry that wants a token, and what it was asked with. */
async function withTokens(
  use: (host: string, seen: { url: string; authorization: string | undefined }[]) => Promise<void>,
  realmOf: (host: string) => string = (host) => `http://${host}/token`,
): Promise<void> {
  const seen: { url: string; authorization: string | undefined }[] = [];
  const handle = (request: IncomingMessage, response: ServerResponse): void => {
    const { authorization } = request.headers;
    const url = request.url ?? '';
    seen.push({ url, authorization });
    const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    if (url.startsWith('/token')) {
      const good = authorization === `Basic ${Buffer.from('ann:s3cret').toString('base64')}`;
      response.writeHead(good ? 200 : 401).end(JSON.stringify({ token: 'T' }));
    } else if (authorization === 'Bearer T') response.writeHead(200).end('{"layers":[]}');
    else response.writeHead(401, { 'www-authenticate': `Bearer realm="${realmOf(host)}",service="reg"` }).end('{}');
  };
  const server = createServer(handle);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    await use(`127.0.0.1:${(server.address() as AddressInfo).port}`, seen);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

const imagesSpec = (image: string, config: object): string => {
  const data = Buffer.from(JSON.stringify(config)).toString('base64');
  return bundleSpec(
    `  collectors: [{registryImages: {images: ["${image}"], imagePullSecret: {name: x, type: kubernetes.io/dockerconfigjson, data: {.dockerconfigjson: ${data}}}}}]\n`,
  );
};

test('the login of the pull secret gets a token, and is for its own registry only', async () => {
  await withTokens(async (host, seen) => {
    const auth = Buffer.from('ann:s3cret').toString('base64');
    const options = { host: { exec, env: {}, root: '/' } };
    const { files } = await bundleOf(imagesSpec(`${host}/a/b:1`, { auths: { [host]: { auth } } }), options);
    assert.match(files.get('registry/images.json') ?? '', '"exists": true');
    const token = seen.find(({ url }) => url.startsWith('/token'));
    assert.is(token?.url, '/token?service=reg&scope=repository%3Aa%2Fb%3Apull');
    seen.length = 0;
    const other = await bundleOf(imagesSpec(`${host}/a/b:1`, { auths: { 'other.io': { auth } } }), options);
    assert.match(other.files.get('registry/images.json') ?? '', 'answered 401 when asked for a token');
    assert.not.ok(seen.some(({ authorization }) => authorization?.startsWith('Basic')));
  });
});

test('a registry that sends to a strange place for the token gets no login', async () => {
  const auth = Buffer.from('ann:s3cret').toString('base64');
  for (const realm of ['ftp://elsewhere/token', 'not an address', 'file:///etc/passwd'])
    await withTokens(
      async (host, seen) => {
        const { files } = await bundleOf(imagesSpec(`${host}/a/b:1`, { auths: { [host]: { auth } } }), {
          host: { exec, env: {}, root: '/' },
        });
        assert.match(files.get('registry/images.json') ?? '', /not safe|refuses access/);
        assert.not.ok(seen.some(({ authorization }) => authorization?.startsWith('Basic')));
      },
      () => realm,
    );
});

test.run();
