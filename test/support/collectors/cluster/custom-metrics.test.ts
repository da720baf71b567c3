import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { customMetrics } from '../../../../scripts/support/collectors/cluster/custom-metrics.ts';
import { clusterDouble } from '../cluster-double.ts';
import { runCollector } from '../running.ts';

const metrics = suite('support/collectors/cluster/custom-metrics');

const BASE = '/apis/custom.metrics.k8s.io/v1beta1';
const of = (kind: string, name: string, namespace?: string) => ({ describedObject: { kind, name, namespace } });

async function ran(metricRequests: unknown, answers: Record<string, object | string> = {}) {
  const { cluster, asked } = clusterDouble(answers);
  const { files, problems } = await runCollector(customMetrics, { metricRequests }, { cluster, suffix: '-2' });
  return { files, problems, asked: asked.map(({ what }) => what.replace(`GET ${BASE}`, '')) };
}

metrics('of one object, of all of a kind, of a namespace, and of namespaces themselves', async () => {
  const { asked } = await ran([
    { resourceMetricName: 'pods/cpu' },
    { resourceMetricName: 'pods/cpu', namespace: 'n', objectName: 'a b' },
    { resourceMetricName: 'namespaces/requests' },
  ]);
  assert.equal(asked, ['/pods/*/cpu', '/namespaces/n/pods/a%20b/cpu', '/namespace/*/requests']);
});

metrics('a file for each metric and namespace, or object where there is none', async () => {
  const items = [of('Pod', 'a', 'n'), of('Pod', 'b', 'n'), of('Node', 'c'), null, {}];
  const { files, problems } = await ran([{ resourceMetricName: 'pods/cpu' }], { [`GET ${BASE}/pods/.*`]: { items } });
  assert.equal(Object.keys(files), ['metrics/Pod/cpu/n-2.json', 'metrics/Node/cpu/c-2.json', 'metrics//cpu/-2.json']);
  assert.is((JSON.parse(files['metrics/Pod/cpu/n-2.json'] ?? '') as unknown[]).length, 2);
  assert.equal(problems, []);
  assert.equal(
    (await ran([{ resourceMetricName: 'pods/cpu' }], { [`GET ${BASE}/pods/.*`]: { items: 'x' } })).files,
    {},
  );
});

metrics('requests of another form, and those that are refused, are named; the others are answered', async () => {
  const requests = ['pods', '/cpu', 'pods/', 'pods/cpu/x', 'gone/cpu', 'pods/cpu'].map((resourceMetricName) => ({
    resourceMetricName,
  }));
  const { files, problems } = await ran([...requests, {}], {
    [`GET ${BASE}/pods/.*`]: { items: [of('Pod', 'a', 'n')] },
  });
  assert.equal(problems, [
    ...['pods', '/cpu', 'pods/', 'pods/cpu/x', '?'].map((name) => `${name}: resourceMetricName must be KIND/METRIC`),
    'gone/cpu: the API answered 404',
  ]);
  assert.equal(Object.keys(files), ['metrics/Pod/cpu/n-2.json', 'metrics/errors-2.json']);
  assert.equal(await ran('none'), { files: {}, problems: [], asked: [] });
});

metrics.run();
