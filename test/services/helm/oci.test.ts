// Charts of an OCI registry, pulled from a real one by the real helm.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ServicesError } from '../../../scripts/base/errors.ts';
import { cachedChart, fetchChart } from '../../../scripts/services/helm/charts/fetch-chart.ts';
import type { LocalChart, Service } from '../../../scripts/services/helm/service.ts';
import { thrown } from '../../kube/helpers.ts';
import { fixtureChart } from './chart-repo.ts';
import { type OciRegistry, USER, hasRegistry, startOciRegistry } from './oci-registry.ts';
import { type Workshop, createWorkshop, helmPath, serviceOf } from './workshop.ts';

interface Context {
  shop: Workshop;
}

const oci = suite<Context>('charts: pulled from OCI registries', undefined);
const test = hasRegistry && helmPath !== undefined ? oci : oci.skip;

oci.before.each((context) => {
  context.shop = createWorkshop();
});
oci.after.each(({ shop }) => shop.close());

async function withRegistry(locked: boolean, use: (registry: OciRegistry) => Promise<void>): Promise<void> {
  const registry = await startOciRegistry(locked);
  try {
    registry.push(helmPath ?? '', fixtureChart('web'));
    await use(registry);
  } finally {
    await registry.close();
  }
}

const ofRegistry = ({ host }: OciRegistry, name: string, version?: string): Service =>
  serviceOf({ ref: { kind: 'oci', reference: `oci://${host}/charts/${name}` }, version });
const pull = (shop: Workshop, service: Service, context = shop.step()): Promise<LocalChart> =>
  fetchChart(service, undefined, shop, context);

test('a chart is pulled without a repository, and its exact version only once', async ({ shop }) => {
  await withRegistry(false, async (registry) => {
    const exact = ofRegistry(registry, 'web', '1.2.3');
    assert.is(await cachedChart(exact, undefined, shop.home), undefined);
    const context = shop.step();
    const chart = await pull(shop, exact, context);
    assert.equal(context.notes, ['web-1.2.3']);
    assert.equal(await cachedChart(exact, undefined, shop.home), chart);
    assert.is(await cachedChart(ofRegistry(registry, 'web', '1.2.4'), undefined, shop.home), undefined);
    assert.equal(await pull(shop, ofRegistry(registry, 'web')), chart, 'the newest where none is named');
    assert.equal(await pull(shop, ofRegistry(registry, 'web', '^1')), chart);
  });
});

test('a chart or a version that is not there: what helm says, and what to do', async ({ shop }) => {
  await withRegistry(false, async (registry) => {
    const version = await thrown(ServicesError, pull(shop, ofRegistry(registry, 'web', '9.9.9')));
    assert.match(version.message, /^oci:\/\/\S+\/charts\/web cannot be pulled: .*9\.9\.9.*not found/);
    assert.match(version.hint ?? '', 'See whether it is there in this version');
    const chart = await thrown(ServicesError, pull(shop, ofRegistry(registry, 'wob', '1.2.3')));
    assert.match(chart.message, /^oci:\/\/\S+\/charts\/wob cannot be pulled: .*not found/);
    const silent = { ...registry, host: '127.0.0.1:9' };
    const nobody = await thrown(ServicesError, pull(shop, ofRegistry(silent, 'web', '1.2.3')));
    assert.match(nobody.message, /127\.0\.0\.1:9\/charts\/web cannot be pulled: .*connection refused/);
  });
});

test('a locked registry is opened by what `docker login` has left', async ({ shop }) => {
  await withRegistry(true, async (registry) => {
    const service = ofRegistry(registry, 'web', '1.2.3');
    const refused = await thrown(ServicesError, pull(shop, service));
    assert.match(refused.message, /cannot be pulled: .*(401|unauthorized|basic credential not found)/i);
    assert.match(refused.hint ?? '', '`docker login` first');

    const auth = Buffer.from(`${USER.name}:${USER.password}`).toString('base64');
    mkdirSync(join(shop.folder, '.docker'));
    writeFileSync(join(shop.folder, '.docker/config.json'), JSON.stringify({ auths: { [registry.host]: { auth } } }));
    assert.match((await pull(shop, service)).path, /web-1\.2\.3\.tgz$/);
    for (const { args, env } of shop.runs) assert.not.match(JSON.stringify([args, env]), USER.password);
  });
});

test('registries of this machine and those that the settings name are asked without TLS', async ({ shop }) => {
  const plain = async (host: string, plainHttp: readonly string[] = []): Promise<boolean> => {
    const service = serviceOf({ ref: { kind: 'oci', reference: `oci://${host}/charts/web` }, version: '1.2.3' });
    await thrown(ServicesError, fetchChart(service, undefined, { ...shop, plainHttp }, shop.step()));
    return shop.runs.at(-1)?.args.includes('--plain-http') ?? false;
  };
  // Nothing listens on these ports.
  assert.is(await plain('127.0.0.1:9'), true);
  assert.is(await plain('k3d-dev.localhost:9'), true);
  assert.is(await plain('127.1.2.3.example.invalid:9'), false);
  assert.is(await plain('notlocalhost.invalid:9'), false);
  assert.is(await plain('registry.invalid:9', ['registry.invalid']), true);
  assert.is(await plain('registry.invalid:9', ['Registry.invalid:9']), true);
  assert.is(await plain('registry.invalid:9', ['registry.invalid:10']), false);
});

oci.run();
