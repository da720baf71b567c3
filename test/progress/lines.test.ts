import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createLines } from '../../scripts/progress/lines.ts';
import { FakeClock } from '../doubles/clock.ts';
import { paper } from '../doubles/paper.ts';
import { ended, record, run, started, unstarted } from './events.ts';

const test = suite('lines');

function open(verbose = false, colour = false) {
  const terminal = paper({ colour });
  const clock = new FakeClock();
  return { terminal, clock, ...createLines({ terminal, clock, verbose }) };
}

test('one line for each event that is worth one', () => {
  const { terminal, onEvent } = open();
  onEvent(started('etcd', 'api', 'opt', 'quota', 'late'));
  onEvent({ type: 'step-queued', atMs: 0, step: 'etcd' });
  onEvent({ type: 'step-started', atMs: 0, step: 'etcd', attempt: 1 });
  onEvent({ type: 'step-output', atMs: 1, step: 'etcd', line: 'not shown' });
  onEvent({ type: 'step-progress', atMs: 1, step: 'etcd', progress: { done: 1 } });
  onEvent(ended(record('etcd', 0, 812, { notes: ['was there', 'healed'] })));
  onEvent({ type: 'step-retrying', atMs: 900, step: 'api', attempt: 1, delayMs: 1500, message: 'refused\r\ntwice' });
  onEvent({ type: 'step-warning', atMs: 950, step: 'api', message: 'port taken' });
  onEvent(ended(record('opt', 900, 1000, { outcome: 'warned', reason: 'no route' })));
  onEvent(ended(record('api', 800, 61_000, { outcome: 'failed', attempts: 3, reason: 'gave up' })));
  onEvent(ended(record('quota', 800, 61_000, { outcome: 'cancelled', reason: 'interrupted' })));
  onEvent(ended(unstarted('late', 61_000, { reason: 'not started since "api" failed' })));
  onEvent({ type: 'run-ended', atMs: 61_000, run: run([]) });
  assert.equal(terminal.lines(), [
    '  0.0 s  start      5 steps',
    '  0.8 s  done       etcd (812 ms): was there, healed',
    '  0.9 s  retry      api: attempt 1 failed, again in 1.5 s: refused twice',
    '  0.9 s  warning    api: port taken',
    '  1.0 s  warning    opt, which is optional, failed (100 ms): no route',
    '   1:01  failed     api (1 min 00 s, 3 attempts): gave up',
    '   1:01  cancelled  quota: interrupted',
  ]);
});

test('a step that fails without having started is worth its line', () => {
  const { terminal, onEvent, close } = open();
  onEvent(started('late'));
  onEvent(ended(unstarted('late', 100, { outcome: 'failed', reason: 'it needs "x"' })));
  assert.is(terminal.lines().at(-1), '  0.1 s  failed     late: it needs "x"');
  close();
});

test('verbose adds what steps write and what was skipped', () => {
  const { terminal, onEvent, close } = open(true);
  onEvent(started('etcd'));
  onEvent({ type: 'step-output', atMs: 1, step: 'etcd', line: '\x1b[31mready\x1b[0m' });
  onEvent(ended(unstarted('late', 2, { reason: 'why' })));
  assert.equal(terminal.lines().slice(1), ['  0.0 s  output     etcd: ready', '  0.0 s  skipped    late: why']);
  close();
});

test('the steps of a group are one line when all have succeeded, and one each where they failed', () => {
  const { terminal, clock, onEvent, close } = open();
  const outline = (name: string, group: string) => ({ name, group, needs: [], optional: false });
  const steps = [outline('a/1', 'cluster a'), outline('a/2', 'cluster a'), outline('b/1', 'cluster b')];
  onEvent({ type: 'run-started', atMs: 0, steps, pools: {} });
  onEvent({ type: 'steps-added', atMs: 0, by: 'a/1', steps: [outline('b/2', 'cluster b')] });
  for (const step of ['a/1', 'a/2', 'b/1', 'b/2']) onEvent({ type: 'step-started', atMs: 100, step, attempt: 1 });
  onEvent(ended(record('a/1', 100, 200, { group: 'cluster a' })));
  onEvent(ended(record('a/2', 100, 400, { group: 'cluster a' })));
  for (let i = 0; i < 10; i++) clock.jump();
  onEvent(ended(record('b/1', 100, 10_500, { group: 'cluster b', outcome: 'failed', reason: 'no route' })));
  onEvent(ended(record('b/2', 100, 10_600, { group: 'cluster b' })));
  assert.equal(terminal.lines(), [
    '  0.0 s  start      3 steps',
    '  0.4 s  done       cluster a (2 steps, 300 ms)',
    ' 10.5 s  failed     b/1 (10.4 s): no route',
  ]);
  close();
});

