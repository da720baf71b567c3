// What is said of the pull-through caches: whether they run, how much they hold, how often they had what was asked for.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { cacheStatus } from '../../../../scripts/providers/k3d/caches/cache-status.ts';
import { volumeOfCache } from '../../../../scripts/providers/k3d/caches/caches.ts';
import type { ComponentStatus } from '../../../../scripts/providers/provider.ts';
import { type Said, withEngine } from '../../../docker/answering.ts';

const test = suite('k3d/caches/cache-status');

const NAME = 'k3d-hoist-cache-docker-io';
const asked = 'time=x msg="response completed" http.request.method=GET http.request.uri="/v2/a/blobs/sha256:1"';
const fetched = 'time=x msg="Adding new scheduler entry for a@sha256:1 with ttl=1h"';

function framed(lines: readonly string[]): Buffer {
  const text = lines.map((line) => `${line}\n`).join('');
  const head = Buffer.alloc(8);
  head[0] = 1;
  head.writeUInt32BE(Buffer.byteLength(text), 4);
  return Buffer.concat([head, Buffer.from(text)]);
}

async function statusOf(
  lines: readonly string[],
  usage: Said | undefined,
  state = 'running',
): Promise<ComponentStatus[]> {
  let found: ComponentStatus[] = [];
  const container = { Id: 'c', Names: [`/${NAME}`], Image: '', State: state, Labels: {}, Ports: [] };
  await withEngine(
    {
      '/containers/json': [container],
      '/containers/c/logs': framed(lines),
      ...(usage === undefined ? {} : { '/system/df': usage }),
    },
    async (engine, requests) => {
      found = await cacheStatus(engine, [NAME, 'gone']);
      const logs = requests.find((one) => one.includes('/logs')) ?? '';
      assert.match(logs, 'follow=false');
      assert.match(logs, 'tail=20000');
    },
  );
  return found;
}

const volumes = (Size: number): Said => ({
  Volumes: [
    { Name: 'other', UsageData: { Size: 1 } },
    { Name: volumeOfCache(NAME), UsageData: { Size } },
    { Name: 'unknown', UsageData: null },
  ],
});

test('its state, its size, and how many layers it had', async () => {
  assert.equal(await statusOf([asked, asked, asked, fetched], volumes(2048)), [
    { name: NAME, ok: true, detail: 'running, 2 KiB, 2 of 3 layers from the cache' },
    { name: 'gone', ok: true, detail: 'not there: nodes pull from the registry itself' },
  ]);
});

test('one that does not run is not well; it may have fetched more than its log shows was asked for', async () => {
  const [first] = await statusOf([asked, fetched, fetched], undefined, 'exited');
  assert.equal(first, { name: NAME, ok: false, detail: 'exited, 0 of 1 layers from the cache' });
  for (const usage of [{ Volumes: null }, { Volumes: [] }])
    assert.is((await statusOf([], usage))[0]?.detail, 'running, 0 of 0 layers from the cache');
});

test('only GETs of blobs are asked for, only digests are fetched', async () => {
  const lines = [
    asked.replace('GET', 'HEAD'),
    asked.replace('/blobs/', '/manifests/'),
    asked.replace('response completed', 'authorized'),
    fetched.replace('@sha256:', ':tag '),
    fetched.replace('Adding new', 'Removing'),
  ];
  assert.is((await statusOf(lines, undefined))[0]?.detail, 'running, 0 of 0 layers from the cache');
});

test('without caches the engine is not asked', async () => {
  await withEngine({}, async (engine, requests) => {
    assert.equal([await cacheStatus(engine, []), requests.length], [[], 0]);
  });
});

test.run();
