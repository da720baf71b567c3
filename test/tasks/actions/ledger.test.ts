// The book of a run: a record for each step with its times, attempts and remarks, and events in the order in which they came.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { EngineEvent } from '../../../scripts/engine/event.ts';
import { Ledger } from '../../../scripts/tasks/actions/ledger.ts';
import { FakeClock } from '../../doubles/clock.ts';

const test = suite('tasks/actions/ledger');

function book(): { ledger: Ledger; clock: FakeClock; events: EngineEvent[] } {
  const clock = new FakeClock();
  clock.advance(1_000);
  const events: EngineEvent[] = [];
  const ledger = new Ledger(clock, [(event) => void events.push(event)], (text) => text.replaceAll('s3cret', '***'));
  ledger.open();
  return { ledger, clock, events };
}

test('a step: when it began and ended, its attempts, and what it needed', () => {
  const { ledger, clock, events } = book();
  clock.advance(10);
  const first = ledger.begin('a', undefined);
  first.attempt();
  clock.advance(5);
  first.retrying(7, 'with s3cret');
  first.attempt();
  first.note('noted');
  first.warn('warned');
  clock.advance(5);
  first.end('done');
  first.end('failed', 'too late');
  const second = ledger.begin('b', first.name);
  second.attempt();
  second.end('failed', 'because of s3cret');
  const { steps, outcome, wallMs } = ledger.close('failed');
  assert.equal([outcome, wallMs], ['failed', 20]);
  assert.equal(steps[0], {
    name: 'a',
    needs: [],
    queuedMs: 10,
    startedMs: 10,
    endedMs: 20,
    attempts: 2,
    outcome: 'done',
    notes: ['noted'],
    warnings: ['warned'],
    reason: undefined,
  });
  const { needs, reason, notes, warnings } = steps[1] ?? {};
  assert.equal([needs, reason, notes, warnings], [['a'], 'because of ***', undefined, undefined]);
  assert.is(steps.length, 2);
  assert.equal(
    events.map(({ type }) => type),
    [
      ...['run-started', 'step-queued', 'step-started', 'step-retrying', 'step-started', 'step-warning', 'step-ended'],
      ...['step-queued', 'step-started', 'step-ended', 'run-ended'],
    ],
  );
  assert.equal(events[0], { type: 'run-started', atMs: 0, steps: [], pools: {} });
  const retrying = events.find((event) => event.type === 'step-retrying');
  assert.equal([retrying?.attempt, retrying?.delayMs, retrying?.message], [1, 7, 'with ***']);
});

test('a name that was used gets a number; secrets are no part of one', () => {
  const { ledger } = book();
  const names = ['a', 'a', 'b', 'a', 'x s3cret'].map((label) => ledger.begin(label, undefined).name);
  assert.equal(names, ['a', 'a (2)', 'b', 'a (3)', 'x ***']);
});

test('a step that never ran has no start', () => {
  const { ledger } = book();
  ledger.pass('a', 'skipped', 'its "if" is false');
  const [step] = ledger.close('done').steps;
  assert.equal(
    [step?.outcome, step?.attempts, step?.startedMs, step?.reason],
    ['skipped', 0, undefined, 'its "if" is false'],
  );
});

test.run();
