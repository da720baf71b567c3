// Which kinds an API server knows, as files; and that what it says of them becomes no path unchecked.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { collectDiscovery, untyped } from '../../../../scripts/support/collectors/cluster/discovery-files.ts';
import type { Snapshot } from '../../../../scripts/support/collectors/cluster/snapshot.ts';
import { clusterDouble } from '../cluster-double.ts';

const test = suite('support/collectors/cluster/discovery-files');

async function ran(answers: Parameters<typeof clusterDouble>[0]) {
  const { cluster, asked } = clusterDouble(answers);
  const files: Record<string, unknown> = {};
  const problems: string[] = [];
  await collectDiscovery({
    running: { signal: new AbortController().signal, problem: (text: string) => problems.push(text) },
    reach: cluster,
    limit: <T>(work: () => Promise<T>) => work(),
    write: (path: string, value: unknown) => Promise.resolve(void (files[path] = value)),
  } as unknown as Snapshot);
  return { files, problems, asked: asked.map(({ what }) => what) };
}

const version = (groupVersion: string) => ({ groupVersion, version: groupVersion.split('/').at(-1) });
const apps = { name: 'apps', versions: [version('apps/v1')], preferredVersion: version('apps/v1') };
const list = (groupVersion: string) => ({ kind: 'APIResourceList', apiVersion: 'v1', groupVersion, resources: [] });

test('the core and all groups, each version asked for its kinds', async () => {
  const { files, problems, asked } = await ran({
    'GET /api': { versions: ['v1'] },
    'GET /apis': { groups: [apps] },
    'GET /api/v1': list('v1'),
    'GET /apis/apps/v1': list('apps/v1'),
  });
  assert.equal(asked, ['GET /api', 'GET /apis', 'GET /api/v1', 'GET /apis/apps/v1']);
  assert.equal(files, {
    'groups.json': [{ name: '', versions: [version('v1')], preferredVersion: version('v1') }, apps],
    'resources.json': [
      { groupVersion: 'v1', resources: [] },
      { groupVersion: 'apps/v1', resources: [] },
    ],
  });
  assert.equal(problems, []);
});

test('what a server may not say is passed over: names that lead elsewhere, and other shapes', async () => {
  const bad = [
    null,
    7,
    {},
    { name: 7, versions: [] },
    { name: '../x', versions: [version('x/v1')] },
    { name: '', versions: 'v1' },
    { name: 'a', versions: [null] },
    { name: 'a', versions: [{}] },
    { name: 'a', versions: [version('../../etc')] },
    { name: 'a', versions: [version('a/v1'), version('a/v1?x=y')] },
  ];
  const { files, asked } = await ran({
    'GET /api': { versions: ['../v1', 'v1/..', 'v 1'] },
    'GET /apis': { groups: [...bad, { name: 'a.b-c', versions: [] }] },
  });
  assert.equal(files['groups.json'], [{ name: 'a.b-c', versions: [] }]);
  assert.equal(asked, ['GET /api', 'GET /apis']);
  for (const strange of [{ versions: 'v1' }, {}, { versions: null }])
    assert.equal((await ran({ 'GET /api': strange, 'GET /apis': { groups: 7 } })).files['groups.json'], []);
});

test('what cannot be asked is named, and the rest is there', async () => {
  const { files, problems } = await ran({
    'GET /apis': { groups: [apps, { name: 'gone', versions: [version('gone/v1')] }] },
    'GET /apis/apps/v1': list('apps/v1'),
  });
  assert.equal(files['resources.json'], [{ groupVersion: 'apps/v1', resources: [] }]);
  assert.is((files['groups-resources-errors.json'] as string[]).length, 2);
  assert.equal(problems.sort(), ['resources: /api was not found', 'resources: /apis/gone/v1 was not found']);
});

test('kinds are taken out of objects, which stay as they are', () => {
  const object = { apiVersion: 'v1', kind: 'Pod', other: 1 };
  assert.equal(untyped(object), { other: 1 });
  assert.is(object.kind, 'Pod');
});

test.run();
