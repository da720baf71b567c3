// The settings as rows: as they were written, with the source of each.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { settingRows } from '../../../scripts/cluster/record/settings-rows.ts';
import { valueAt } from '../../../scripts/base/tree.ts';
import type { LoadedSettings } from '../../../scripts/settings/load.ts';

const test = suite('cluster/record/settings-rows');

function rows(settings: object, written: object = {}): unknown[] {
  const loaded = {
    settings,
    sourceOf: (path: readonly string[]) => (valueAt(written, path) === undefined ? 'default' : 'a.yaml'),
    writtenAs: (path: readonly string[]) => valueAt(written, path),
  } as unknown as LoadedSettings;
  return settingRows(loaded).map(({ name, value, source }) => [name, value, source]);
}

test('one for each value; groups are opened, lists and free maps stay whole', () => {
  assert.equal(
    rows(
      { name: 'dev', agents: 2, k3d: { image: 'x', volumes: ['a'] }, hooks: { after: [] }, tools: { helm: '/h' } },
      { name: 'dev' },
    ),
    [
      ['name', 'dev', 'a.yaml'],
      ['agents', 2, 'default'],
      ['k3d.image', 'x', 'default'],
      ['k3d.volumes', ['a'], 'default'],
      ['hooks.after', [], 'default'],
      ['tools', { helm: '/h' }, 'default'],
    ],
  );
});

test('what has no value has no row, but false, 0 and null are values', () => {
  assert.equal(rows({ a: undefined, b: false, c: 0, k3d: null }), [
    ['b', false, 'default'],
    ['c', 0, 'default'],
    ['k3d', null, 'default'],
  ]);
});

test('numbers as they were written; defaults of times with their unit', () => {
  assert.equal(
    rows({ timeout: 300_000, healthTimeout: 90_000, agents: 90_000, memory: 5 }, { timeout: '5m', memory: 5 }),
    [
      ['timeout', '5m', 'a.yaml'],
      ['healthTimeout', '1 min 30 s', 'default'],
      ['agents', 90_000, 'default'],
      ['memory', 5, 'a.yaml'],
    ],
  );
});

test.run();
