// Indexes and charts over real HTTP: what is fetched again and what is not, what is refused, and where credentials go.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ConfigError, ServicesError } from '../../../../scripts/base/errors.ts';
import { cachedChart, fetchChart } from '../../../../scripts/services/helm/charts/fetch-chart.ts';
import { type Repo, refreshIndex } from '../../../../scripts/services/helm/charts/repos.ts';
import type { LocalChart, Service } from '../../../../scripts/services/helm/service.ts';
import { thrown } from '../../../kube/helpers.ts';
import { type ChartRepo, startChartRepo } from '../chart-repo.ts';
import { type Workshop, createWorkshop, serviceOf } from '../workshop.ts';

interface Context {
  shop: Workshop;
  server: ChartRepo;
}

const fetching = suite<Context>('charts: fetched from repositories', undefined);

fetching.before.each(async (context) => {
  context.shop = createWorkshop();
  context.server = await startChartRepo(['web', 'bare']);
});
fetching.after.each(async ({ shop, server }) => {
  shop.close();
  await server.close();
});

const repoOf = ({ url }: ChartRepo, more: Partial<Repo> = {}): Repo => ({ name: 'local', url, ...more });
const web = (more: Partial<Service> = {}): Service =>
  serviceOf({ name: 'shop', ref: { kind: 'repo', repo: 'local', name: 'web' }, ...more });

/** Looks at the index, then fetches the chart; resolves with it and all that was told. */
async function fetched(shop: Workshop, repo: Repo, service: Service): Promise<LocalChart & { told: string[] }> {
  const context = shop.step();
  await refreshIndex(repo, shop.home, shop.env, context);
  const chart = await fetchChart(service, repo, shop, context);
  return { ...chart, told: [...context.notes, ...context.warnings.map((text) => `warning: ${text}`)] };
}

fetching('an index that has not changed is not sent again, nor is a chart that is there', async ({ shop, server }) => {
  const first = await fetched(shop, repoOf(server), web());
  assert.equal(first.told, ['index of 652 B', 'web 1.2.3']);
  const second = await fetched(shop, repoOf(server), web());
  assert.equal(second, { ...first, told: ['unchanged, index of 652 B', 'web 1.2.3'] });
  assert.equal(server.requests, ['GET /index.yaml 200', 'GET /charts/web-1.2.3.tgz 200', 'GET /index.yaml 304']);
});

fetching('the newest version that is meant is taken', async ({ shop, server }) => {
  const folder = join(process.cwd(), 'test/fixtures/charts/web');
  server.publish(['1.3.0', '1.10.0', '2.0.0-rc.1', '1.9.1'].map((version) => ({ folder, version })));
  const versions = [undefined, '~1.3', '^1', '>=2.0.0-0', 'v1.9.1'];
  const charts = await Promise.all(
    versions.map(async (version) => (await fetched(shop, repoOf(server), web({ version }))).told.at(-1)),
  );
  assert.equal(charts, ['web 1.10.0', 'web 1.3.0', 'web 1.10.0', 'web 2.0.0-rc.1', 'web 1.9.1']);
  assert.ok(await cachedChart(web({ version: '1.10.0' }), repoOf(server), shop.home));
  const ranged = await cachedChart(web({ version: '^1' }), repoOf(server), shop.home);
  assert.is(ranged, undefined, 'which one a range means, the index says');
});

fetching('a registry of this machine is asked in plain HTTP, every other one is not', async ({ shop }) => {
  const asked: string[] = [];
  const tools = {
    ...shop,
    helm: () => Promise.resolve('helm'),
    exec: ({ args = [] }: { args?: readonly string[] }) => {
      asked.push(args.join(' '));
      return Promise.reject(new Error('asked'));
    },
  };
  const references = [
    'oci://127.0.0.1:5000/charts/web',
    'oci://localhost/web',
    'oci://ghcr.io/web',
    'oci://127.example/web',
  ];
  for (const reference of references) {
    const service = serviceOf({ name: 'shop', ref: { kind: 'oci', reference } });
    await fetchChart(service, undefined, tools as never, shop.step()).catch(() => undefined);
  }
  assert.equal(
    asked.map((line) => line.includes('--plain-http')),
    [true, true, false, false],
    asked.join('\n'),
  );
});

