import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createJson, writeSummary } from '../../scripts/progress/json.ts';
import { paper } from '../doubles/paper.ts';
import { ended, record, run, started, unstarted } from './events.ts';

const test = suite('json');
const START = Date.UTC(2026, 0, 2, 3, 4, 5, 678);

test('each event is one object a line, with its type and time', () => {
  const terminal = paper();
  let now = START;
  const { onEvent, close } = createJson({ terminal, epochMs: () => now });
  onEvent(started('etcd', 'late'));
  now += 10_000;
  onEvent({ type: 'step-queued', atMs: 1, step: 'etcd' });
  onEvent({ type: 'step-started', atMs: 2, step: 'etcd', attempt: 1 });
  onEvent({ type: 'step-output', atMs: 3, step: 'etcd', line: 'a "line"\u2028' });
  onEvent({ type: 'step-warning', atMs: 4, step: 'etcd', message: 'slow' });
  onEvent({ type: 'step-retrying', atMs: 5, step: 'etcd', attempt: 1, delayMs: 100, message: 'refused' });
  onEvent({ type: 'step-progress', atMs: 6, step: 'etcd', progress: { done: 1, total: 2, unit: 'items' } });
  onEvent(ended(record('etcd', 2, 1007, { attempts: 2, notes: ['n'], warnings: ['slow'] })));
  onEvent(ended(unstarted('late', 1008, { reason: 'why' })));
  const steps = [record('etcd', 2, 1007)];
  onEvent({ type: 'run-ended', atMs: 1009, run: run(steps, { criticalPath: ['etcd'], outcome: 'failed' }) });
  close();
  const time = '2026-01-02T03:04:05.67';
  assert.equal(
    terminal.lines().map((line) => JSON.parse(line) as unknown),
    [
      {
        type: 'run.started',
        time: `${time}8Z`,
        atMs: 0,
        schemaVersion: 1,
        steps: [
          { name: 'etcd', needs: [], optional: false },
          { name: 'late', needs: [], optional: false },
        ],
        pools: {},
      },
      { type: 'step.queued', time: `${time}9Z`, atMs: 1, step: 'etcd' },
      { type: 'step.started', time: '2026-01-02T03:04:05.680Z', atMs: 2, step: 'etcd', attempt: 1 },
      { type: 'step.output', time: '2026-01-02T03:04:05.681Z', atMs: 3, step: 'etcd', line: 'a "line"\u2028' },
      { type: 'step.warning', time: '2026-01-02T03:04:05.682Z', atMs: 4, step: 'etcd', message: 'slow' },
      {
        type: 'step.retrying',
        time: '2026-01-02T03:04:05.683Z',
        atMs: 5,
        step: 'etcd',
        attempt: 1,
        delayMs: 100,
        message: 'refused',
      },
      {
        type: 'step.progress',
        time: '2026-01-02T03:04:05.684Z',
        atMs: 6,
        step: 'etcd',
        done: 1,
        total: 2,
        unit: 'items',
      },
      {
        type: 'step.ended',
        time: '2026-01-02T03:04:06.685Z',
        atMs: 1007,
        step: 'etcd',
        outcome: 'done',
        queuedMs: 2,
        startedMs: 2,
        endedMs: 1007,
        attempts: 2,
        notes: ['n'],
        warnings: ['slow'],
      },
      {
        type: 'step.ended',
        time: '2026-01-02T03:04:06.686Z',
        atMs: 1008,
        step: 'late',
        outcome: 'skipped',
        endedMs: 1008,
        attempts: 0,
        reason: 'why',
      },
      {
        type: 'run.ended',
        time: '2026-01-02T03:04:06.687Z',
        atMs: 1009,
        outcome: 'failed',
        wallMs: 1007,
        criticalPath: ['etcd'],
        parallelGain: 1,
      },
    ],
  );
});

test('times are those of the run, whenever its first event comes', () => {
  const terminal = paper();
  const { onEvent } = createJson({ terminal, epochMs: () => START });
  onEvent({ ...started('a'), atMs: 300 });
  onEvent({ type: 'step-queued', atMs: 301, step: 'a' });
  const times = terminal.lines().map((line) => Date.parse((JSON.parse(line) as { time: string }).time));
  assert.equal(times, [START, START + 1]);
});

test('progress comes at most four times a second and step, and always when all is done', () => {
  const terminal = paper();
  const { onEvent } = createJson({ terminal, epochMs: () => START });
  const progress = (atMs: number, step: string, done: number): void =>
    onEvent({ type: 'step-progress', atMs, step, progress: { done, total: 100 } });
  onEvent(started('a', 'b'));
  progress(0, 'a', 1);
  progress(100, 'a', 2);
  progress(100, 'b', 3);
  progress(249, 'a', 4);
  progress(250, 'a', 5);
  progress(251, 'a', 100);
  onEvent({ type: 'step-started', atMs: 260, step: 'a', attempt: 2 });
  progress(261, 'a', 6);
  const shown = terminal.lines().filter((line) => line.includes('step.progress'));
  assert.equal(
    shown.map((line) => (JSON.parse(line) as { done: number }).done),
    [1, 3, 5, 100, 6],
  );
});

test('the summary is one line', () => {
  const terminal = paper();
  writeSummary(
    { terminal, epochMs: () => START },
    {
      subject: 'cluster dev',
      verdicts: { done: 'is ready', failed: 'is not ready' },
      run: run([record('etcd', 0, 10)], { outcome: 'failed' }),
      facts: [['address', 'https://127.0.0.1:6443']],
      failures: [{ step: 'etcd', message: 'no', lastOutput: ['x'], hint: 'try' }],
      logs: '/logs',
    },
  );
  assert.is(terminal.lines().length, 1);
  assert.equal(JSON.parse(terminal.text), {
    type: 'summary',
    time: '2026-01-02T03:04:05.678Z',
    ready: false,
    subject: 'cluster dev',
    facts: { address: 'https://127.0.0.1:6443' },
    wallMs: 10,
    failures: [{ step: 'etcd', message: 'no', lastOutput: ['x'], hint: 'try' }],
    logs: '/logs',
  });
});

test.run();
