// What a record says of the cluster of its run: which image it had, its tools, and which values are secret.

import { chmodSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { prepare } from '../../../scripts/cluster/prepare-cluster.ts';
import { clusterContent } from '../../../scripts/cluster/record/run-content.ts';
import { toolScript } from '../../tools/workbench.ts';
import { type Wired, wired } from '../wiring.ts';

const test = suite<Wired>('cluster/record/run-content');
wired(test);

const contentOf = async (context: Wired, settings: string) =>
  clusterContent(
    await prepare({ config: context.write('cluster.yaml', settings), flags: {} }, context.wiring),
    context.wiring,
  );

test('the image that was asked for, else the version of Kubernetes', async (context) => {
  const image = async (settings: string): Promise<unknown> => (await contentOf(context, settings)).cluster?.image;
  assert.match(String(await image('provider: embedded\nnamespaces: []\n')), /^Kubernetes v1\.\d+\.\d+$/);
  assert.is(
    await image('provider: embedded\nk3d: { image: "rancher/k3s:v1.30.0-k3s1" }\n'),
    'rancher/k3s:v1.30.0-k3s1',
  );
});

test('tools that are there have a version, others are left out', async (context) => {
  assert.equal((await contentOf(context, 'provider: embedded\n')).versions, {});
  const { version } = (await import('../../../scripts/tools/pins.ts')).PINS.etcd;
  const path = context.write('etcd', toolScript(version));
  chmodSync(path, 0o755);
  context.wiring.tools.paths = { etcd: path };
  assert.equal((await contentOf(context, 'provider: embedded\n')).versions, { etcd: version });
});

test('each secret value is known to what hides them', async (context) => {
  context.write('chart/Chart.yaml', 'apiVersion: v2\nname: web\nversion: 1.0.0\n');
  for (const name of ['one', 'two']) context.write(name, `${name}-secret`);
  const { secretValues, subject } = await contentOf(
    context,
    'name: dev\nprovider: embedded\nnamespaces: [a]\n' +
      'secrets: [{ name: s, data: { a: { file: one } } }]\n' +
      'services: [{ name: web, chart: ./chart, valuesFrom: { pw: { file: two } } }]\n',
  );
  for (const value of ['one-secret', 'two-secret']) assert.ok(secretValues?.includes(value), value);
  assert.equal(subject, { kind: 'cluster', name: 'dev' });
});

test.run();
