// What `up` keeps when it fails is a support bundle: readable by `collect analyze`, and without a secret.

import { chmodSync, existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type World, SMALL, createWorld } from './hoist.ts';

const failed = suite<{ world: World }>('up: the bundle of a run that failed', { world: undefined as unknown as World });

failed.before.each((context) => {
  context.world = createWorld();
});
failed.after.each(({ world }) => world.close());

const SECRET = 'Tr0ub4dor&3-planted';
const SETTINGS = `${SMALL}logDir: kept
secrets:
  - name: db
    data:
      note: { env: OUR_NOTE }
manifests: [extra]
`;
const CHECKS = `apiVersion: troubleshoot.sh/v1beta2
kind: SupportBundle
metadata: {name: x}
spec:
  analyzers:
    - clusterVersion: {outcomes: [{pass: {when: ">= 1.20.0", message: new enough}}, {fail: {message: old}}]}
  hostAnalyzers:
    - cpu: {outcomes: [{pass: {when: "count >= 1", message: has one}}, {fail: {message: none}}]}
`;

failed('has the objects, the logs of the components, the steps, and no secret', async ({ world }) => {
  world.write('extra/broken.yaml', 'apiVersion: apps/v1\nkind: Deploymnet\nmetadata: {name: x}\n');
  world.write('cluster.yaml', SETTINGS);
  const { code, stdout } = await world.hoist(['up', '-c', 'cluster.yaml', '--output', 'json'], { OUR_NOTE: SECRET });
  assert.is(code, 2, stdout);
  const summary = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { type: string; bundle?: string })
    .find(({ type }) => type === 'summary');
  const file = join(world.folder, 'kept/failed-small.tar.gz');
  assert.is(summary?.bundle, file, stdout);
  assert.is(statSync(file).mode & 0o777, 0o600);
  const all = gunzipSync(readFileSync(file)).toString('latin1');
  for (const name of [
    'cluster-resources/namespaces.json',
    'cluster-resources/nodes.json',
    'host-collectors/system/cpu.json',
    'host-collectors/cluster-logs/kube-apiserver.log',
    'execution-data/up.json',
    'index.html',
  ])
    assert.ok(all.includes(`failed-small/${name}`), name);
  assert.match(all, /no matches for kind|Deploymnet/);
  for (const form of [SECRET, Buffer.from(SECRET).toString('base64')]) assert.not.ok(all.includes(form), form);

  world.write('checks.yaml', CHECKS);
  const checked = await world.hoist(['collect', 'analyze', file, 'checks.yaml', '--output', 'json']);
  assert.is(checked.code, 0, checked.stderr);
  assert.is(checked.stdout.match(/"outcome":"pass"/g)?.length, 2, checked.stdout);

  world.write('extra/broken.yaml', 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x, namespace: one}\n');
  const mended = await world.hoist(['up', '-c', 'cluster.yaml'], { OUR_NOTE: SECRET });
  assert.is(mended.code, 0, mended.stdout + mended.stderr);
  assert.not.match(mended.stdout, 'failed-small');
});

failed('without an API server it has what the host says, and the summary names it', async ({ world }) => {
  const fake = world.write('etcd', '#!/bin/sh\necho "etcd Version: 3.6.4"\n[ "$1" = --version ] && exit 0\nexit 3\n');
  chmodSync(fake, 0o755);
  world.write('cluster.yaml', `${SMALL}logDir: kept\n`);
  const { code, stdout } = await world.hoist(['up', '-c', 'cluster.yaml'], { HOIST_TOOL_ETCD: fake });
  assert.is(code, 5, stdout);
  const file = join(world.folder, 'kept/failed-small.tar.gz');
  assert.match(stdout.replace(/\s+/g, ''), `bundle${file}`);
  assert.ok(existsSync(file));
  const all = gunzipSync(readFileSync(file)).toString('latin1');
  assert.ok(all.includes('host-collectors/system/memory.json'));
  assert.not.ok(all.includes('collector-errors/'));
});

failed.run();
