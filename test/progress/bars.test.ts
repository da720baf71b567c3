import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createBars } from '../../scripts/progress/bars.ts';
import { FakeClock } from '../doubles/clock.ts';
import { Screen } from '../doubles/screen.ts';
import { ended, record, run, started } from './events.ts';

const test = suite('bars');

async function open(columns = 60, rows = 24, verbose = false) {
  const screen = new Screen(columns, rows);
  const clock = new FakeClock();
  const bars = await createBars({ terminal: screen, clock, verbose });
  return { screen, clock, ...bars };
}

test('a line for the run and one for each running step, redrawn in place', async () => {
  const { screen, clock, onEvent, close } = await open();
  onEvent(started('etcd', 'api', 'nodes'));
  assert.equal(screen.lines, ['0/3  ────────────────────────────────────────  0.0 s']);
  onEvent({ type: 'step-started', atMs: 0, step: 'etcd', attempt: 1 });
  onEvent({ type: 'step-started', atMs: 0, step: 'api', attempt: 1 });
  onEvent({ type: 'step-progress', atMs: 0, step: 'api', progress: { done: 1, total: 2 } });
  clock.jump();
  assert.equal(screen.lines, [
    '0/3  ────────────────────────────────────────  0.1 s',
    '  etcd                     0.1 s',
    '  api                      0.1 s  ━━━━━━━━━━──────────  1/2',
  ]);
  onEvent(ended(record('etcd', 0, 150)));
  clock.jump();
  assert.equal(screen.lines, [
    '1/3  ━━━━━━━━━━━━━───────────────────────────  0.2 s',
    '  api                      0.2 s  ━━━━━━━━━━──────────  1/2',
  ]);
  onEvent(ended(record('api', 0, 250)));
  onEvent({ type: 'step-started', atMs: 250, step: 'nodes', attempt: 1 });
  clock.jump();
  assert.equal(screen.lines, [
    '2/3  ━━━━━━━━━━━━━━━━━━━━━━━━━━━─────────────  0.3 s',
    '  nodes                    0.1 s',
  ]);
  close();
});

test('while it draws, the cursor is hidden; closing clears the bars and brings it back', async () => {
  const { screen, clock, onEvent, close } = await open();
  onEvent(started('etcd'));
  onEvent({ type: 'step-started', atMs: 0, step: 'etcd', attempt: 1 });
  clock.jump();
  assert.is(screen.cursorVisible, false);
  close();
  assert.is(screen.cursorVisible, true);
  assert.is(screen.wraps, true);
  assert.equal(screen.lines, ['']);
  const writes = screen.writes.length;
  close();
  onEvent(ended(record('etcd', 0, 10)));
  clock.jump();
  assert.is(screen.writes.length, writes);
});

test('the end of the process brings the cursor back, and no listener stays behind', async () => {
  const before = process.listeners('exit');
  const { screen, onEvent } = await open();
  onEvent(started('etcd'));
  const added = process.listeners('exit').filter((listener) => !before.includes(listener));
  assert.is(added.length, 1);
  added[0]?.(130);
  assert.is(screen.cursorVisible, true);
  assert.equal(process.listeners('exit'), before);
});

test('closing before the run has started writes nothing', async () => {
  const { screen, close } = await open();
  close();
  assert.equal(screen.writes, []);
});

test('warnings and failures stay above the bars, the last ones too', async () => {
  const { screen, clock, onEvent } = await open(50);
  onEvent(started('etcd', 'api', 'opt'));
  onEvent({ type: 'step-started', atMs: 0, step: 'etcd', attempt: 1 });
  onEvent({ type: 'step-warning', atMs: 10, step: 'etcd', message: 'no fsync\nat all' });
  clock.jump();
  assert.equal(
    screen.lines,
    [
      '! etcd: no fsync at all',
      '0/3  ──────────────────────────  0.1 s  1 warning',
      '  etcd                 0.1 s',
    ].map((line) => line),
  );
  onEvent({ type: 'step-output', atMs: 20, step: 'etcd', line: 'not shown' });
  onEvent(ended(record('etcd', 0, 120)));
  onEvent(ended(record('opt', 0, 130, { outcome: 'warned', reason: 'no route' })));
  const reason = 'a reason that is so long that the terminal has to wrap it at its edge';
  const failed = record('api', 0, 150, { outcome: 'failed', attempts: 2, reason });
  onEvent(ended(failed));
  onEvent({ type: 'run-ended', atMs: 150, run: run([failed], { outcome: 'failed' }) });
  assert.equal(screen.lines, [
    '! etcd: no fsync at all',
    '! opt, which is optional, failed (130 ms): no rout',
    'e',
    '✗ api (150 ms, 2 attempts): a reason that is so lo',
    'ng that the terminal has to wrap it at its edge',
  ]);
});

