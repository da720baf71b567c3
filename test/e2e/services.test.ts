// Services on a real control plane: released side by side in the order that they need, by helm, and told why where they fail.

import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { certificate } from '../doubles/certificates.ts';
import { type ChartRepo, fixtureChart, startChartRepo } from '../services/helm/chart-repo.ts';
import { type World, createWorld } from './hoist.ts';
import { SECRET, failuresOf, helm, lines, listed, outcomes, repos, up } from './services.ts';

interface Context {
  world: World;
  repo: ChartRepo;
}

const services = suite<Context>('services', undefined);

services.before(async (context) => {
  context.world = createWorld();
  context.repo = await startChartRepo(['web', 'operator', 'widgets', 'bare']);
});
services.after(async ({ world, repo }) => {
  await world.close();
  await repo.close();
});

const shop = (more: object = {}): object => ({
  name: 'shop',
  chart: fixtureChart('web'),
  namespace: 'apps',
  values: { replicas: 2 },
  valuesFrom: { password: { env: 'SHOP_PASSWORD' } },
  ...more,
});
const operator = { name: 'operator', chart: 'local/operator', namespace: 'operators' };
const widgets = { name: 'widgets', chart: 'local/widgets', version: '0.1.0', namespace: 'apps' };

const platform = [widgets, operator, shop({ needs: ['widgets'] })];

services('are released in the order that their objects imply, also with charts never seen', async ({ world, repo }) => {
  const ended = await up(world, platform, repos(repo));
  assert.is(ended.code, 0, ended.stderr);
  assert.equal(listed(world), {
    'apps/shop': 'deployed 1',
    'apps/widgets': 'deployed 1',
    'operators/operator': 'deployed 1',
  });
  const order = lines(ended).flatMap(({ type, step = '' }) =>
    /^step\.(started|ended)$/.test(type) ? [`${type} ${step}`] : [],
  );
  const at = (what: string): number => order.indexOf(what);
  assert.ok(at('step.started release/widgets') > at('step.ended release/operator'), 'a definition before its objects');
  assert.ok(at('step.started release/shop') > at('step.ended release/widgets/ready'), 'as its needs say');
  assert.ok(at('step.started chart/operator') < at('step.ended api'), 'charts are fetched while the cluster boots');
  const all = ended.stdout + ended.stderr + world.read('logs/runs.jsonl');
  assert.not.match(all, SECRET);
  assert.not.match(all, Buffer.from(SECRET).toString('base64'));
});

services('an unchanged run releases nothing, and asks repositories for changes alone', async ({ world, repo }) => {
  repo.requests.length = 0;
  const ended = await up(world, platform, repos(repo));
  assert.is(ended.code, 0, ended.stderr);
  assert.equal(outcomes(ended, 'release/'), {
    'release/widgets': 'unchanged',
    'release/widgets/ready': 'done',
    'release/operator': 'unchanged',
    'release/operator/ready': 'done',
    'release/shop': 'unchanged',
    'release/shop/ready': 'done',
  });
  assert.equal(repo.requests, ['GET /index.yaml 304']);
  assert.is(listed(world)['apps/shop'], 'deployed 1');
});

services('the plan shows the edges that were found, and they can be switched off', async ({ world, repo }) => {
  const pinned = { ...operator, version: '0.3.0' };
  const planned = await up(world, [widgets, pinned], repos(repo), ['--plan']);
  assert.is(planned.code, 0, planned.stderr);
  interface Plan {
    implied: { edges: { step: string; needs: string; why: string }[]; unknown: string[] };
    steps: { name: string; needs: string[] }[];
  }
  const { implied, steps } = lines(planned)[0] as unknown as Plan;
  assert.equal(implied.unknown, []);
  assert.equal(
    implied.edges.map(({ step, needs }) => [step, needs]),
    [['release/widgets', 'release/operator']],
  );
  assert.match(implied.edges[0]?.why ?? '', 'is of a definition of "operator"');
  assert.ok(steps.find(({ name }) => name === 'release/widgets')?.needs.includes('release/operator'));

  const off = await up(world, [{ ...widgets, implied: false }, pinned], repos(repo), ['--plan']);
  const step = (lines(off)[0] as unknown as Plan).steps.find(({ name }) => name === 'release/widgets');
  assert.ok(step);
  assert.not.ok(step.needs.includes('release/operator'));
  assert.ok(step.needs.includes('namespace/apps'), 'a namespace that the run makes is no matter of taste');
});

services('new values make a new revision; what helm did meanwhile is noticed', async ({ world }) => {
  const more = [shop({ values: { replicas: 3 } })];
  const ended = await up(world, more);
  assert.is(ended.code, 0, ended.stderr);
  assert.is(listed(world)['apps/shop'], 'deployed 2');
  helm(world, 'rollback', 'shop', '1', '-n', 'apps');
  assert.is(listed(world)['apps/shop'], 'deployed 3');
  assert.match(helm(world, 'get', 'values', 'shop', '-n', 'apps', '-o', 'json'), '"replicas":2');
  assert.is((await up(world, more)).code, 0);
  assert.is(listed(world)['apps/shop'], 'deployed 4');
});

