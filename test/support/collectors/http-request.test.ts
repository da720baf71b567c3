// http: what is sent, and what of the answer is kept; a failure is an answer too.

import { createServer } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { hostHttp, http } from '../../../scripts/support/collectors/http-request.ts';
import { certificate } from '../../doubles/certificates.ts';
import { runCollector } from './running.ts';

const test = suite('support/collectors/http-request');

interface Seen {
  method: string | undefined;
  url: string | undefined;
  body: string;
  header: string | undefined;
}

async function serving(use: (origin: string, seen: Seen[]) => Promise<void>, tls = false): Promise<void> {
  const seen: Seen[] = [];
  const listener: Parameters<typeof createServer>[1] = (request, response) => {
    let body = '';
    request.setEncoding('utf8');
    request.on('data', (chunk: string) => (body += chunk));
    request.on('end', () => {
      seen.push({ method: request.method, url: request.url, body, header: request.headers['x-own']?.toString() });
      if (request.url === '/silent') return;
      response.writeHead(request.url === '/json' ? 200 : 503, { 'content-type': 'a/b', 'x-two': ['1', '2'] });
      response.end(request.url === '/json' ? '{"a":1}' : 'no');
    });
  };
  const { cert, key } = certificate();
  const server = tls ? createSecureServer({ cert, key }, listener) : createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  try {
    await use(`${tls ? 'https' : 'http'}://127.0.0.1:${port}`, seen);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

interface Result {
  response?: { status: number; body: string; headers: Record<string, string>; raw_json: unknown };
  error?: { message: string };
}

async function resultOf(spec: Record<string, unknown>, env: Record<string, string> = {}): Promise<Result> {
  const { files } = await runCollector(hostHttp, spec, { host: { env } });
  return JSON.parse(files['host-collectors/http/result.json'] ?? '{}') as Result;
}

test('get, post and put with their headers; a body only where there may be one', async () => {
  await serving(async (origin, seen) => {
    const get = await resultOf({ get: { url: `${origin}/json`, headers: { 'x-own': 7 }, body: 'ignored' } });
    const { status, body, raw_json: value, headers = {} } = get.response ?? {};
    assert.equal([status, body, value], [200, '{"a":1}', { a: 1 }]);
    assert.equal([headers['Content-Type'], headers['X-Two']], ['a/b', '1,2']);
    const post = await resultOf({ post: { url: `${origin}/x`, body: 'text' } });
    assert.equal([post.response?.status, post.response?.raw_json], [503, null]);
    await resultOf({ put: { url: `${origin}/y`, body: '' } });
    assert.equal(
      seen.map(({ method, url, body, header }) => [method, url, body, header]),
      [
        ['GET', '/json', '', '7'],
        ['POST', '/x', 'text', undefined],
        ['PUT', '/y', '', undefined],
      ],
    );
  });
});

test('what gives no answer in its time, or at all, is an error in the file, and a problem', async () => {
  await serving(async (origin) => {
    const { files, problems } = await runCollector(http, {
      name: 'n',
      get: { url: `${origin}/silent`, timeout: '50ms' },
    });
    const { error } = JSON.parse(files['n/result.json'] ?? '{}') as Result;
    assert.match(error?.message ?? '', /timeout|aborted/i);
    assert.equal(problems, [error?.message]);
  });
  assert.match((await resultOf({ get: { url: 'http://127.0.0.1:1/' } })).error?.message ?? '', /ECONNREFUSED/);
});

test('neither of the three is no request', async () => {
  for (const spec of [{}, { get: null }, { delete: { url: 'http://127.0.0.1:1/' } }])
    await resultOf(spec).then(
      () => assert.unreachable(),
      (error: unknown) => assert.match((error as Error).message, 'it needs get, post or put'),
    );
});

test('TLS: the authority of the spec, or none that is asked for; else a stranger is not trusted', async () => {
  await serving(async (origin) => {
    const url = `${origin}/json`;
    assert.ok((await resultOf({ get: { url } })).error);
    assert.is((await resultOf({ get: { url, insecureSkipVerify: true } })).response?.status, 200);
    assert.is((await resultOf({ get: { url, tls: { cacert: certificate().cert } } })).response?.status, 200);
    assert.match(
      (await resultOf({ get: { url, tls: { cacert: '/no/such/file' } } })).error?.message ?? '',
      '/no/such/file',
    );
  }, true);
});

test('a proxy: that of the spec before that of the environment; an empty one is none', async () => {
  await serving(async (origin) => {
    const get = { url: `${origin}/json` };
    assert.is((await resultOf({ get }, { HTTPS_PROXY: '' })).response?.status, 200);
    assert.match((await resultOf({ get }, { HTTPS_PROXY: 'http://127.0.0.1:1' })).error?.message ?? '', /ECONNREFUSED/);
    const own = await resultOf({ get: { ...get, proxy: 'http://127.0.0.1:1' } }, { HTTPS_PROXY: '' });
    assert.match(own.error?.message ?? '', /ECONNREFUSED/);
  });
});

test('the file is named by the collector, for the cluster and for the host', async () => {
  const item = { spec: { name: 'a', collectorName: 'b' } } as never;
  assert.is(http.claim(item, ''), 'a/b.json');
  assert.is(hostHttp.claim(item, ''), 'host-collectors/http/b.json');
  const { files } = await runCollector(
    http,
    { name: 'a', collectorName: 'b', get: { url: 'http://127.0.0.1:1' } },
    { suffix: '-2' },
  );
  assert.equal(Object.keys(files), ['a/b-2.json']);
});

test.run();
