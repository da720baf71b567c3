import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { character } from '../characters.ts';
import { styleFor } from '../../scripts/progress/style.ts';
import { type RunSummary, summaryLines } from '../../scripts/progress/summary.ts';
import { width } from '../../scripts/base/layout.ts';
import { record, run, unstarted } from './events.ts';

const test = suite('summary');
const style = styleFor({ colour: false, unicode: true });

function good(more: Partial<RunSummary> = {}): RunSummary {
  const steps = [
    record('etcd', 0, 400),
    record('kube-apiserver', 400, 2500),
    record('nodes ready', 2500, 3400),
    record('namespaces', 2500, 2540, {
      warnings: ['the quota of team-a is lower than what its deployments ask for in all'],
    }),
    record('metrics', 2500, 2600, { outcome: 'warned', reason: 'no route to host' }),
  ];
  return {
    subject: 'cluster dev',
    verdicts: { done: 'is ready', failed: 'is not ready' },
    run: run(steps, { wallMs: 3400, criticalPath: ['etcd', 'kube-apiserver', 'nodes ready'], parallelGain: 1.04 }),
    facts: [
      ['address', 'https://127.0.0.1:36443'],
      ['context', 'hoist-dev'],
    ],
    previousMs: 4000,
    failures: [],
    ...more,
  };
}

function bad(more: Partial<RunSummary> = {}): RunSummary {
  const steps = [
    record('etcd', 0, 400, { warnings: ['slow disk'] }),
    record('api', 400, 2500, { outcome: 'failed', attempts: 3, reason: 'it ended with exit code 1' }),
    ...Array.from({ length: 10 }, (_, i) => unstarted(`namespace ${i}`, 2500)),
  ];
  const output = ['first', ...Array.from({ length: 11 }, (_, i) => `I${i} \x1b[31mserving\x1b[0m`)];
  const message = 'it ended with exit code 1\nlisten tcp 127.0.0.1:36443: bind: address already in use';
  const hint = 'End what listens on port 36443, or choose another one with --api-port.';
  return {
    subject: 'cluster dev',
    verdicts: { done: 'is ready', failed: 'is not ready' },
    run: run(steps, { outcome: 'failed', wallMs: 2500 }),
    facts: [['address', 'https://127.0.0.1:36443']],
    failures: [{ step: 'api', message, lastOutput: output, hint }],
    logs: '/home/me/.local/state/hoist/dev/logs',
    next: 'What was made is kept; "hoist up" goes on from there.',
    ...more,
  };
}

test('a good run', () => {
  assert.equal(summaryLines(good(), style), [
    '! namespaces: the quota of team-a is lower than what its deployments ask for in',
    '  all',
    '! metrics: failed, but is optional: no route to host',
    '✓ cluster dev is ready: 5 steps in 3.4 s, 2 warnings',
    '  address        https://127.0.0.1:36443',
    '  context        hoist-dev',
    '  slowest        kube-apiserver 2.1 s, nodes ready 900 ms, etcd 400 ms',
    '  critical path  etcd 400 ms → kube-apiserver 2.1 s → nodes ready 900 ms',
    '  parallel gain  1.0×: 3.5 s of steps in 3.4 s',
    '  last run       4.0 s; this one took 15 % less',
  ]);
});

test('against a faster run, an equal one, and none', () => {
  const last = (previousMs: number | undefined): string | undefined => summaryLines(good({ previousMs }), style).at(-1);
  assert.is(last(3000), '  last run       3.0 s; this one took 13 % more');
  assert.is(last(3401), '  last run       3.4 s; this one took as long');
  assert.is(last(undefined), '  parallel gain  1.0×: 3.5 s of steps in 3.4 s');
});

test('what a person has waited, not only for the steps', () => {
  const lines = summaryLines(good({ waitedMs: 5400 }), style);
  assert.match(lines.join(' ').replaceAll(/\s+/g, ' '), 'waited 5.4 s in all, 2.0 s of it before and after the steps');
  // Clocks differ by some ms.
  const less = summaryLines(good({ waitedMs: 3399 }), style);
  assert.match(less.join(' ').replaceAll(/\s+/g, ' '), /waited 3\.4 s in all, (0 ms|0\.0 s|0 s) of it before/);
});

