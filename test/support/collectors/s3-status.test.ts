// s3Status: where a bucket is asked for, and what counts as connected.

import { createServer } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { s3Status } from '../../../scripts/support/collectors/s3-status.ts';
import { certificate } from '../../doubles/certificates.ts';
import { runCollector } from './running.ts';

const test = suite('support/collectors/s3-status');

interface Seen {
  method: string | undefined;
  url: string | undefined;
  host: string | undefined;
  authorization: string | undefined;
}

async function serving(status: number, use: (endpoint: string, seen: Seen[]) => Promise<void>): Promise<void> {
  const seen: Seen[] = [];
  const server = createServer(({ method, url, headers: { host, authorization } }, response) => {
    seen.push({ method, url, host, authorization });
    response.writeHead(status).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    await use(`http://localhost:${(server.address() as AddressInfo).port}`, seen);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

const resultOf = async (spec: Record<string, unknown>): Promise<Record<string, unknown>> => {
  const { files } = await runCollector(s3Status, spec);
  return JSON.parse(files['s3Status/s3Status.json'] ?? '{}') as Record<string, unknown>;
};

const KEYS = { accessKeyID: 'AK', secretAccessKey: 'SK' };

test('by path below the endpoint, or as a part of the host', async () => {
  await serving(200, async (endpoint, seen) => {
    for (const base of [endpoint, `${endpoint}/`, `${endpoint}/store/`]) {
      const result = await resultOf({ ...KEYS, bucketName: 'a b', endpoint: base, usePathStyle: 'true' });
      assert.is(result['isConnected'], true, base);
    }
    assert.equal(
      seen.map(({ method, url }) => `${method} ${url}`),
      ['HEAD /a%20b', 'HEAD /a%20b', 'HEAD /store/a%20b'],
    );
  });
  const apart = await resultOf({ ...KEYS, bucketName: 'data', endpoint: 'http://nowhere.invalid' });
  assert.match(String(apart['error']), 'data.nowhere.invalid');
});

test('the region is that of the spec; answers of 300 and more are no connection', async () => {
  await serving(300, async (endpoint, seen) => {
    const spec = { ...KEYS, bucketName: 'b', endpoint, region: 'eu-west-3', usePathStyle: true };
    assert.equal(await resultOf(spec), {
      bucketName: 'b',
      endpoint,
      region: 'eu-west-3',
      isConnected: false,
      error: 'the bucket "b" answered 300',
    });
    assert.match(seen[0]?.authorization ?? '', /Credential=AK\/\d+\/eu-west-3\/s3\//);
  });
  await serving(299, async (endpoint) => {
    assert.is((await resultOf({ bucketName: 'b', endpoint, usePathStyle: true }))['isConnected'], true);
  });
});

test('an endpoint that is no address of the web is refused, and said', async () => {
  for (const endpoint of ['not an address', 'ftp://x.invalid']) {
    const { files, notes } = await runCollector(
      s3Status,
      { bucketName: 'b', endpoint, collectorName: 'n' },
      { suffix: '-2' },
    );
    assert.match(files['s3Status/n-2.json'] ?? '', 'is no address');
    assert.equal(notes, [`not connected: "${endpoint}" is no address`]);
  }
  assert.is(s3Status.claim({ spec: {} } as never, ''), 's3Status/s3Status.json');
});

test('a certificate that nobody knows is trusted only where the spec says so', async () => {
  const server = createSecureServer(certificate(), (_request, response) => response.end());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const endpoint = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const connected = async (more: object): Promise<unknown> =>
    (await resultOf({ bucketName: 'b', endpoint, usePathStyle: true, ...more }))['isConnected'];
  assert.is(await connected({}), false);
  assert.is(await connected({ insecure: false }), false);
  assert.is(await connected({ insecure: true }), true);
  server.closeAllConnections();
  server.close();
});

test('a run that is stopped is no result', async () => {
  const signal = AbortSignal.abort(new Error('stopped'));
  await runCollector(s3Status, { bucketName: 'b', endpoint: 'http://127.0.0.1:9' }, { signal }).then(
    () => assert.unreachable(),
    (error: unknown) => assert.is((error as Error).message, 'stopped'),
  );
});

test.run();
