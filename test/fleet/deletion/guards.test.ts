// Which orphans go, and for which reason the others stay.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  type Circumstances,
  type DeletionPolicy,
  type Orphan,
  judge,
  ownersOf,
} from '../../../scripts/fleet/deletion/guards.ts';

const test = suite('fleet/deletion/guards');

const orphan = (name: string, kind = 'ConfigMap', annotations: Record<string, string> = {}): Orphan => ({
  ref: { apiVersion: 'v1', kind, namespace: 'n', name },
  listed: { metadata: { name, annotations } },
});
const orphans = (count: number): Orphan[] => Array.from({ length: count }, (_, at) => orphan(`o${at}`));

function judged(
  list: readonly Orphan[],
  policy: Partial<DeletionPolicy> = {},
  around: Partial<Circumstances> = {},
): { removed: number; held: string[]; allowedBy: (string | undefined)[] } {
  const { remove, held } = judge(
    list,
    { max: { share: 0.5 }, confirmed: false, kinds: new Set(), ...policy },
    { complete: true, unknown: new Set(), owned: 100, wantedElsewhere: () => false, ...around },
  );
  return {
    removed: remove.length,
    held: [...new Set(held.map(({ reason }) => reason))],
    allowedBy: held.map(({ allowedBy }) => allowedBy),
  };
}

test('what nobody wants any more goes', () => {
  assert.equal(judged(orphans(3)), { removed: 3, held: [], allowedBy: [] });
});

test('nothing goes where the sets were not all read, confirmed or not', () => {
  const { removed, held, allowedBy } = judged(orphans(1), { confirmed: true }, { complete: false });
  assert.equal([removed, held, allowedBy], [0, ['the sets could not all be read'], [undefined]]);
});

test('what is owned by sets that the hub has never had needs confirmation, and what one known set owns does not', () => {
  const owned = orphan('a', 'ConfigMap', { 'sync.hoist.dev/sets': 'SyncSet/n/x SelectorSyncSet/y' });
  const around = { known: new Set(['SelectorSyncSet/z']) };
  const { held, allowedBy } = judged([owned], {}, around);
  assert.equal(
    [held, allowedBy],
    [['the hub knows nothing of SyncSet/n/x, SelectorSyncSet/y: needs confirmation'], ['confirmation']],
  );
  assert.is(judged([owned], { confirmed: true }, around).removed, 1);
  assert.is(judged([owned], {}, { known: new Set(['SelectorSyncSet/y']) }).removed, 1);
});

test('a hub that is doubted needs confirmation', () => {
  const lost = { lost: 'the hub has suddenly no sets any more' };
  assert.equal(judged(orphans(1), {}, lost).allowedBy, ['confirmation']);
  assert.is(judged(orphans(1), { confirmed: true }, lost).removed, 1);
});

test('what an unreadable set owns, and what another cluster of the same server wants, stays', () => {
  const owned = orphan('a', 'ConfigMap', { 'sync.hoist.dev/sets': 'SyncSet/n/x  SelectorSyncSet/y' });
  assert.equal(ownersOf(owned.listed), ['SyncSet/n/x', 'SelectorSyncSet/y']);
  assert.equal(ownersOf(orphan('b').listed), []);
  const { held } = judged([owned, orphan('b')], {}, { unknown: new Set(['SelectorSyncSet/y']) });
  assert.equal(held, ['SelectorSyncSet/y could not be rendered']);
  const elsewhere = judged(orphans(2), {}, { wantedElsewhere: ({ name }) => name === 'o1' });
  assert.equal(
    [elsewhere.removed, elsewhere.held],
    [1, ['another cluster of the fleet, on the same server, holds it']],
  );
});

test('kinds that take much with them go by name, or by a word of their own', () => {
  const namespace = orphan('n', 'Namespace');
  const { held, allowedBy } = judged([namespace]);
  assert.equal([held, allowedBy], [['a Namespace is deleted only where that is allowed by name'], ['kind']]);
  assert.is(judged([namespace], { kinds: new Set(['Namespace']) }).removed, 1);
  assert.is(judged([namespace], { kinds: new Set(['PersistentVolume']) }).removed, 0);
  assert.is(judged([orphan('n', 'Namespace', { 'sync.hoist.dev/allow-delete': 'true' })]).removed, 1);
  assert.is(judged([orphan('n', 'Namespace', { 'sync.hoist.dev/allow-delete': 'yes' })]).removed, 0);
});

test('more than the limit needs confirmation; ten are always within a share', () => {
  assert.is(judged(orphans(50)).removed, 50);
  const { removed, held, allowedBy } = judged(orphans(51));
  assert.equal([removed, allowedBy.length], [0, 51]);
  assert.equal(held, ['51 of 100 objects would be deleted, more than 50: needs confirmation']);
  assert.is(judged(orphans(51), { confirmed: true }).removed, 51);
  assert.is(judged(orphans(10), {}, { owned: 10 }).removed, 10);
  assert.is(judged(orphans(11), {}, { owned: 11 }).removed, 0);
  assert.is(judged(orphans(2), { max: { count: 2 } }).removed, 2);
  assert.is(judged(orphans(3), { max: { count: 2 } }).removed, 0);
  assert.is(judged(orphans(1), { max: { count: 0 } }).removed, 0);
});

test.run();
