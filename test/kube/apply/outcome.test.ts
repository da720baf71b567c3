// Created, configured or unchanged: told from an answer alone.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type ApplyAnswer, type Baseline, type Outcome, outcomeOf } from '../../../scripts/kube/apply/outcome.ts';

const outcome = suite('kube: outcome');

interface Told {
  status?: number;
  version?: string;
  entries?: { manager: string; operation?: string; time: string; subresource?: string }[];
  elapsedMs?: number;
}

/** The server's clock stands at 12:00:10. */
function told({ status = 200, version = '5', entries = [], elapsedMs = 20 }: Told, baseline: Baseline): Outcome {
  const answer: ApplyAnswer = {
    status,
    object: {
      metadata: {
        name: 'x',
        resourceVersion: version,
        managedFields: entries.map((entry) => ({ operation: 'Apply', ...entry })),
      },
    },
    date: 'Sun, 22 Nov 2026 12:00:10 GMT',
    elapsedMs,
  };
  return outcomeOf(answer, 'hoist', baseline);
}

const young = { manager: 'hoist', time: '2026-11-22T12:00:10Z' };
const old = { manager: 'hoist', time: '2026-11-22T12:00:05Z' };

outcome('believes the status 201', () => {
  assert.is(told({ status: 201, version: '1' }, 9n), 'created');
});

outcome('believes a revision that is not above the baseline', () => {
  assert.is(told({ version: '5', entries: [young] }, 5n), 'unchanged');
  assert.is(told({ version: '6', entries: [young] }, 5n), 'configured');
  assert.is(told({ version: '100000000000000000001', entries: [young] }, 100000000000000000001n), 'unchanged');
});

outcome('knows a write by someone else from our own by the age of our entry', () => {
  assert.is(told({ version: '6', entries: [old, { manager: 'kubelet', time: young.time }] }, 5n), 'unchanged');
});

outcome('goes by time alone where there is no baseline', () => {
  assert.is(told({ entries: [old] }, undefined), 'unchanged');
  assert.is(told({ entries: [young] }, undefined), 'configured');
  assert.is(told({ version: 'opaque', entries: [old] }, 5n), 'unchanged');
});

outcome('counts the time of a slow answer', () => {
  assert.is(told({ entries: [old], elapsedMs: 6000 }, undefined), 'configured');
});

outcome('looks at our own entry for the object itself only', () => {
  assert.is(told({ version: '6', entries: [{ ...old, subresource: 'status' }, young] }, 5n), 'configured');
  assert.is(told({ version: '6', entries: [{ ...old, operation: 'Update' }, young] }, 5n), 'configured');
});

outcome('does not take the note of former owners for a change', () => {
  assert.is(told({ version: '6', entries: [{ ...young, manager: 'before-first-apply' }] }, 5n), 'unchanged');
  assert.is(told({ version: '6', entries: [{ ...old, manager: 'before-first-apply' }] }, 5n), 'configured');
});

outcome('says configured where nothing can be known', () => {
  assert.is(told({ version: '6' }, 5n), 'configured');
});

outcome.run();
