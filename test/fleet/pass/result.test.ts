// What a run reports of a cluster that took several passes.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Change, joined, type PassResult } from '../../../scripts/fleet/pass/result.ts';

const test = suite('fleet/pass/result');

const change = (action: Change['action'], name: string): Change => ({
  action,
  ref: { apiVersion: 'v1', kind: 'ConfigMap', name },
  sets: ['s'],
});

const pass = (more: Partial<PassResult>): PassResult => ({
  cluster: 'c',
  sets: [],
  wanted: 3,
  unchanged: 0,
  confirmed: 0,
  changes: [],
  held: [],
  requests: 5,
  ms: 10,
  unreachable: false,
  ...more,
});

test('what an earlier attempt has made and deleted is counted, and is not as wanted for another reason', () => {
  const first = pass({ changes: [change('create', 'a'), change('delete', 'old')], error: 'later' });
  const second = pass({ unchanged: 2, confirmed: 1, requests: 3, ms: 5 });
  const both = joined(first, second);
  assert.equal(
    both.changes.map(({ action, ref }) => `${action} ${ref.name}`),
    ['create a', 'delete old'],
  );
  assert.equal([both.unchanged, both.confirmed, both.requests, both.ms, both.error], [1, 1, 8, 15, undefined]);
});

test.run();