services('values that do not fit the schema are refused before anything is made', async ({ world }) => {
  const ended = await up(world, [shop({ values: { replicas: 'many' } })]);
  assert.is(ended.code, 2);
  assert.match(ended.stderr, /config\/cluster\.yaml:\d+:\d+: service "shop": the value replicas does not fit/);
  assert.match(ended.stderr, 'got string, want integer');
  assert.is(listed(world)['apps/shop'], 'deployed 4');
});

services('a chart or a version that the repository does not have: what it has is named', async ({ world, repo }) => {
  const list = [
    { name: 'a', chart: 'local/widget' },
    { ...operator, version: '9.0.0' },
  ];
  const unknown = await up(world, list, repos(repo));
  assert.is(unknown.code, 2);
  assert.match(failuresOf(unknown), '\\"local\\" has no chart \\"widget\\"; it has \\"widgets\\"');
  assert.match(failuresOf(unknown), 'has no version 9.0.0 of \\"operator\\"; the newest are 0.3.0');
});

services('a repository unreachable is a warning, unless a release needs it', async ({ world, repo }) => {
  const both = [
    { name: 'nowhere', url: 'http://127.0.0.1:9' },
    { name: 'local', url: repo.url },
  ];
  const spared = await up(world, [shop({ values: { replicas: 3 } })], { helm: { repos: both } });
  assert.is(spared.code, 0, failuresOf(spared));
  assert.is(outcomes(spared, 'repo/')['repo/nowhere'], 'warned');
  const needed = await up(world, [{ name: 'x', chart: 'nowhere/x' }], { helm: { repos: both } });
  assert.is(needed.code, 6, failuresOf(needed));
  assert.match(failuresOf(needed), 'the repository \\"nowhere\\" cannot be used');
});

services('a service that never gets ready tells why', async ({ world }) => {
  const ended = await up(world, [{ name: 'never', chart: fixtureChart('never'), namespace: 'apps', timeout: '4s' }]);
  assert.is(ended.code, 6, ended.stderr);
  assert.match(failuresOf(ended), /service \\"never\\" is not ready.*Deployment apps\/never.*node affinity/);
  assert.is(listed(world)['apps/never'], 'deployed 1', 'no --atomic that nobody asked for');
});

services('a webhook that refuses: its own words', async ({ world }) => {
  const { cert, key } = certificate();
  const server = createServer({ cert, key }, (request, response) => {
    void json(request).then((review) => {
      const { uid } = (review as { request: { uid: string } }).request;
      const answer = { uid, allowed: false, status: { message: 'not on a Sunday' } };
      response.end(JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response: answer }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const { port } = server.address() as AddressInfo;
    const values = { guards: 'guarded', url: `https://127.0.0.1:${port}/`, ca: Buffer.from(cert).toString('base64') };
    const gate = { name: 'gate', chart: fixtureChart('gate'), values };
    const list = [{ name: 'bare', chart: fixtureChart('bare'), namespace: 'guarded' }, gate];
    const planned = lines(await up(world, list, {}, ['--plan']))[0] as unknown as {
      implied: { edges: { why: string }[] };
    };
    assert.equal(
      planned.implied.edges.map(({ why }) => why),
      ['the webhook gate of "gate" intercepts ConfigMap guarded/bare'],
    );
    const ended = await up(world, list);
    assert.is(ended.code, 6, ended.stderr);
    assert.match(failuresOf(ended), 'not on a Sunday');
    assert.is(listed(world)['default/gate'], 'deployed 1');
  } finally {
    helm(world, 'uninstall', 'gate');
    server.close();
    server.closeAllConnections();
  }
});

services('a release that was cut off is rolled back or gone on with, as asked', async ({ world }) => {
  const hooked = (name: string, hang: boolean): object => ({
    name,
    chart: fixtureChart('hooked'),
    namespace: 'apps',
    values: { hang },
  });
  const helms = (): number[] => world.processes().filter(runsHelm);
  const cut = async (name: string, state: string): Promise<void> => {
    const ended = up(world, [hooked(name, true)]);
    while (helms().length === 0 || listed(world)[`apps/${name}`] !== state) await sleep(100);
    for (const pid of helms()) process.kill(pid, 'SIGKILL');
    assert.is((await ended).code, 6);
    assert.is(listed(world)[`apps/${name}`], state);
  };
  for (const [name, way, upgraded] of [
    ['one', 'rollback', 'deployed 4'],
    ['two', 'continue', 'deployed 2'],
  ] as const) {
    await cut(name, 'pending-install 1');
    const refused = await up(world, [hooked(name, false)]);
    assert.is(refused.code, 6);
    assert.match(failuresOf(refused), `the release \\"${name}\\" is stuck in pending-install`);
    assert.match(failuresOf(refused), /--stuck rollback.*--stuck continue/);
    const freed = await up(world, [hooked(name, false)], {}, ['--stuck', way]);
    assert.is(freed.code, 0, failuresOf(freed));
    assert.is(listed(world)[`apps/${name}`], 'deployed 1');

    await cut(name, 'pending-upgrade 2');
    const again = await up(world, [hooked(name, false)], {}, ['--stuck', way]);
    assert.is(again.code, 0, failuresOf(again));
    assert.is(listed(world)[`apps/${name}`], upgraded);
  }
});

function runsHelm(pid: number): boolean {
  return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('/helm\0upgrade');
}

services.run();
