// The line that is redrawn while a fleet is worked on, through the guard that commands write through.

import { EventEmitter } from 'node:events';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { clusterJson, startLive } from '../../../../../scripts/cli/commands/sync/view/live.ts';
import type { ClusterRecord } from '../../../../../scripts/fleet/runner.ts';
import { guarded, terminalOf } from '../../../../../scripts/progress/terminal.ts';
import { FakeClock } from '../../../../doubles/clock.ts';
import { Screen } from '../../../../doubles/screen.ts';

const test = suite('cli/commands/sync/view/live');

class Stream extends EventEmitter {
  readonly screen: Screen;
  constructor(
    readonly isTTY: boolean,
    readonly columns: number,
  ) {
    super();
    this.screen = new Screen(columns, 24);
  }
  write(text: string): void {
    this.screen.write(text);
  }
}

function open(isTTY: boolean, columns = 60) {
  const stream = new Stream(isTTY, columns);
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

test('what is left takes as long as what is done; nothing is said of it at the start and at the end', () => {
  const { screen, clock, records, live } = open(false, 120);
  const done = {
    ...record('synced'),
    result: { changes: [1], unchanged: 20, confirmed: 4 },
  } as unknown as ClusterRecord;
  records.set('a', record('running')).set('b', record('pending')).set('c', record('pending')).set('d', record('held'));
  const line = (): string => {
    clock.advance(10_000);
    return (screen.lines.at(-1) ?? '').replace(/^[━─]+ /, '');
  };
  assert.is(line(), '1/4 clusters · 0 objects/s · 30.0 s left');
  records.set('a', done);
  assert.is(line(), '2/4 clusters · 1 objects/s · 20.0 s left');
  records.set('b', done).set('c', record('skipped'));
  assert.is(line(), '4/4 clusters · 2 objects/s');
  records.clear();
  assert.is(line(), '0/0 clusters · 0 objects/s');
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

test('a cluster as JSON: what became of its sets, once a pass has ended', () => {
  const now = new Date('2026-01-02T03:04:05Z');
  assert.equal(JSON.parse(JSON.stringify(clusterJson(record('pending'), now))), {
    type: 'cluster',
    time: '2026-01-02T03:04:05.000Z',
    cluster: 'a',
    state: 'pending',
  });
  const result = { sets: [{ id: 's', ok: true, retry: false }], wanted: 5, unchanged: 3, confirmed: 1, ms: 1.6 };
  const shown = clusterJson({ ...record('synced'), result } as unknown as ClusterRecord, now);
  assert.equal(JSON.parse(JSON.stringify(shown)), {
    type: 'cluster',
    time: '2026-01-02T03:04:05.000Z',
    cluster: 'a',
    state: 'synced',
    sets: [{ id: 's', ok: true }],
    wanted: 5,
    unchanged: 4,
    ms: 2,
  });
});

test.run();
