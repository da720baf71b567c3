// Registries: a real one without TLS, and a stand-in that wants tokens; no login goes where it should not.

import { type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { exec } from '../../../scripts/host/execa.ts';
import { parseReference } from '../../../scripts/support/registry/reference.ts';
import { specsAt } from '../../../scripts/support/registry/spec-artifact.ts';
import { registryBinary, startRegistry } from '../../e2e/registry.ts';
import { bundleOf, bundleSpec } from '../world.ts';

const test = suite('support/registry');

const { signal } = new AbortController();
const digestOf = (body: string): string => `sha256:${createHash('sha256').update(body).digest('hex')}`;

async function freePort(): Promise<number> {
  const server = createTcpServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Pushes an artifact as oras does. */
async function push(host: string, repository: string, tag: string, mediaType: string, text: string): Promise<void> {
  const upload = async (body: string): Promise<void> => {
    const started = await fetch(`http://${host}/v2/${repository}/blobs/uploads/`, { method: 'POST' });
    const at = new URL(started.headers.get('location') ?? '', `http://${host}`);
    at.searchParams.set('digest', digestOf(body));
    const done = await fetch(at, { method: 'PUT', body, headers: { 'content-type': 'application/octet-stream' } });
    assert.is(done.status, 201);
  };
  await upload('{}');
  await upload(text);
  const manifest = {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: { mediaType: 'application/vnd.oci.image.config.v1+json', digest: digestOf('{}'), size: 2 },
    layers: [{ mediaType, digest: digestOf(text), size: text.length }],
  };
  const answer = await fetch(`http://${host}/v2/${repository}/manifests/${tag}`, {
    method: 'PUT',
    body: JSON.stringify(manifest),
    headers: { 'content-type': manifest.mediaType },
  });
  assert.is(answer.status, 201, await answer.text());
}

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

if (registryBinary === undefined)
  test.skip('a real registry: there is no docker-registry on this machine', () => undefined);
else {
  const binary = registryBinary;
  test('a real registry: images that are there, that are not, and specs beside charts or by themselves', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'registry-test-'));
    const port = await freePort();
    const host = `127.0.0.1:${port}`;
    let child: ChildProcess | undefined;
    try {
      child = await startRegistry(binary, port, folder);
      const spec = bundleSpec('  collectors: [{clusterInfo: {}}]\n');
      await push(host, 'app/replicated-supportbundle', 'v1', 'replicated.supportbundle.spec', spec);
      await push(host, 'app/replicated-preflight', 'v1', 'replicated.preflight.spec', 'kind: Preflight');
      await push(host, 'own/spec', 'latest', 'application/yaml', 'kind: Redactor');
      const at = (address: string): Promise<string[]> => specsAt(address, { env: {}, signal });
      assert.equal(await at(`oci://${host}/app:v1`), [spec, 'kind: Preflight']);
      assert.equal(await at(`oci://${host}/own/spec`), ['kind: Redactor']);
      for (const none of ['nothing', 'app:v2'])
        await at(`oci://${host}/${none}`).then(
          () => assert.unreachable(),
          (error: unknown) => assert.match(String(error), 'holds no spec'),
        );

      const images = [`${host}/own/spec`, `${host}/own/spec:absent`, `${host}/nobody/knows:1`, 'not a name'];
      const closed = `127.0.0.1:${await freePort()}/a`;
      const list = JSON.stringify([...images, closed]);
      const { files } = await bundleOf(
        bundleSpec(
          `  collectors: [{registryImages: {images: ${list}}}]\n  hostCollectors: [{registryImages: {images: ${list}, collectorName: h}}]\n`,
        ),
        { host: { exec, env: {}, root: '/' } },
      );
      for (const path of ['registry/images.json', 'host-collectors/registry-images/h.json']) {
        const { images: found } = JSON.parse(files.get(path) ?? '{}') as {
          images: Record<string, { exists: boolean; error?: string }>;
        };
        assert.equal(found[images[0] ?? ''], { exists: true }, path);
        assert.equal(found[images[1] ?? ''], { exists: false }, path);
        assert.is(found[images[2] ?? '']?.exists, false);
        assert.match(found['not a name']?.error ?? '', 'is no name of an image');
        assert.match(found[closed]?.error ?? '', 'ECONNREFUSED');
      }
    } finally {
      child?.kill('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    }
  });
}

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
