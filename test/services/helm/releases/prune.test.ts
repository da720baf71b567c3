// The cache of charts: what no run has used for a month goes, what is used stays.

import { existsSync, mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { cachedChart } from '../../../../scripts/services/helm/charts/fetch-chart.ts';
import { pruneUnused } from '../../../../scripts/services/helm/releases/prune.ts';
import { repoKey } from '../../../../scripts/services/helm/charts/repos.ts';
import { type Workshop, createWorkshop, serviceOf } from '../workshop.ts';

const prune = suite<{ shop: Workshop }>('charts: pruning', undefined);

prune.before.each((context) => {
  context.shop = createWorkshop();
});
prune.after.each(({ shop }) => shop.close());

const DAY = 86_400_000;

function file(path: string, ageDays: number): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, 'x');
  const time = new Date(Date.now() - ageDays * DAY);
  utimesSync(path, time, time);
  return path;
}

prune('what is older than a month goes, with the folders of completed charts; all else stays', async ({ shop }) => {
  const { charts, facts, repos } = shop.home;
  const old = [join(charts, 'local-1/web-1.0.0.tgz'), join(facts, 'a.json')].map((path) => file(path, 31));
  file(join(charts, 'built/key/web/Chart.yaml'), 0);
  const built = join(charts, 'built/key');
  utimesSync(built, new Date(0), new Date(0));
  const kept = [
    file(join(charts, 'local-1/web-1.1.0.tgz'), 29),
    file(join(facts, 'b.json'), 0),
    file(join(repos, 'local-1/index.yaml'), 400),
  ];
  assert.is(await pruneUnused(shop.home, Date.now()), 3);
  assert.equal([...old, built].map(existsSync), [false, false, false]);
  assert.equal(kept.map(existsSync), [true, true, true]);
});

prune('a chart that is used counts as new', async ({ shop }) => {
  const repo = { name: 'local', url: 'http://127.0.0.1:9' };
  const path = file(join(shop.home.charts, repoKey(repo), 'web-1.0.0.tgz'), 300);
  const service = serviceOf({ ref: { kind: 'repo', repo: 'local', name: 'web' }, version: '1.0.0' });
  assert.is((await cachedChart(service, repo, shop.home))?.path, path);
  assert.is(await pruneUnused(shop.home, Date.now()), 0);
  assert.is(await pruneUnused(shop.home, Date.now() + 31 * DAY), 1);
});

prune('an empty cache is fine', async ({ shop }) => {
  assert.is(await pruneUnused(shop.home, Date.now()), 0);
});

prune.run();