fetching('a repository unreachable: the index and the charts of last time serve on', async ({ shop, server }) => {
  const first = await fetched(shop, repoOf(server), web());
  await server.close();
  const second = await fetched(shop, repoOf(server), web());
  assert.is(second.path, first.path);
  assert.match(
    second.told.join('\n'),
    /^web 1\.2\.3\nwarning: http:\/\/127\.0\.0\.1:\d+ cannot be reached: .*; the index of last time serves on$/,
  );
});

fetching('a repository that is out of order serves on with the index of last time too', async ({ shop, server }) => {
  await fetched(shop, repoOf(server), web());
  server.trouble.status = 503;
  const { told } = await fetched(shop, repoOf(server), web());
  assert.match(told.join('\n'), /warning: \S+\/index\.yaml answered 503; the index of last time serves on$/);
});

fetching('a repository that is gone, and one that was never reached, are errors', async ({ shop, server }) => {
  await fetched(shop, repoOf(server), web());
  server.trouble.status = 404;
  const gone = await thrown(ServicesError, fetched(shop, repoOf(server), web()));
  assert.match(gone.message, /^the repository "local" cannot be used: \S+\/index\.yaml answered 404$/);
  const nowhere = { name: 'nowhere', url: 'http://127.0.0.1:9' };
  const never = await thrown(ServicesError, fetched(shop, nowhere, web()));
  assert.match(never.message, 'the repository "nowhere" cannot be used: http://127.0.0.1:9 cannot be reached');
  assert.match(never.hint ?? '', 'correct its address in helm.repos');
});

fetching('what is no index is refused, and the one of last time stays', async ({ shop, server }) => {
  const { path } = await fetched(shop, repoOf(server), web());
  const elsewhere = await startChartRepo([]);
  try {
    const login = repoOf(elsewhere, { url: `${elsewhere.url}/page` });
    elsewhere.trouble.page = '<html>Please log in</html>';
    const refused = await thrown(ServicesError, fetched(shop, login, web()));
    assert.match(refused.message, /\/page\/index\.yaml is no index of a chart repository$/);
  } finally {
    await elsewhere.close();
  }
  assert.is((await fetched(shop, repoOf(server), web())).path, path);
});

fetching('an archive with another checksum than the index says is refused, with both', async ({ shop, server }) => {
  server.trouble.damaged = true;
  const refused = await thrown(ServicesError, fetched(shop, repoOf(server), web()));
  assert.match(
    refused.message,
    /^the archive of web 1\.2\.3 from "local" has the wrong checksum:\nexpected sha256 [0-9a-f]{64}\n {5}got sha256 [0-9a-f]{64}$/,
  );
  const [expected, got] = [...refused.message.matchAll(/sha256 ([0-9a-f]{64})/g)].map(([, sum]) => sum);
  assert.is.not(expected, got);
  assert.is(await cachedChart(web({ version: '1.2.3' }), repoOf(server), shop.home), undefined, 'it is not kept');
  server.trouble.damaged = false;
  const { path, digest } = await fetched(shop, repoOf(server), web());
  assert.is(digest, expected);
  writeFileSync(path, 'changed on the disk');
  assert.is(
    (await fetched(shop, repoOf(server), web())).digest,
    expected,
    'what was changed meanwhile is fetched again',
  );
});

fetching('what the repository has is told where it has no such chart or version', async ({ shop, server }) => {
  const context = shop.step();
  const repo = repoOf(server);
  await refreshIndex(repo, shop.home, shop.env, context);
  const other = serviceOf({ name: 'shop', ref: { kind: 'repo', repo: 'local', name: 'weeb' } });
  const chart = await thrown(ConfigError, fetchChart(other, repo, shop, context));
  assert.is(chart.message, 'services.0.chart: service "shop": "local" has no chart "weeb"; it has "web"');
  const version = await thrown(ConfigError, fetchChart(web({ version: '^9' }), repo, shop, context));
  assert.match(version.message, 'services.0.version: service "shop": "local" has no version ^9 of "web"');
});

const PASSWORD = 'correct-horse-battery';

