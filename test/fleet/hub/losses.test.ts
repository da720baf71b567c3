// When a list that lacks sets, or aims them elsewhere, is doubted.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Losses } from '../../../scripts/fleet/hub/losses.ts';
import type { SyncSet } from '../../../scripts/fleet/sets/types.ts';
import type { FleetCluster } from '../../../scripts/fleet/targets/types.ts';
import { cluster, fleetOf, selectorSet } from '../world.ts';

const test = suite('fleet/hub/losses');

const all = (): boolean => true;
const server = { server: 'https://127.0.0.1:1' };
const clusters = ['c1', 'c2'].map((name) => cluster(name, server, { tier: 'gold' }));
const sets = ['a', 'b', 'c'].map((name) => aimed(name, 'gold'));

function aimed(name: string, tier: string): SyncSet {
  return selectorSet(name, { clusterDeploymentSelector: { matchLabels: { tier } } });
}

function begun(of: readonly FleetCluster[] = clusters): Losses {
  const losses = new Losses(new Map());
  assert.is(losses.look(fleetOf(sets, of), all, true), 0);
  return losses;
}

test('two of three sets that are missing in a list are doubted, until both are back', () => {
  const losses = begun();
  assert.is(losses.look(fleetOf(sets.slice(0, 1), clusters), all, true), 4);
  assert.is(losses.look(fleetOf(sets.slice(0, 1), clusters), all, true), 4, 'that it says so again is no proof');
  assert.is(losses.look(fleetOf(sets.slice(0, 2), clusters), all, false), 2);
  assert.is(losses.look(fleetOf(sets, clusters), all, false), 0);
});

test('sets that a list aims elsewhere, and clusters that it robs of their labels, are doubted', () => {
  const elsewhere = sets.map(({ name }) => aimed(name, 'silver'));
  assert.is(begun().look(fleetOf(elsewhere, clusters), all, true), 6);
  const bare = clusters.map((one) => ({ ...one, labels: {} }));
  assert.is(begun().look(fleetOf(sets, bare), all, true), 6);
});

test('what a watch shows, one set of several, and the lesser part of all are just taken', () => {
  assert.is(begun().look(fleetOf([], clusters), all, false), 0);
  assert.is(begun().look(fleetOf(sets.slice(1), clusters), all, true), 0);
  const [first, ...others] = clusters;
  assert.ok(first);
  assert.is(begun().look(fleetOf(sets, [{ ...first, labels: {} }, ...others]), all, true), 0, 'half of the pairs');
});

test('a process that begins knows by the statuses what clusters were given', () => {
  const had = new Set(['SelectorSyncSet/a', 'SelectorSyncSet/b', 'SyncSet/fleet/gone']);
  const losses = new Losses(new Map([[clusters[0]?.id ?? '', had]]));
  assert.is(losses.look(fleetOf(sets.slice(1, 2), clusters), all, true), 2);
});

test('clusters that nothing touches are not looked at, and those that go leave nothing behind', () => {
  const losses = begun();
  const untouched = ({ name }: FleetCluster): boolean => name === 'c1';
  assert.is(losses.look(fleetOf([], clusters), untouched, true), 0, 'half of the pairs');
  const other = begun();
  assert.is(other.look(fleetOf([], clusters), all, true), 6);
  assert.is(other.look(fleetOf([], clusters.slice(0, 1)), all, false), 3);
  assert.is(other.look(fleetOf([], []), all, false), 0);
});

test.run();
