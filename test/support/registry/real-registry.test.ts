// A real registry without TLS: images, and specs beside charts or by themselves.

import { type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { exec } from '../../../scripts/host/execa.ts';
import { specsAt } from '../../../scripts/support/registry/spec-artifact.ts';
import { registryBinary, startRegistry } from '../../e2e/registry.ts';
import { bundleOf, bundleSpec } from '../world.ts';

const test = suite('support/registry: a real one');

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

test.run();
