// Local charts that need others: what they lack is found, fetched and added to a copy; the folder itself stays as it is.

import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { runSteps } from '../../../../scripts/engine/run.ts';
import { ConfigError } from '../../../../scripts/base/errors.ts';
import { readDependencies } from '../../../../scripts/services/helm/charts/dependencies.ts';
import { chartDigest } from '../../../../scripts/services/helm/charts/digest.ts';
import type { PreparedServices } from '../../../../scripts/services/helm/releases/prepare-releases.ts';
import { helmSteps } from '../../../../scripts/services/helm/releases/release-steps.ts';
import { thrown } from '../../../kube/helpers.ts';
import { type ChartRepo, fixtureChart, startChartRepo } from '../chart-repo.ts';
import { hasRegistry, startOciRegistry } from '../oci-registry.ts';
import { type Workshop, createWorkshop, helmPath } from '../workshop.ts';

interface Context {
  shop: Workshop;
  server: ChartRepo;
}

const depending = suite<Context>('charts: local ones that need others', undefined);
const test = helmPath !== undefined ? depending : depending.skip;
const testOci = helmPath !== undefined && hasRegistry ? depending : depending.skip;

depending.before.each(async (context) => {
  context.shop = createWorkshop();
  context.server = await startChartRepo(['web', 'bare']);
});
depending.after.each(async ({ shop, server }) => {
  shop.close();
  await server.close();
});

interface Needed {
  name: string;
  version?: string;
  repository?: string;
  alias?: string;
  condition?: string;
}

/** Writes a chart that needs others. */
function chart(shop: Workshop, name: string, dependencies: readonly Needed[], lock?: readonly Needed[]): string {
  const folder = join(shop.folder, name);
  const write = (file: string, text: string): void => {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text);
  };
  write('Chart.yaml', JSON.stringify({ apiVersion: 'v2', name, version: '0.1.0', dependencies }));
  write(
    'templates/own.yaml',
    `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: ${name}-own, labels: { of: ${name} } }\n`,
  );
  if (lock) write('Chart.lock', JSON.stringify({ dependencies: lock, digest: 'sha256:0' }));
  return folder;
}

const prepare = (shop: Workshop, folder: string, repos: object[] = []): Promise<PreparedServices> =>
  shop.prepare({ services: [{ name: 'it', chart: folder }], helm: { repos } });

