// Which addresses the charts of services come from, and what is said of those that do not answer.

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { checkChartSources, probeAddress } from '../../../scripts/cluster/doctor/chart-sources.ts';

const test = suite('cluster/doctor/chart-sources');

async function checked(
  charts: string[],
  own: object = {},
  broken: string[] = [],
): Promise<{ asked: string[]; rows: string[] }> {
  const asked: string[] = [];
  const settings = {
    services: charts.map((chart, at) => ({ name: `s${at}`, chart })),
    helm: { repos: [{ name: 'mine', url: 'https://charts.example/x/' }], plainHttp: [], ...own },
  };
  const findings = await checkChartSources(settings as never, (url) => {
    asked.push(url);
    return Promise.resolve(broken.some((part) => url.includes(part)) ? 'no answer' : undefined);
  });
  return { asked, rows: findings.map(({ status, name, detail }) => `${status} ${name}: ${detail}`) };
}

test('each source is asked once, and those that answer share a row', async () => {
  const { asked, rows } = await checked(['mine/a', 'mine/b', 'oci://ghcr.io/x/y', 'oci://docker.io/x/y']);
  assert.equal(asked, [
    'https://charts.example/x/index.yaml',
    'https://ghcr.io/v2/',
    'https://registry-1.docker.io/v2/',
  ]);
  assert.equal(rows, ['ok charts: helm repo mine, registry ghcr.io, registry docker.io: reached']);
});

test('one that does not answer has a row with the services that need it', async () => {
  const { rows } = await checked(['mine/a', 'oci://ghcr.io/x/y', 'mine/b'], {}, ['charts.example']);
  assert.equal(rows, ['ok charts: registry ghcr.io: reached', 'warn helm repo mine: no answer; needed for s0, s2']);
  assert.equal((await checked(['mine/a'], {}, ['charts'])).rows.length, 1);
});

test('neither what lies on the disk nor what this machine serves is asked', async () => {
  const local = [
    './chart',
    'oci://localhost:5000/x',
    'oci://localhost/x',
    'oci://reg.localhost:5000/x',
    'oci://127.0.0.1:5000/x',
  ];
  assert.equal(await checked(local), { asked: [], rows: [] });
  assert.equal((await checked(['oci://localhost.example/x', 'oci://example127.0/x'])).asked.length, 2);
});

test('plain HTTP for the registries that are named, with or without their port', async () => {
  assert.equal((await checked(['oci://reg.example:5000/x'], { plainHttp: ['reg.example:5000'] })).asked, [
    'http://reg.example:5000/v2/',
  ]);
  assert.equal((await checked(['oci://reg.example:5000/x'], { plainHttp: ['reg.example'] })).asked, [
    'http://reg.example:5000/v2/',
  ]);
  assert.equal((await checked(['oci://reg.example:5000/x'], { plainHttp: ['reg.example:1'] })).asked, [
    'https://reg.example:5000/v2/',
  ]);
});

test('a registry that wants a password is reached, a repository without an index is not', async () => {
  const server = createServer((request, response) => {
    response.writeHead(request.url === '/ok/index.yaml' ? 200 : 401).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const ended = new AbortController();
  const probe = probeAddress({}, ended.signal);
  assert.is(await probe(`${base}/ok/index.yaml`), undefined);
  assert.is(await probe(`${base}/v2/`), undefined);
  assert.type(await probe(`${base}/index.yaml`), 'string');
  await new Promise((resolve) => server.close(resolve));
  assert.type(await probe(`${base}/v2/`), 'string');
  ended.abort(new Error('enough'));
  assert.match(String(await probe(`${base}/v2/`).catch((error: unknown) => error)), /enough/);
});

test.run();
