// What a run will do, as it is known before: each object in each namespace that it goes into.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Prepared } from '../../scripts/cluster/prepare-cluster.ts';
import { workOf } from '../../scripts/cluster/work.ts';

const test = suite('cluster/work');

const manifest = (name: string, namespace?: string): object => ({
  where: '',
  object: {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
  },
});
const secret = (name: string, namespaces?: string[]): object => ({ name, type: 'Opaque', namespaces, data: {} });

test('namespaces, secrets, resources, manifests, and the namespaces of releases once', () => {
  const work = workOf({
    plan: { namespaces: ['a', 'b'] },
    secrets: { secrets: [secret('all'), secret('one', ['b', 'elsewhere']), secret('none', [])] },
    clusterResources: [manifest('c')],
    namespaceResources: [manifest('each', 'ignored')],
    manifests: [manifest('m', 'x'), manifest('bare')],
    services: { list: [{ namespace: 'web' }, { namespace: 'web' }, { namespace: 'db' }] },
  } as unknown as Prepared);
  assert.equal(work.namespaces, ['a', 'b']);
  assert.equal(
    work.objects.map(({ kind, namespace = '-', name }) => `${kind} ${namespace}/${name}`),
    [
      ...['Namespace -/a', 'Namespace -/b'],
      ...['Secret a/all', 'Secret b/all', 'Secret b/one'],
      ...['ConfigMap -/c', 'ConfigMap x/m', 'ConfigMap -/bare'],
      ...['ConfigMap a/each', 'ConfigMap b/each'],
    ],
  );
  assert.equal(work.releaseNamespaces, ['web', 'db']);
});

test.run();