test('signs of life after 10, 20 and 30 s, and then every 30', () => {
  const { terminal, clock, onEvent } = open();
  onEvent(started('nodes'));
  onEvent({ type: 'step-started', atMs: 0, step: 'nodes', attempt: 1 });
  onEvent({ type: 'step-progress', atMs: 0, step: 'nodes', progress: { done: 3, total: 5 } });
  for (let second = 1; second <= 15; second++) clock.jump();
  onEvent({ type: 'step-started', atMs: 15_000, step: 'nodes', attempt: 2 });
  for (let second = 16; second <= 25; second++) clock.jump();
  onEvent({ type: 'step-retrying', atMs: 25_000, step: 'nodes', attempt: 2, delayMs: 60_000, message: 'not yet' });
  for (let second = 26; second <= 95; second++) clock.jump();
  assert.equal(
    terminal.lines().filter((line) => !/ start | retry /.test(line)),
    [
      ' 10.0 s  running    nodes: still running after 10.0 s, 3/5',
      ' 20.0 s  running    nodes: still running after 20.0 s, attempt 2',
      ' 30.0 s  running    nodes: still running after 30.0 s, attempt 2, waiting to try again: not yet',
      '   1:00  running    nodes: still running after 1 min 00 s, attempt 2, waiting to try again: not yet',
      '   1:30  running    nodes: still running after 1 min 30 s, attempt 2, waiting to try again: not yet',
    ],
  );
  onEvent(ended(record('nodes', 0, 95_000)));
  const count = terminal.lines().length;
  clock.jump();
  assert.is(terminal.lines().length, count);
  onEvent({ type: 'run-ended', atMs: 96_000, run: run([]) });
  const at = clock.now();
  clock.jump();
  assert.is(clock.now(), at, 'a timer is left after the end');
});

test('a step that waits for another one says so, with how far that one is', () => {
  const { terminal, clock, onEvent, close } = open();
  onEvent(started('tool/nodes'));
  onEvent({ type: 'step-started', atMs: 0, step: 'tool/nodes', attempt: 1 });
  const progress = {
    done: 30,
    total: 90,
    unit: 'packages',
    leftMs: 60_000,
    waitsFor: 'the build of etcd 3.6.8',
  } as const;
  onEvent({ type: 'step-progress', atMs: 5, step: 'tool/nodes', progress });
  for (let second = 0; second < 10; second++) clock.jump();
  assert.equal(terminal.lines().slice(-1), [
    ' 10.0 s  running    tool/nodes: still running after 10.0 s, waiting for the build of etcd 3.6.8: 30/90 packages, about 1 min left',
  ]);
  close();
});

test('a step that knows what is left to do gives a sign of life at each tenth', () => {
  const { terminal, clock, onEvent, close } = open();
  onEvent(started('tool/api'));
  onEvent({ type: 'step-started', atMs: 0, step: 'tool/api', attempt: 1 });
  onEvent({ type: 'step-announced', atMs: 5, step: 'tool/api', message: 'builds for minutes' });
  for (let done = 0; done <= 200; done++) {
    const progress = { done, total: 200, unit: 'packages', leftMs: (200 - done) * 1000 } as const;
    onEvent({ type: 'step-progress', atMs: done * 1000, step: 'tool/api', progress });
    clock.jump();
  }
  onEvent(ended(record('tool/api', 0, 200_000)));
  const lines = terminal.lines().slice(1);
  assert.is(lines[0], '  0.0 s  info       builds for minutes');
  assert.is(lines[1], ' 20.0 s  running    tool/api: 10 %, 20/200 packages, about 3 min left');
  assert.is(lines[9], '   3:00  running    tool/api: 90 %, 180/200 packages, about 20 s left');
  assert.is(lines[10], '   3:20  done       tool/api (3 min 20 s)');
  assert.is(lines.length, 11);
  close();
});

test('colour where it was forced', () => {
  const { terminal, onEvent, close } = open(false, true);
  onEvent(started());
  assert.is(terminal.text, '\x1b[2m  0.0 s\x1b[22m  \x1b[1mstart\x1b[22m      0 steps\n');
  close();
});

test.run();
