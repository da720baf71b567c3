// Which charts of a bundle are taken from the disk, and which steps fetch the others.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { chartSteps } from '../../../scripts/cluster/bundle/charts.ts';
import type { Prepared } from '../../../scripts/cluster/prepare-cluster.ts';
import type { Service } from '../../../scripts/services/helm/service.ts';
import { type Wired, wired } from '../wiring.ts';

const test = suite<Wired>('cluster/bundle/charts');
wired(test);

const repo = (name: string) => ({ kind: 'repo', repo: name, chart: 'c' });
const oci = { kind: 'oci', url: 'oci://one/c' };
const chart = { path: '/chart', digest: 'd' };
const service = (name: string, ref: object, more: object = {}): Service =>
  ({ name, ref, dependencies: [], ...more }) as unknown as Service;

test('only what is missing is fetched, after the repositories that it and its dependencies come from', ({ wiring }) => {
  const list = [
    service('there', repo('unused'), { chart }),
    service('plain', repo('a')),
    service('built', { kind: 'local' }, { dependencies: [{ ref: repo('b') }, { ref: repo('b') }, { ref: oci }] }),
    service('far', oci),
  ];
  const repos = ['unused', 'a', 'b', 'never'].map((name) => ({ name, url: `https://${name}` }));
  const services = { list, repos, plainHttp: [] } as unknown as Prepared['services'];
  const { steps, found } = chartSteps({ services }, ['tools/helm'], wiring);
  assert.equal(
    steps.map(({ name, needs, provision, pool }) => [name, needs ?? [], provision, pool]),
    [
      ['repo/a', [], true, 'download'],
      ['repo/b', [], true, 'download'],
      ['chart/plain', ['tools/helm', 'repo/a'], true, 'download'],
      ['chart/built', ['tools/helm', 'repo/b'], true, 'download'],
      ['chart/far', ['tools/helm'], true, 'download'],
    ],
  );
  assert.equal([...found()], [['there', chart]]);
});

test.run();
