// Slow is not broken, on the embedded provider: a repository of charts over a line that brings 150 bytes in a second.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type SlowLine, startSlowLine } from '../doubles/slow-line.ts';
import { type ChartRepo, startChartRepo } from '../services/helm/chart-repo.ts';
import { type World, createWorld } from './hoist.ts';
import { failuresOf, lines, listed, up } from './services.ts';

const slow = suite<{ world: World; repo: ChartRepo; line: SlowLine }>('embedded: slow lines', undefined);

slow.before(async (context) => {
  context.world = createWorld();
  context.repo = await startChartRepo(['bare']);
  context.line = await startSlowLine(Number(new URL(context.repo.url).port), 150);
});
slow.after(async ({ world, repo, line }) => {
  await world.close();
  line.close();
  await repo.close();
});

slow('an index and a chart that take longer than any deadline of a download', async ({ world, line }) => {
  const helm = { repos: [{ name: 'far', url: `http://127.0.0.1:${line.port}` }] };
  const ended = await up(world, [{ name: 'one', chart: 'far/bare', namespace: 'apps' }], { helm });
  assert.is(ended.code, 0, failuresOf(ended));
  assert.equal(listed(world), { 'apps/one': 'deployed 1' });
  const times = lines(ended).filter(({ type, step = '' }) => type === 'step.ended' && /^(repo|chart)\//.test(step));
  const tookMs = times.reduce((sum, { startedMs, endedMs }) => sum + Number(endedMs) - Number(startedMs), 0);
  assert.ok(tookMs > 6_000, `${line.carried} bytes took ${tookMs} ms`);
});

slow.run();