test('verbose shows what steps write and how each ended', async () => {
  const { screen, clock, onEvent, close } = await open(60, 24, true);
  onEvent(started('etcd'));
  onEvent({ type: 'step-started', atMs: 0, step: 'etcd', attempt: 1 });
  onEvent({ type: 'step-output', atMs: 1, step: 'etcd', line: '\x1b[2Jready to serve\r' });
  onEvent({ type: 'step-retrying', atMs: 5, step: 'etcd', attempt: 1, delayMs: 1200, message: 'refused' });
  onEvent(ended(record('etcd', 0, 50, { notes: ['unchanged'] })));
  clock.jump();
  assert.equal(screen.lines.slice(0, 3), [
    '│ etcd: ready to serve',
    '↻ etcd: attempt 1 failed, again in 1.2 s: refused',
    '✓ etcd (50 ms): unchanged',
  ]);
  close();
});

test('more steps than rows: the frame stays on the screen', async () => {
  const { screen, clock, onEvent, close } = await open(60, 6);
  const names = Array.from({ length: 12 }, (_, i) => `step ${i}`);
  onEvent(started(...names));
  for (const step of names) onEvent({ type: 'step-started', atMs: 0, step, attempt: 1 });
  clock.jump();
  assert.is(screen.lines.length, 5);
  assert.is(screen.lines.at(-1), '  9 more running');
  close();
});

test('each frame is one write', async () => {
  const { screen, clock, onEvent, close } = await open();
  onEvent(started('a', 'b', 'c'));
  for (const step of ['a', 'b', 'c']) onEvent({ type: 'step-started', atMs: 0, step, attempt: 1 });
  clock.jump();
  for (const step of ['a', 'b']) onEvent(ended(record(step, 0, 110)));
  const before = screen.writes.length;
  clock.jump();
  assert.is(screen.writes.length, before + 1);
  close();
});

test('a narrower terminal has wrapped the last frame: all of its rows are redrawn', async () => {
  const { screen, clock, onEvent, close } = await open(60);
  onEvent(started('etcd', 'api'));
  onEvent({ type: 'step-started', atMs: 0, step: 'etcd', attempt: 1 });
  onEvent({ type: 'step-progress', atMs: 0, step: 'etcd', progress: { done: 1, total: 2 } });
  clock.jump();
  // 51 and 59 cells: two rows each at 40 columns, so two rows more than the display knows of.
  screen.columns = 40;
  clock.jump();
  assert.match(screen.writes.at(-1) ?? '', /^\x1b\[2A\x1b\[1A/);
  screen.columns = 80;
  clock.jump();
  assert.match(screen.writes.at(-1) ?? '', /^\x1b\[1A/);
  close();
});

test('colour only where the terminal has it', async () => {
  const screen = new Screen(60, 24, true);
  const clock = new FakeClock();
  const { onEvent, close } = await createBars({ terminal: screen, clock, verbose: false });
  onEvent(started('etcd'));
  onEvent(ended(record('etcd', 0, 50, { outcome: 'failed', reason: 'no' })));
  close();
  assert.match(screen.writes.join(''), '\x1b[31m✗\x1b[39m etcd');
  assert.equal(screen.lines, ['✗ etcd (50 ms): no']);
});

test('whole lines are printed above the bars, and kept while the terminal belongs to someone else', async () => {
  const screen = new Screen(40, 24);
  const clock = new FakeClock();
  const bars = await createBars({ terminal: screen, clock, verbose: false, expected: 3, delayMs: 300 });
  bars.onEvent(started());
  bars.onEvent({ type: 'step-started', atMs: 0, step: 'etcd', attempt: 1 });
  bars.print('at once\n');
  assert.equal(screen.lines, ['at once']);
  clock.advance(300);
  bars.print('two\nlines\n');
  clock.advance(100);
  assert.equal(screen.lines, [
    'at once',
    'two',
    'lines',
    '0/3  ───────────────────────────  0.4 s',
    '  etcd              0.4 s',
  ]);
  bars.onEvent(ended(record('etcd', 0, 400)));
  const back = bars.hold();
  assert.equal(screen.lines, ['at once', 'two', 'lines']);
  assert.is(screen.cursorVisible, true);
  assert.is(screen.wraps, true);
  screen.write('theirs\n');
  const writes = screen.writes.length;
  clock.advance(500);
  assert.is(screen.writes.length, writes);
  back();
  assert.equal(screen.lines, ['at once', 'two', 'lines', 'theirs', '1/3  ━━━━━━━━━──────────────────  0.9 s']);
  bars.close();
  assert.equal(screen.lines, ['at once', 'two', 'lines', 'theirs']);
});

test('much that is printed at once is drawn at once', async () => {
  const { screen, clock, onEvent, print, close } = await open();
  onEvent(started('etcd'));
  print('x\n'.repeat(20_000));
  assert.is(screen.lines.length, 20_001);
  print('y\n');
  assert.is(screen.lines.length, 20_001);
  clock.jump();
  assert.is(screen.lines.length, 20_002);
  close();
});

test('the bars take no more rows than they may', async () => {
  const screen = new Screen(60, 24);
  const clock = new FakeClock();
  const bars = await createBars({ terminal: screen, clock, verbose: false, mostRows: 3 });
  const names = ['a', 'b', 'c', 'd'];
  bars.onEvent(started(...names));
  for (const step of names) bars.onEvent({ type: 'step-started', atMs: 0, step, attempt: 1 });
  clock.jump();
  assert.is(screen.lines.at(-1), '  3 more running');
  assert.is(screen.lines.length, 3);
  bars.close();
});

test.run();
