// customMetrics: values of the custom metrics API, a file for each metric and namespace or object.

import { HoistError, messageOf } from '../../../base/errors.ts';
import { type Collector, firstText, json } from '../collector.ts';

const BASE = '/apis/custom.metrics.k8s.io/v1beta1';

interface Metric {
  describedObject?: { kind?: string; namespace?: string; name?: string };
}

export const customMetrics: Collector = {
  title: 'custom-metrics',
  claim: () => 'metrics/{kind}/{metric}.json',
  async run(running) {
    const { item, sink, signal, suffix } = running;
    const { client } = await running.cluster();
    const requests = Array.isArray(item.spec['metricRequests'])
      ? (item.spec['metricRequests'] as Record<string, unknown>[])
      : [];
    const files = new Map<string, Metric[]>();
    const errors: string[] = [];
    const found = await Promise.all(
      requests.map(async (request) => {
        try {
          const { path, metric } = endpointOf(request);
          // Metrics are no objects: they have no metadata.
          const { status, body } = await client.request({ path, signal });
          if (status !== 200) throw new HoistError(`the API answered ${status}`);
          const { items } = JSON.parse(body) as { items?: unknown };
          return Array.isArray(items) ? (items as (Metric | null)[]).map((one) => ({ metric, one: one ?? {} })) : [];
        } catch (error) {
          errors.push(`${firstText(request, 'resourceMetricName') ?? '?'}: ${messageOf(error)}`);
          return [];
        }
      }),
    );
    signal.throwIfAborted();
    for (const { metric, one } of found.flat()) {
      const { kind = '', namespace = '', name = '' } = one.describedObject ?? {};
      const file = `metrics/${kind}/${metric}/${namespace === '' ? name : namespace}${suffix}.json`;
      files.set(file, [...(files.get(file) ?? []), one]);
    }
    for (const [path, metrics] of files) await sink.add({ path, content: json(metrics) });
    if (errors.length === 0) return;
    await sink.add({ path: `metrics/errors${suffix}.json`, content: json(errors) });
    for (const error of errors) running.problem(error);
  },
};

/** `KIND/METRIC` of one object or of all. @throws Error for another form */
function endpointOf(request: Record<string, unknown>): { path: string; metric: string } {
  const [kind = '', metric = '', ...more] = (firstText(request, 'resourceMetricName') ?? '').split('/');
  if (kind === '' || metric === '' || more.length > 0) throw new Error('resourceMetricName must be KIND/METRIC');
  const object = encodeURIComponent(firstText(request, 'objectName') ?? '*').replace('%2A', '*');
  // Metrics of namespaces themselves stand below the singular, unlike all others.
  const resource = kind === 'namespaces' ? 'namespace' : kind;
  const namespace = firstText(request, 'namespace');
  const inside = namespace === undefined ? [] : ['namespaces', encodeURIComponent(namespace)];
  return {
    path: [BASE, ...inside, encodeURIComponent(resource), object, encodeURIComponent(metric)].join('/'),
    metric,
  };
}
