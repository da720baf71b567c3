import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { bySetOrder, setId, type SyncSet } from '../../../scripts/fleet/sets/types.ts';

const types = suite('fleet/sets/types');

types('SyncSets come before SelectorSyncSets, each by name; their ids are unique among all', () => {
  const set = (kind: SyncSet['kind'], name: string, namespace?: string): SyncSet =>
    ({ kind, name, namespace }) as SyncSet;
  const sets = [
    set('SelectorSyncSet', 'a'),
    set('SyncSet', 'b', 'n'),
    set('SelectorSyncSet', 'B'),
    set('SyncSet', 'a', 'n'),
  ];
  const ids = (all: readonly SyncSet[]): string[] => all.map(setId);
  const ordered = ['SyncSet/n/a', 'SyncSet/n/b', 'SelectorSyncSet/B', 'SelectorSyncSet/a'];
  assert.equal(ids(sets.toSorted(bySetOrder)), ordered);
  assert.equal(ids(sets.toReversed().sort(bySetOrder)), ordered);
  assert.is(bySetOrder(set('SyncSet', 'a', 'n'), set('SyncSet', 'a', 'm')), 0);
});

types.run();