test('a failed run: what failed, its last lines, what to do, and what did not start', () => {
  assert.equal(summaryLines(bad(), style), [
    '! etcd: slow disk',
    '✗ api failed (2.1 s, 3 attempts)',
    '    it ended with exit code 1',
    '    listen tcp 127.0.0.1:36443: bind: address already in use',
    ...Array.from({ length: 10 }, (_, i) => `    │ I${i + 1} serving`),
    '    End what listens on port 36443, or choose another one with --api-port.',
    '',
    '10 steps not started: namespace 0, namespace 1, namespace 2, namespace 3,',
    'namespace 4, namespace 5, namespace 6 and 3 more',
    '',
    '✗ cluster dev is not ready: 1 of 12 steps failed after 2.5 s, 1 warning',
    '  logs           /home/me/.local/state/hoist/dev/logs',
    'What was made is kept; "hoist up" goes on from there.',
  ]);
});

test('up to eight steps that did not start are all named', () => {
  const named = (count: number): string => {
    const steps = Array.from({ length: count }, (_, i) => unstarted(`s${i}`, 2500));
    return summaryLines(bad({ run: run(steps, { outcome: 'failed' }) }), style)
      .join(' ')
      .replace(/\s+/g, ' ');
  };
  assert.match(named(8), 'started: s0, s1, s2, s3, s4, s5, s6, s7 ');
  assert.match(named(9), 'started: s0, s1, s2, s3, s4, s5, s6 and 2 more ');
  assert.match(named(1), '1 step not started: s0 ');
  assert.not.match(named(0), 'not started');
});

test('lines that the message quotes already are not told twice', () => {
  const failures = [
    { step: 'api', message: 'exit code 1: bind failed', lastOutput: ['start', 'bind failed'], hint: undefined },
  ];
  const lines = summaryLines(bad({ failures }), style, true);
  assert.equal(lines.slice(0, 3), ['✗ api failed (2.1 s, 3 attempts)', '    exit code 1: bind failed', '    │ start']);
});

test('quiet: the failures and the last line', () => {
  assert.equal(summaryLines(good(), style, true), ['✓ cluster dev is ready: 5 steps in 3.4 s, 2 warnings']);
  const lines = summaryLines(bad({ next: undefined, logs: undefined }), style, true);
  assert.is(lines[0], '✗ api failed (2.1 s, 3 attempts)');
  assert.is(lines.at(-1), '✗ cluster dev is not ready: 1 of 12 steps failed after 2.5 s, 1 warning');
  assert.not.ok(lines.some((line) => line.includes('not started')));
});

test('a cancelled run and one out of time', () => {
  const steps = [record('etcd', 0, 400, { outcome: 'cancelled' })];
  const verdict = (outcome: 'cancelled' | 'timeout'): string | undefined =>
    summaryLines({ ...bad(), run: run(steps, { outcome }), failures: [], logs: undefined, next: undefined }, style).at(
      -1,
    );
  assert.is(verdict('cancelled'), '✗ cluster dev is not ready: cancelled after 400 ms');
  assert.is(verdict('timeout'), '✗ cluster dev is not ready: out of time after 400 ms');
});

test('a run in which nothing ran has no times', () => {
  const lines = summaryLines(good({ run: run([]), facts: [] }), style);
  assert.equal(lines, ['✓ cluster dev is ready: 0 steps in 0 ms']);
});

test('ASCII and colour', () => {
  const lines = summaryLines(good(), styleFor({ colour: true, unicode: false }));
  assert.is(
    lines[3],
    '\x1b[32m+\x1b[39m \x1b[1mcluster dev\x1b[22m is ready: 5 steps in 3.4 s, \x1b[33m2 warnings\x1b[39m',
  );
  assert.ok(lines.every((line) => /^[\x1b\x20-\x7e]*$/.test(line)));
});

test('no line is wider than 80 cells, whatever the names', () => {
  const word = fc.string({ unit: character, maxLength: 20 }).map((text) => text.replaceAll('\n', ''));
  const text = fc.array(word, { maxLength: 10 }).map((words) => words.join(' '));
  fc.assert(
    fc.property(
      fc.array(fc.tuple(text, text, fc.nat(1e8)), { minLength: 1, maxLength: 4 }),
      fc.boolean(),
      (all, ok) => {
        const steps = all.map(([name, warning, ms]) => record(name, 0, ms, { warnings: [warning] }));
        const failures = all.map(([step, message]) => ({ step, message, lastOutput: [message, step], hint: message }));
        const lines = summaryLines(
          good({
            run: run(steps, { outcome: ok ? 'done' : 'failed', criticalPath: steps.map((step) => step.name) }),
            failures: ok ? [] : failures,
          }),
          style,
        );
        for (const line of lines) assert.ok(width(line) <= 80, `${width(line)}: ${line}`);
      },
    ),
    { numRuns: 40 },
  );
});

test.run();
