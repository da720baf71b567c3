// The block that people read: each line of a run, with and without what may be missing.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { BLOCK_START, describeRun } from '../../scripts/records/text-log.ts';
import { sampleRecord, sampleRun, sampleStep, sampleSystem } from './sample.ts';

const log = suite('records/text-log');

const lines = (more: Parameters<typeof sampleRecord>[0] = {}): string[] => describeRun(sampleRecord(more)).split('\n');
const line = (name: string, more: Parameters<typeof sampleRecord>[0] = {}): string | undefined =>
  lines(more).find((one) => one.trimStart().startsWith(`${name}:`));

log('the head', () => {
  const [rule, title, started, duration, outcome, gain, path] = lines({ label: 'a\nb' });
  assert.is(rule, '='.repeat(80));
  assert.match(title ?? '', /^up \S+ {2}\(a b\)$/);
  assert.match(lines()[1] ?? '', /^up \S+$/);
  assert.equal(
    [started, duration, outcome, gain, path],
    [
      'Started:           2026-01-02T03:04:05.678Z',
      'Duration:          2.50 s',
      'Outcome:           done (exit code 0)',
      'Parallel gain:     1.00x',
      'Critical path:     api > apply',
    ],
  );
  assert.is(line('Error', { error: 'it\nbroke' }), 'Error:             it broke');
  assert.is(line('Error'), undefined);
  const none = { ...sampleRun({ a: 1 }), criticalPath: [] };
  assert.is(line('Critical path', { run: none }), 'Critical path:     none');
  assert.is(line('API answering', { phases: { 'API answering': 2100 } }), 'API answering:     2.10 s');
});

log('the machine, with its limits', () => {
  assert.is(line('CPU cores'), '  CPU cores:          4 (Test CPU 3000)');
  assert.is(line('Memory'), '  Memory:             8 GiB');
  const limited = { ...sampleSystem, cpuLimit: 2.5, memoryLimitBytes: 2 ** 30, container: true };
  assert.is(line('CPU cores', { system: limited }), '  CPU cores:          4 (Test CPU 3000), limited to 2.5');
  assert.is(line('Memory', { system: limited }), '  Memory:             8 GiB, limited to 1 GiB');
  assert.is(line('OS'), '  OS:                 Debian GNU/Linux 12 (bookworm), kernel 6.1.0');
  assert.match(line('OS', { system: limited }) ?? '', /kernel 6\.1\.0, in a container$/);
  assert.is(line('Agents'), '  Agents:             2');
  assert.is(line('Concurrency level'), '  Concurrency level:  4');
  assert.is(line('Cluster'), '  Cluster:            dev');
  assert.is(line('Load'), '  Load:               0.50 before, 1.50 after, CPUs 60 % busy');
  assert.is(line('Versions'), '  Versions:           hoist 0.1.0, etcd 3.6.4');
  assert.is(line('Versions', { versions: {} }), undefined);
  const bare = { name: 'dev', provider: 'existing' };
  for (const name of ['Agents', 'Concurrency level', 'Image'])
    assert.is(line(name, { cluster: bare }), undefined, name);
});

log('a subject that is no cluster, with its facts', () => {
  const subject = { kind: 'fleet' as const, name: 'all', facts: { clusters: 7 } };
  assert.is(line('Fleet', { subject }), '  Fleet:              all');
  assert.is(line('Clusters', { subject }), '  Clusters:           7');
  assert.is(line('Cluster', { subject }), undefined);
});

log('steps: what they waited, took and said', () => {
  const steps = [
    sampleStep('a', 10, 1510),
    sampleStep('with a long name', 0, 5, { queuedMs: -3, attempts: 2, outcome: 'failed', reason: 'no\nluck' }),
    { ...sampleStep('never', 0, 0, { outcome: 'skipped', attempts: 0 }), startedMs: undefined, queuedMs: undefined },
  ];
  const run = { ...sampleRun({ a: 1 }), steps: steps as ReturnType<typeof sampleRun>['steps'] };
  const all = lines({ run });
  const at = all.findIndex((one) => one.startsWith('Step'));
  const row = (name: string, ...[waited = '', took = '', attempts = '', outcome = '']: string[]): string =>
    `${name.padEnd(16)} ${waited.padStart(10)} ${took.padStart(10)} ${attempts.padStart(9)}  ${outcome}`;
  assert.equal(all.slice(at), [
    row('Step', 'Waited', 'Took', 'Attempts', 'Outcome'),
    row('a', '0 ms', '1.50 s', '1', 'done'),
    row('with a long name', '3.0 ms', '5.0 ms', '2', 'failed: no luck'),
    row('never', '-', '-', '0', 'skipped'),
    '',
  ]);
  assert.not.ok(lines({ run: { ...run, steps: [] } }).some((one) => one.startsWith('Step')));
});

log('blocks are found by their rule', () => {
  const text = `${describeRun(sampleRecord())}\n${describeRun(sampleRecord())}`;
  assert.is(text.split(BLOCK_START).length, 2);
});

log.run();
