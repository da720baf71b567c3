// Releases on a real control plane: charts of all origins, what counts as ready, and failures that helm takes back.

import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { chartDigest } from '../../scripts/services/helm/charts/digest.ts';
import { certificate } from '../doubles/certificates.ts';
import { type ChartRepo, fixtureChart, startChartRepo } from '../services/helm/chart-repo.ts';
import { hasRegistry, startOciRegistry } from '../services/helm/oci-registry.ts';
import { helmPath } from '../services/helm/workshop.ts';
import { type World, createWorld } from './hoist.ts';
import { SECRET, failuresOf, helm, listed, outcomes, up } from './services.ts';

interface Context {
  world: World;
  repo: ChartRepo;
}

const releases = suite<Context>('releases', undefined);
const testOci = hasRegistry && helmPath !== undefined ? releases : releases.skip;

releases.before(async (context) => {
  context.world = createWorld();
  context.repo = await startChartRepo(['web', 'bare']);
});
releases.after(async ({ world, repo }) => {
  await world.close();
  await repo.close();
});

releases('a locked repository, and a local chart that needs one of its charts', async ({ world, repo }) => {
  repo.trouble.credentials = `reader:${SECRET}`;
  world.write('reader', 'reader');
  const own = { name: 'local', url: repo.url, username: { file: '../reader' }, password: { env: 'SHOP_PASSWORD' } };
  const folder = join(world.folder, 'outer');
  mkdirSync(folder);
  const dependencies = [{ name: 'web', version: '^1', repository: '@local' }];
  writeFileSync(
    join(folder, 'Chart.yaml'),
    JSON.stringify({ apiVersion: 'v2', name: 'outer', version: '1.0.0', dependencies }),
  );
  const before = await chartDigest(folder);
  const list = [
    { name: 'shop', chart: 'local/web', namespace: 'apps' },
    { name: 'outer', chart: '../outer', namespace: 'apps' },
  ];
  const first = await up(world, list, { helm: { repos: [own] } });
  assert.is(first.code, 0, failuresOf(first));
  assert.equal(listed(world), { 'apps/outer': 'deployed 1', 'apps/shop': 'deployed 1' });
  assert.match(helm(world, 'get', 'manifest', 'outer', '-n', 'apps'), '# Source: outer/charts/web/templates/web.yaml');
  assert.is(await chartDigest(folder), before, 'the folder of the user is as it was');

  const again = await up(world, list, { helm: { repos: [own] } });
  assert.is(again.code, 0, failuresOf(again));
  assert.is(outcomes(again, 'release/outer')['release/outer'], 'unchanged');
  const all = [first, again].map(({ stdout, stderr }) => stdout + stderr).join('') + world.read('logs/runs.jsonl');
  assert.not.match(all, SECRET);
  assert.not.match(all, Buffer.from(`reader:${SECRET}`).toString('base64'));

  for (const folder of ['.config/helm', '.cache/helm', '.local/share/helm'])
    assert.not.ok(existsSync(join(world.folder, folder)), "the user's own helm is left alone");

  const wrong = await up(world, list, { helm: { repos: [{ ...own, password: { file: '../reader' } }] } });
  assert.is(wrong.code, 6, failuresOf(wrong));
  assert.match(failuresOf(wrong), 'the repository \\"local\\" cannot be used');
});

testOci('a chart of an OCI registry', async ({ world }) => {
  const registry = await startOciRegistry();
  try {
    registry.push(helmPath ?? '', fixtureChart('bare'));
    const bare = { name: 'bare', chart: `oci://${registry.host}/charts/bare`, version: '0.1.0', namespace: 'apps' };
    const first = await up(world, [bare]);
    assert.is(first.code, 0, failuresOf(first));
    assert.is(listed(world)['apps/bare'], 'deployed 1');
    registry.requests.length = 0;
    const again = await up(world, [bare]);
    assert.is(outcomes(again, 'release/bare')['release/bare'], 'unchanged');
    assert.equal(registry.requests, []);
  } finally {
    await registry.close();
  }
});

const never = (values: object, more: object = {}): object => ({
  name: 'never',
  chart: fixtureChart('never'),
  namespace: 'apps',
  timeout: '4s',
  atomic: true,
  values,
  ...more,
});

releases('atomic: a first release that fails is taken away again', async ({ world }) => {
  const ended = await up(world, [never({})]);
  assert.is(ended.code, 6, ended.stderr);
  assert.is(listed(world)['apps/never'], undefined);
  assert.match(
    failuresOf(ended),
    /service \\"never\\" is not ready.*Deployment apps\/never.*node affinity.*it was removed again/,
  );
});

releases('atomic: what helm itself fails at is taken away as well', async ({ world }) => {
  const hooked = { name: 'hooked', chart: fixtureChart('hooked'), namespace: 'apps', timeout: '2s', atomic: true };
  const ended = await up(world, [{ ...hooked, values: { hang: true } }]);
  assert.is(ended.code, 6, ended.stderr);
  assert.match(failuresOf(ended), /pre-install.*it was removed again/);
  assert.is(listed(world)['apps/hooked'], undefined);
});

releases('atomic: a change that fails is rolled back', async ({ world }) => {
  const good = await up(world, [never({ never: false })]);
  assert.is(good.code, 0, failuresOf(good));
  assert.is(listed(world)['apps/never'], 'deployed 1');
  const bad = await up(world, [never({ never: true })]);
  assert.is(bad.code, 6, bad.stderr);
  assert.match(failuresOf(bad), /Deployment apps\/never.*node affinity.*it was rolled back to revision 1/);
  assert.is(listed(world)['apps/never'], 'deployed 3');
  assert.match(helm(world, 'get', 'values', 'never', '-n', 'apps', '-o', 'json'), '"never":false');

  const refused = await up(world, [never({ never: false }, { ready: { url: 'http://127.0.0.1:1/' } })]);
  assert.is(refused.code, 6, refused.stderr);
  assert.is(listed(world)['apps/never'], 'deployed 5', 'what counts as ready counts here too');
});

releases('a webhook counts when a pod stands behind it and its authority is known', async ({ world }) => {
  const guard = (values: object): object => ({ name: 'guard', chart: fixtureChart('guard'), timeout: '2s', values });
  const embedded = { webhooks: true };
  const nobody = await up(world, [guard({ replicas: 0 })], { embedded });
  assert.is(nobody.code, 6, nobody.stderr);
  assert.match(failuresOf(nobody), 'default/guard: no pod stands behind it');
  assert.match(failuresOf(nobody), 'ValidatingWebhookConfiguration guard: no caBundle after 2 s');
  const ca = Buffer.from(certificate().cert).toString('base64');
  const answers = await up(world, [guard({ ca })], { embedded });
  assert.is(answers.code, 0, failuresOf(answers));
});

releases('an address counts when it answers well', async ({ world }) => {
  let status = 503;
  const server = createServer((_, response) => response.writeHead(status).end());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/healthz`;
    const bare = { name: 'addressed', chart: fixtureChart('bare'), timeout: '1s', ready: { url } };
    const late = await up(world, [bare]);
    assert.is(late.code, 6, late.stderr);
    assert.match(failuresOf(late), `${url} does not answer well after 1 s: status 503`);
    status = 204;
    const well = await up(world, [bare]);
    assert.is(well.code, 0, failuresOf(well));
    assert.is(outcomes(well, 'release/addressed')['release/addressed'], 'unchanged');
  } finally {
    server.close();
  }
});

releases.run();