/** Runs the steps that fetch; resolves with what is known afterwards. */
async function fetched(shop: Workshop, folder: string, repos: object[] = []): Promise<PreparedServices> {
  const services = await prepare(shop, folder, repos);
  const { env, exec } = shop;
  const { steps } = await helmSteps({
    services,
    surroundings: [],
    onRelease: () => undefined,
    client: () => {
      throw new Error('no cluster is needed for it');
    },
    cluster: 'none',
    kubeconfig: '/none',
    exec,
    tools: { env, exec, paths: { helm: helmPath ?? '' } },
  });
  const fetching = steps.filter(({ name }) => /^(repo|charts?)\//.test(name));
  assert.ok(fetching.length > 0, 'something is fetched');
  await runSteps(fetching, { pools: { download: 4, work: 2 } });
  return prepare(shop, folder, repos);
}

/** Titles of what the service makes; undefined where that is not known. */
const made = ({ facts }: PreparedServices): string[] | undefined =>
  facts
    .get('it')
    ?.made.map(({ title }) => title)
    .sort();

depending('a chart that has all it needs is taken as it is', async ({ shop }) => {
  const folder = chart(shop, 'full', [
    { name: 'a', version: '^1', repository: 'https://charts.example' },
    { name: 'a-b', version: '^1', repository: 'https://charts.example' },
    { name: 'c', version: '1', repository: '' },
  ]);
  for (const file of ['charts/a-v1.2.3.tgz', 'charts/a-b-1.0.0.tgz']) {
    mkdirSync(join(folder, 'charts'), { recursive: true });
    writeFileSync(join(folder, file), '');
  }
  mkdirSync(join(folder, 'charts/called-otherwise'));
  writeFileSync(join(folder, 'charts/called-otherwise/Chart.yaml'), 'name: c\n');
  assert.equal(await readDependencies(folder, []), { list: [], repos: [], problems: [] });
});

depending('what it lacks is found, by all forms of addresses, with the versions of the lock', async ({ shop }) => {
  chart(shop, 'inner', [{ name: 'deep', version: '1.0.0', repository: 'oci://registry.example/charts/' }]);
  const url = 'https://charts.example/stable';
  const asked = [
    { name: 'known', version: '^1', repository: `${url}/` },
    { name: 'aliased', version: '2.0.0', repository: '@mine' },
    { name: 'unnamed', version: '~3', repository: 'https://other.example:8443/some/charts' },
    { name: 'inner', version: '>=0', repository: 'file://../inner' },
  ];
  const lock = asked.map((one, at) => ({ ...one, version: ['1.9.0', '2.0.0', '3.0.4', '0.1.0'][at] ?? '' }));
  const found = await readDependencies(chart(shop, 'outer', asked, lock), [{ name: 'mine', url }]);
  assert.equal(found.problems, []);
  assert.equal(found.list, [
    { name: 'known', into: '', version: '1.9.0', ref: { kind: 'repo', repo: 'mine', name: 'known' } },
    { name: 'aliased', into: '', version: '2.0.0', ref: { kind: 'repo', repo: 'mine', name: 'aliased' } },
    {
      name: 'unnamed',
      into: '',
      version: '3.0.4',
      ref: { kind: 'repo', repo: 'other.example_8443_some_charts', name: 'unnamed' },
    },
    { name: 'inner', into: '', version: '0.1.0', ref: { kind: 'local', path: join(shop.folder, 'inner') } },
    {
      name: 'deep',
      into: 'charts/inner',
      version: '1.0.0',
      ref: { kind: 'oci', reference: 'oci://registry.example/charts/deep' },
    },
  ]);
  assert.equal(found.repos, [
    { name: 'other.example_8443_some_charts', url: 'https://other.example:8443/some/charts' },
  ]);
});

depending('what cannot be completed is refused before anything is made', async ({ shop }) => {
  const asked = [
    { name: 'homeless', version: '1' },
    { name: 'gone', version: '1', repository: 'file://../nowhere' },
    { name: 'aliased', version: '1', repository: 'alias:nobody' },
    { name: 'loop', version: '1', repository: 'file://../bad' },
  ];
  const folder = chart(shop, 'bad', asked);
  const refused = await thrown(ConfigError, prepare(shop, folder));
  assert.equal(
    refused.problems.map(({ where, message }) => `${where}: ${message.replaceAll(shop.folder, '')}`),
    [
      'services.0.chart: service "it": the chart in /bad needs "homeless", which its charts folder lacks, and which has no repository',
      'services.0.chart: service "it": the chart in /bad needs "gone", but there is no chart in /nowhere',
      'services.0.chart: service "it": the chart in /bad needs "aliased", but there is no repository alias:nobody',
      'services.0.chart: service "it": the chart in /bad needs itself',
    ],
  );
  const stale = chart(
    shop,
    'stale',
    [{ name: 'web', version: '^2', repository: 'https://charts.example' }],
    [{ name: 'web', version: '1.2.3', repository: 'https://charts.example' }],
  );
  const { problems } = await thrown(ConfigError, prepare(shop, stale));
  assert.match(
    problems[0]?.message ?? '',
    /stale\/Chart\.lock has another "web" than the chart; `helm dependency update` mends it$/,
  );
});

depending('a name that is no name of a chart writes nothing anywhere', async ({ shop, server }) => {
  const outside = join(shop.folder, 'outside');
  mkdirSync(outside);
  writeFileSync(join(outside, 'keys'), 'mine');
  const payload = chart(shop, 'payload', []);
  writeFileSync(join(payload, 'keys'), 'theirs');
  const up = '../'.repeat(12);
  const names = [
    `${up}${outside.slice(1)}`,
    '../x',
    '..',
    '.',
    '',
    'a/b',
    '/abs',
    'a\\b',
    'a b',
    'a\nb',
    'x'.repeat(300),
  ];
  for (const name of names) {
    const needed = [
      { name, version: '1.0.0', repository: 'file://../payload' },
      { name, version: '1.0.0', repository: server.url },
      { name, version: '1.0.0', repository: 'oci://registry.example/charts' },
    ];
    for (const apiVersion of ['v2', 'v1']) {
      const folder = chart(shop, 'evil', needed);
      if (apiVersion === 'v1') {
        writeFileSync(join(folder, 'Chart.yaml'), JSON.stringify({ apiVersion, name: 'evil', version: '0.1.0' }));
        writeFileSync(join(folder, 'requirements.yaml'), JSON.stringify({ dependencies: needed }));
      }
      const { problems } = await thrown(ConfigError, prepare(shop, folder));
      assert.is(problems.length, 3, name);
      for (const { message } of problems) assert.match(message, /which is no name of a chart$/);
    }
  }
  assert.equal(readdirSync(outside), ['keys']);
  assert.is(readFileSync(join(outside, 'keys'), 'utf8'), 'mine');
  assert.equal(server.requests, []);
});

depending('credentials in the address of a repository are refused without being shown', async ({ shop }) => {
  const repository = 'https://reader:hunter2pw@charts.example/stable';
  const strange = 'ftp://reader:hunter2pw@charts.example/stable';
  const folder = chart(shop, 'open', [
    { name: 'web', version: '1.0.0', repository },
    { name: 'bare', version: '1.0.0', repository: strange },
    { name: 'none', version: '1.0.0', repository: 'https://' },
  ]);
  const { message } = await thrown(ConfigError, prepare(shop, folder));
  assert.not.match(message, 'hunter2pw');
  assert.match(message, 'https://charts.example/stable with credentials in its address; those go into "username"');
  assert.match(message, 'no repository ftp://charts.example/stable');
  assert.match(message, 'no repository https://');
});

test('they are fetched into a copy, and looked for only once where the versions are exact', async ({
  shop,
  server,
}) => {
  chart(shop, 'side', []);
  const repository = server.url;
  const folder = chart(
    shop,
    'outer',
    [
      { name: 'web', version: '^1', repository },
      { name: 'side', version: '0.1.0', repository: 'file://../side' },
    ],
    [
      { name: 'web', version: '1.2.3', repository },
      { name: 'side', version: '0.1.0', repository: 'file://../side' },
    ],
  );
  const before = await chartDigest(folder);
  assert.is(made(await prepare(shop, folder)), undefined);
  const services = await fetched(shop, folder);
  const titles = [
    'ConfigMap default/outer-own',
    'ConfigMap default/side-own',
    'Deployment default/it',
    // Its pods.
    'Deployment default/it',
    'Secret default/it',
    'Service default/it',
  ];
  assert.equal(made(services), titles);
  assert.is(await chartDigest(folder), before, 'the folder is as it was');
  assert.not.ok(existsSync(join(folder, 'charts')));
  const built = services.list[0]?.chart;
  assert.ok(built);
  assert.ok(built.path.startsWith(shop.home.charts));
  assert.equal(readdirSync(join(built.path, 'charts')).sort(), ['side', 'web-1.2.3.tgz']);
  assert.equal(server.requests, ['GET /index.yaml 200', 'GET /charts/web-1.2.3.tgz 200']);

  writeFileSync(
    join(shop.folder, 'side/templates/more.yaml'),
    'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: more }\n',
  );
  const changed = await prepare(shop, folder);
  assert.equal(made(changed), ['ConfigMap default/more', ...titles], 'a change of what it needs is a change of it');
  assert.is.not(changed.list[0]?.chart?.digest, built.digest);
});

test('what is released is what helm makes of a chart that it has completed itself', async ({ shop, server }) => {
  chart(shop, 'side', []);
  const needed = [
    { name: 'web', version: '~1.2', repository: server.url, alias: 'front' },
    { name: 'web', version: '~1.2', repository: server.url, condition: 'second.enabled' },
    { name: 'side', version: '>=0', repository: 'file://../side' },
  ];
  const folder = chart(shop, 'outer', needed);
  const built = await fetched(shop, folder, [{ name: 'local', url: server.url }]);
  assert.is(built.list[0]?.chart, undefined);
  const copies = readdirSync(join(shop.home.charts, 'built'));
  assert.is(copies.length, 1);

  const home = join(shop.folder, 'users-helm');
  const env = { HELM_CACHE_HOME: home, HELM_CONFIG_HOME: home, HELM_DATA_HOME: home };
  const helm = async (...args: string[]): Promise<string> =>
    (await shop.exec({ file: helmPath ?? '', args, env })).stdout;
  await helm('dependency', 'update', folder);
  const theirs = await helm('template', 'it', folder);
  assert.match(theirs, '# Source: outer/charts/front/templates/web.yaml');
  assert.is(await helm('template', 'it', join(shop.home.charts, 'built', copies[0] ?? '', 'outer')), theirs);
});

test('without a lock the newest version that fits is looked for each time', async ({ shop, server }) => {
  const folder = chart(shop, 'outer', [{ name: 'web', version: '^1', repository: '@local' }]);
  const repos = [{ name: 'local', url: server.url }];
  assert.is(made(await fetched(shop, folder, repos)), undefined, 'which one it is, only the index knows');
  server.publish([{ folder: fixtureChart('web'), version: '1.9.0' }]);
  await fetched(shop, folder, repos);
  assert.equal(server.requests, [
    'GET /index.yaml 200',
    'GET /charts/web-1.2.3.tgz 200',
    'GET /index.yaml 200',
    'GET /charts/web-1.9.0.tgz 200',
  ]);
});

test('a repository of the settings lends its credentials', async ({ shop, server }) => {
  server.trouble.credentials = 'reader:correct-horse-battery';
  writeFileSync(join(shop.folder, 'user'), 'reader');
  writeFileSync(join(shop.folder, 'password'), 'correct-horse-battery\n');
  const folder = chart(shop, 'outer', [{ name: 'web', version: '1.2.3', repository: server.url }]);
  const repo = { name: 'local', url: server.url, username: { file: 'user' }, password: { file: 'password' } };
  assert.equal(made(await fetched(shop, folder, [repo]))?.length, 5);
  for (const { args, env } of shop.runs) assert.not.match(JSON.stringify([args, env]), 'correct-horse');
});

testOci('they come from OCI registries too', async ({ shop }) => {
  const registry = await startOciRegistry();
  try {
    registry.push(helmPath ?? '', fixtureChart('web'));
    const repository = `oci://${registry.host}/charts`;
    const folder = chart(shop, 'outer', [{ name: 'web', version: '1.2.3', repository }]);
    assert.equal(made(await fetched(shop, folder))?.length, 5);
  } finally {
    await registry.close();
  }
});

depending.run();
