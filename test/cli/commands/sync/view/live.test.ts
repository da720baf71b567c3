// The line that is redrawn while a fleet is worked on, through the guard that commands write through.

import { EventEmitter } from 'node:events';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { startLive } from '../../../../../scripts/cli/commands/sync/view/live.ts';
import type { ClusterRecord } from '../../../../../scripts/fleet/runner.ts';
import { guarded, terminalOf } from '../../../../../scripts/progress/terminal.ts';
import { FakeClock } from '../../../../doubles/clock.ts';
import { Screen } from '../../../../doubles/screen.ts';

const test = suite('cli/commands/sync/view/live');

class Stream extends EventEmitter {
  readonly screen = new Screen(60, 24);
  readonly columns = 60;
  constructor(readonly isTTY: boolean) {
    super();
  }
  write(text: string): void {
    this.screen.write(text);
  }
}

function open(isTTY: boolean) {
  const stream = new Stream(isTTY);
  const clock = new FakeClock();
  const records = new Map<string, ClusterRecord>();
  const live = startLive(terminalOf(guarded(stream), { LANG: 'C.UTF-8' }), { records }, clock);
  return { screen: stream.screen, clock, records, live };
}

const record = (state: ClusterRecord['state']): ClusterRecord =>
  ({ cluster: { id: 'a' }, state, failures: 0, passes: 0, dueSince: 0 }) as unknown as ClusterRecord;

test('on a terminal one line is redrawn in place, and gone at the end', () => {
  const { screen, clock, records, live } = open(true);
  records.set('a', record('running')).set('b', record('running'));
  clock.jump();
  assert.equal(screen.lines, ['──────────────────────── 0/2 clusters · 0 objects/s']);
  records.set('a', record('failed'));
  clock.jump();
  assert.equal(screen.lines, ['━━━━━━━━━━━━──────────── 1/2 clusters · 1 failed · 0 objec…']);
  live.stop();
  assert.equal(screen.lines, ['']);
  const { length } = screen.writes;
  clock.advance(1000);
  assert.is(screen.writes.length, length);
});

test('objects of clusters that were looked at, failures, and how long the rest may take', () => {
  const { screen, clock, records, live } = open(false);
  const done = (state: ClusterRecord['state'], objects: number): ClusterRecord =>
    ({
      ...record(state),
      result: { changes: Array(objects), unchanged: objects, confirmed: objects },
    }) as unknown as ClusterRecord;
  records
    .set('a', done('synced', 10))
    .set('b', done('unreachable', 0))
    .set('c', record('pending'))
    .set('d', record('running'));
  clock.advance(10_000);
  assert.match(screen.lines[0] ?? '', /^━{12}─{12} 2\/4 clusters · 1 failed · 3 obj/);
  live.stop();
});

test('elsewhere it is a line every ten seconds', () => {
  const { screen, clock, records, live } = open(false);
  records.set('a', record('running'));
  clock.advance(20_000);
  live.stop();
  assert.equal(screen.lines.length, 2);
  assert.match(screen.lines[1] ?? '', /^─+ 0\/1 clusters · 0 objects\/s$/);
});

test.run();
