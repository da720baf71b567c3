// Services as the settings have them: what cannot be is refused at once, with what was meant; what is known is rendered.

import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ConfigError } from '../../../../scripts/base/errors.ts';
import { thrown } from '../../../kube/helpers.ts';
import { fixtureChart } from '../chart-repo.ts';
import { type Workshop, createWorkshop, helmPath } from '../workshop.ts';

const preparing = suite<{ shop: Workshop }>('services: before anything is made', undefined);
const test = helmPath !== undefined ? preparing : preparing.skip;

preparing.before.each((context) => {
  context.shop = createWorkshop();
});
preparing.after.each(({ shop }) => shop.close());

async function refused(shop: Workshop, settings: object): Promise<string[]> {
  const { problems } = await thrown(ConfigError, shop.prepare(settings));
  return problems.map(({ where, message }) => `${where}: ${message}`).sort();
}

preparing('a chart that is nowhere: what may have been meant', async ({ shop }) => {
  writeFileSync(join(shop.folder, 'no-chart'), '');
  const charts = ['jetstak/cert-manager', 'nothing/alike', './charts/web', 'gone.tgz', 'web', '.'];
  const services = charts.map((chart, at) => ({ name: `s${at}`, chart }));
  const [known, ...others] = (await refused(shop, { services })).map((one) =>
    one.replace(/^services\.\d\.chart: /, ''),
  );
  assert.is(
    known,
    'service "s0": there is no repository "jetstak"; did you mean "jetstack/cert-manager"?, and no folder jetstak/cert-manager',
  );
  assert.equal(others, [
    'service "s1": there is no repository "nothing" (known: jetstack, ingress-nginx, prometheus-community, grafana, bitnami), and no folder nothing/alike',
    'service "s2": there is no folder or archive ./charts/web; charts of repositories are called REPO/NAME',
    'service "s3": there is no folder or archive gone.tgz; charts of repositories are called REPO/NAME',
    'service "s4": there is no folder or archive web; charts of repositories are called REPO/NAME',
    'service "s5": . has no Chart.yaml',
  ]);
});

preparing('a chart of several services that cannot be used: each of them says so', async ({ shop }) => {
  writeFileSync(join(shop.folder, 'no-chart'), '');
  const services = ['a', 'b'].map((name) => ({ name, chart: '.' }));
  assert.equal(await refused(shop, { services }), [
    'services.0.chart: service "a": . has no Chart.yaml',
    'services.1.chart: service "b": . has no Chart.yaml',
  ]);
});

preparing('all that is wrong with all services is told at once', async ({ shop }) => {
  const services = [
    { name: 'a', chart: fixtureChart('bare'), version: 'newest', needs: ['b'] },
    { name: 'a', chart: fixtureChart('bare'), valuesFrom: { x: { env: 'UNSET' } } },
  ];
  const repos = [{ name: 'r', url: 'https://charts.example', password: { file: 'nowhere' } }];
  const problems = await refused(shop, { services, helm: { repos: [...repos, ...repos] } });
  assert.match(problems[0] ?? '', /^helm\.repos\.0\.password: repository "r": the file cannot be read: ENOENT/);
  assert.equal(
    problems.filter((one) => !one.includes('.password')),
    [
      'helm.repos.1.name: "r" is there twice',
      'services.0.needs.0: service "a" needs "b", which is no service',
      'services.0.version: service "a": "newest" is no version',
      'services.1.name: "a" is there twice',
      'services.1.valuesFrom.x: service "a": the env variable UNSET is not set',
    ],
  );
});

preparing(
  'a service keeps its needs, and only repositories that are used or are the own ones are asked',
  async ({ shop }) => {
    const services = [
      { name: 'a', chart: 'jetstack/cert-manager' },
      { name: 'b', chart: 'jetstack/cert-manager', needs: ['a'] },
    ];
    const mine = { name: 'mine', url: 'https://charts.example' };
    const repos = async (given: object, sources?: { reposGiven: boolean }): Promise<string[]> =>
      (await shop.prepare({ services, ...given }, sources)).repos.map(({ name }) => name).sort();
    const { list } = await shop.prepare({ services }, { reposGiven: false });
    assert.equal(
      list.map(({ needs }) => needs.length),
      [0, 1],
    );
    assert.match(list[1]?.needs[0] ?? '', /^release\/a/);
    assert.equal(await repos({}, { reposGiven: false }), ['jetstack']);
    assert.equal(await repos({ helm: { repos: [mine] } }), ['jetstack', 'mine']);
  },
);

test('a version may be exact, a range, or absent', async ({ shop }) => {
  const versions = ['1.2.3', '^1.0', undefined];
  const services = versions.map((version, at) => ({ name: `s${at}`, chart: fixtureChart('bare'), version }));
  const { list } = await shop.prepare({ services });
  assert.equal(
    list.map(({ name }) => name),
    ['s0', 's1', 's2'],
  );
});

test('values that the schema of the chart refuses: each, where it stands', async ({ shop }) => {
  const web = { name: 'web', chart: fixtureChart('web'), values: { replicas: -1, image: '' } };
  assert.equal(await refused(shop, { services: [web] }), [
    'services.0.values.image: service "web": the value image does not fit the chart\'s schema: minLength: got 0, want 1',
    'services.0.values.replicas: service "web": the value replicas does not fit the chart\'s schema: minimum: got -1, want 0',
  ]);
});

test('a chart that cannot be rendered: what helm says, without the secrets among its values', async ({ shop }) => {
  writeFileSync(join(shop.folder, 'secret'), 'correct: horse\n  battery');
  const chart = join(shop.folder, 'bad');
  cpSync(fixtureChart('bare'), chart, { recursive: true });
  writeFileSync(join(chart, 'templates/bad.yaml'), '{{ fail (printf "not with %s" .Values.key) }}\n');
  const [problem] = await refused(shop, { services: [{ name: 'x', chart, valuesFrom: { key: { file: 'secret' } } }] });
  assert.match(problem ?? '', /^services\.0\.chart: service "x": execution error at .*not with/);
  assert.not.match(problem ?? '', 'horse');
  assert.not.match(problem ?? '', 'battery');
});

test('edges are found for all services, and can be switched off for one or for all', async ({ shop }) => {
  const services = [
    { name: 'a', chart: fixtureChart('operator') },
    { name: 'b', chart: fixtureChart('widgets'), implied: false },
  ];
  const some = await shop.prepare({ services });
  assert.equal(
    some.list.map(({ implied }) => implied),
    [true, false],
  );
  assert.ok(some.facts.get('b')?.wants.some(({ key }) => key === 'definition|fixtures.hoist.example/Widget'));
  const none = await shop.prepare({ services, helm: { implied: false } });
  assert.equal(
    none.list.map(({ implied }) => implied),
    [false, false],
  );
});

preparing.run();
