// Clusters move only with the shard that they were on.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ownerOf } from '../../../scripts/fleet/shards/rendezvous.ts';

const test = suite('fleet/shards/rendezvous');
const keys = Array.from({ length: 2_000 }, (_, at) => `uid-${at}`);

test('a shard that goes gives its own clusters away, and no other one moves', () => {
  const three = ['a', 'b', 'c'];
  for (const key of keys) {
    const before = ownerOf(key, three);
    const after = ownerOf(key, ['a', 'c']);
    if (before !== 'b') assert.is(after, before);
    assert.is(ownerOf(key, ['c', 'b', 'a']), before, 'the order of members does not matter');
  }
});

test('a shard that comes takes about its share', () => {
  const moved = keys.filter((key) => ownerOf(key, ['a', 'b', 'c', 'd']) === 'd').length;
  assert.ok(moved > 400 && moved < 600, String(moved));
  assert.is(ownerOf('x', []), undefined);
});

test.run();