fetching('credentials go to the repository alone, and are written nowhere', async ({ shop, server }) => {
  server.trouble.credentials = `reader:${PASSWORD}`;
  const repo = repoOf(server, { username: 'reader', password: PASSWORD });
  const { told } = await fetched(shop, repo, web());
  assert.equal(told, ['index of 652 B', 'web 1.2.3']);
  assert.is(server.authorized, 2);
  const everything = shop.everything();
  assert.match(everything, 'repositories', 'it was looked through');
  for (const form of [PASSWORD, Buffer.from(`reader:${PASSWORD}`).toString('base64')])
    assert.not.match(everything, form);

  const elsewhere = await startChartRepo(['web'], `${server.url}/`);
  try {
    server.trouble.credentials = undefined;
    server.authorized = 0;
    elsewhere.trouble.credentials = `reader:${PASSWORD}`;
    await fetched(shop, { ...repo, name: 'other', url: elsewhere.url }, web());
    assert.equal([elsewhere.authorized, server.authorized], [1, 0], 'an index may point anywhere');
  } finally {
    await elsewhere.close();
  }
});

fetching(
  'wrong credentials are an error that says where they stand, even with an index of last time',
  async ({ shop, server }) => {
    await fetched(shop, repoOf(server), web());
    server.trouble.credentials = `reader:${PASSWORD}`;
    for (const more of [{}, { username: 'reader', password: 'of-yesterday' }]) {
      const refused = await thrown(ServicesError, fetched(shop, repoOf(server, more), web()));
      assert.match(refused.message, /^the repository "local" cannot be used: \S+\/index\.yaml answered 401$/);
      assert.match(refused.hint ?? '', 'Give "username" and "password" of "local" in helm.repos, or new ones');
      assert.not.match(`${refused.message}${refused.hint ?? ''}`, 'of-yesterday');
    }
  },
);

fetching(
  'a repository that refuses asks for credentials, one that is not there for its address',
  async ({ shop, server }) => {
    for (const [status, hint] of [
      [401, /^Give "username" and "password"/],
      [403, /^Give "username" and "password"/],
      [404, /^See whether .* can be reached from here, or correct its address/],
    ] as const) {
      server.trouble.status = status;
      const { hint: said } = await thrown(ServicesError, fetched(shop, repoOf(server), web()));
      assert.match(said ?? '', hint, String(status));
    }
  },
);

fetching('helm finds all of them in its own list, without credentials', async ({ shop, server }) => {
  await fetched(shop, repoOf(server, { username: 'reader', password: PASSWORD }), web());
  await fetched(shop, repoOf(server, { name: 'second' }), web());
  const { repositories } = JSON.parse(readFileSync(shop.home.repositoryConfig, 'utf8')) as { repositories: object[] };
  assert.equal(
    repositories.map((one) => JSON.stringify(one)).sort(),
    ['local', 'second'].map((name) => JSON.stringify({ name, url: server.url })),
  );
});

fetching('indexes that are fetched side by side all end up in that list', async ({ shop, server }) => {
  const names = Array.from({ length: 8 }, (_, at) => `repo-${at}`);
  await Promise.all(names.map((name) => refreshIndex(repoOf(server, { name }), shop.home, shop.env, shop.step())));
  const { repositories } = JSON.parse(readFileSync(shop.home.repositoryConfig, 'utf8')) as {
    repositories: { name: string }[];
  };
  assert.equal(repositories.map(({ name }) => name).sort(), names);
  const indexes = names.map((name) => readFileSync(join(shop.home.repositoryCache, `${name}-index.yaml`), 'utf8'));
  assert.is(new Set(indexes).size, 1);
  assert.match(indexes[0] ?? '', 'web-1.2.3.tgz');
});

fetching('a chart that the index has at an OCI address: which address to use', async ({ shop }) => {
  const elsewhere = await startChartRepo(['web'], 'oci://registry.example/');
  try {
    const refused = await thrown(ServicesError, fetched(shop, repoOf(elsewhere), web()));
    assert.is(refused.message, '"local" has web as oci://registry.example/charts/web-1.2.3.tgz');
    assert.is(refused.hint, 'Use that address as the chart.');
  } finally {
    await elsewhere.close();
  }
});

fetching.run();
