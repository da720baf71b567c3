// Labels of metrics: the words of hive, without names that would have no bound.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { resourceOf, statusText } from '../../../scripts/fleet/metrics/labels.ts';

const test = suite('fleet/metrics/labels');

test('resources of paths', () => {
  const table: Record<string, string> = {
    '/api/v1/namespaces/n/configmaps/x': 'core/v1/configmaps',
    '/api/v1/configmaps?limit=5': 'core/v1/configmaps',
    '/api/v1/nodes/n1': 'core/v1/nodes',
    '/apis/apps/v1/namespaces/n/deployments/d': 'apps/v1/deployments',
    '/apis/example.com/v1alpha1/widgets': 'example.com/v1alpha1/widgets',
    '/apis/apps/v1': 'other',
    '/version': 'other',
    '/api': 'other',
  };
  for (const [path, expected] of Object.entries(table)) assert.is(resourceOf(path), expected, path);
});

test('statuses as Go writes them', () => {
  assert.equal([200, 404, 413, 416, 418, 499].map(statusText), [
    '200 OK',
    '404 Not Found',
    '413 Request Entity Too Large',
    '416 Requested Range Not Satisfiable',
    "418 I'm a teapot",
    '499',
  ]);
});

test.run();
