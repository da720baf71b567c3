// A record holds what a run was, and no secret.

import { setTimeout } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { systemFacts, watchLoad } from '../../scripts/records/facts.ts';
import { describeRun } from '../../scripts/records/text-log.ts';
import { SCHEMA_VERSION } from '../../scripts/records/record.ts';
import { redact } from '../../scripts/base/redact/value.ts';
import { sampleRecord, sampleRun, sampleStep } from './sample.ts';

const record = suite('records/record');

record('ids sort by start and are unique', () => {
  const at = (ms: number) => sampleRecord({ startedAt: new Date(Date.UTC(2026, 9, 9, 9, 9, 9, ms)) }).id;
  const ids = [at(1), at(2), at(10), at(999)];
  assert.equal([...ids].sort(), ids);
  assert.is.not(at(5), at(5));
  assert.match(at(5), /^20261009T090909005-[0-9a-f]{6}$/);
});

record('the head stands first in the line', () => {
  const { schema, cluster } = sampleRecord();
  assert.is(schema, SCHEMA_VERSION);
  assert.is(cluster.name, 'dev');
  const keys = Object.keys(sampleRecord({ label: 'x' }));
  assert.is(keys.indexOf('cluster'), 9);
  assert.is(keys[3], 'label');
});

record('no secret value gets in, whatever its place or encoding', () => {
  const secret = 'hunter2\nis a "long" one';
  const built = sampleRecord({
    secretValues: [secret, 'abc'],
    label: `with ${secret}`,
    settings: { note: { value: secret, source: 'flag' }, short: { value: 'abc', source: 'env' } },
    plan: { base64: Buffer.from(secret).toString('base64'), url: `a?b=${encodeURIComponent(secret)}` },
    run: { ...sampleRun({}), steps: [sampleStep('s', 0, 1, { reason: `said ${JSON.stringify(secret)}` })] },
    error: `failed with ${secret}`,
  });
  const line = JSON.stringify(built);
  for (const trace of ['hunter2', 'aHVudGVy', '"abc"', 'hunter']) assert.not.ok(line.includes(trace), trace);
  assert.not.ok(describeRun(built).includes('hunter2'));
});

record('values below keys that look secret are hidden, what only describes them stays', () => {
  const settings = {
    secrets: {
      source: 'config/cluster.yaml',
      value: [{ name: 'registry', kind: 'Opaque', env: 'REGISTRY_PASSWORD', data: { user: 'me', pass: 'pw12345' } }],
    },
    registryToken: { value: 'tok-9', source: 'env' },
    clientKeyData: 'LS0t',
    args: ['--use-service-account-credentials=false', '--concurrent-serviceaccount-token-syncs=20', '--token=s3cr3t'],
    'concurrent-serviceaccount-token-syncs': 20,
    password: '',
  };
  assert.equal(redact(settings), {
    secrets: {
      source: 'config/cluster.yaml',
      value: [
        {
          name: 'registry',
          kind: 'Opaque',
          env: 'REGISTRY_PASSWORD',
          data: { user: '***HIDDEN***', pass: '***HIDDEN***' },
        },
      ],
    },
    registryToken: { value: '***HIDDEN***', source: 'env' },
    clientKeyData: '***HIDDEN***',
    args: [
      '--use-service-account-credentials=false',
      '--concurrent-serviceaccount-token-syncs=20',
      '--token=***HIDDEN***',
    ],
    'concurrent-serviceaccount-token-syncs': 20,
    password: '',
  });
});

record('texts that carry credentials lose only those', () => {
  const cases: [string, string][] = [
    ['pull https://me:pw@host/x failed', 'pull https://***HIDDEN***:***HIDDEN***@host/x failed'],
    ['Authorization: Bearer abcdefgh.123', 'Authorization: Bearer ***HIDDEN***'],
    ['{"password":"pw"}', '{"password":"***HIDDEN***"}'],
    ['password: pw', 'password: ***HIDDEN***'],
    ['missing secret: DB_PASSWORD', 'missing secret: DB_PASSWORD'],
    ['-----BEGIN RSA PRIVATE KEY-----\nMII\n-----END RSA PRIVATE KEY----- end', '***HIDDEN*** end'],
    ['6 secrets: unchanged', '6 secrets: unchanged'],
  ];
  for (const [text, expected] of cases) assert.is(redact(text), expected);
});

record.run();

const people = suite('records/people');

people('the block names duration, system and each step', () => {
  const steps = [
    sampleStep('api', 0, 2000),
    sampleStep('apply default/limits', 2000, 2500, {
      queuedMs: 1500,
      attempts: 3,
      outcome: 'failed',
      reason: 'no\nway',
    }),
    { name: 'health', needs: ['api'], endedMs: 2500, attempts: 0, outcome: 'skipped' as const },
  ];
  const text = describeRun(
    sampleRecord({
      run: { ...sampleRun({}), steps },
      outcome: 'failed',
      exitCode: 6,
      durationMs: 2512.4,
      label: 'a\nb',
    }),
  );
  const expected = [
    '  (a b)',
    'Duration:          2.51 s',
    'Outcome:           failed (exit code 6)',
    '  CPU cores:          4 (Test CPU 3000)',
    '  Memory:             8 GiB',
    '  Agents:             2',
    '  Concurrency level:  4',
    '  Architecture:       x86_64',
    '  OS:                 Debian GNU/Linux 12 (bookworm), kernel 6.1.0',
    '  Image:              rancher/k3s:v1.34.1-k3s1',
    'api                        0 ms     2.00 s         1  done',
    'apply default/limits     500 ms     500 ms         3  failed: no way',
    'health                        -          -         0  skipped',
  ];
  for (const line of expected) assert.ok(text.includes(line), `${line}\n\n${text}`);
});

people('a run that ended before its first step is told as well', () => {
  const ended = sampleRecord({ outcome: 'cancelled', exitCode: 130, error: 'interrupted by SIGINT' });
  const text = describeRun({ ...ended, run: undefined });
  assert.match(text, /Error: {13}interrupted by SIGINT/);
  assert.not.match(text, /Step/);
});

people.run();

const facts = suite('records/facts');

facts('the facts of this machine', () => {
  const system = systemFacts();
  assert.ok(system.cores >= 1 && system.memoryBytes > 2 ** 28);
  assert.ok(system.os.length > 0 && system.cpuModel.length > 0);
  assert.ok(system.memoryLimitBytes === undefined || system.memoryLimitBytes <= system.memoryBytes);
});

facts('the load is told at once', () => {
  const load = watchLoad().end();
  assert.ok(load.before >= 0 && load.after >= 0);
  assert.ok(load.during >= 0 && load.during <= 1);
  assert.is(load.firstSecond, undefined);
});

facts('the sample of the first second comes by itself and does not keep the process alive', async () => {
  const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
  const before = timers();
  const watch = watchLoad();
  await import('os-utils');
  await new Promise(setImmediate);
  assert.is(timers(), before);
  let load = watch.end();
  while (load.firstSecond === undefined) {
    await setTimeout(20);
    load = watch.end();
  }
  assert.ok(load.firstSecond >= 0 && load.firstSecond <= 1);
});

facts.run();
