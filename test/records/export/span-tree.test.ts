// A run as spans: the times it had, what each step waited for, and what failed.

import { SpanStatusCode } from '@opentelemetry/api';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { spansOf } from '../../../scripts/records/export/span-tree.ts';
import { sampleRecord, sampleRun, sampleStep } from '../sample.ts';

const test = suite('records/export/span-tree');

const START = Date.parse('2026-01-02T03:04:05.678Z');
const ms = ([seconds, nanos]: readonly [number, number]): number => Math.round(seconds * 1000 + nanos / 1e6) - START;

test('a root, and a span for each step that has started', async () => {
  const steps = [
    sampleStep('api', 100, 2_000, { queuedMs: 40, pool: 'work', needs: ['a'] }),
    sampleStep('never', 0, 2_000, { startedMs: undefined, outcome: 'skipped' }),
    sampleStep('apply', 2_000, 2_500, { queuedMs: undefined, outcome: 'failed', reason: 'refused' }),
    sampleStep('odd', 1, 2, { outcome: 'cancelled' }),
  ];
  const run = { ...sampleRun({}), steps, criticalPath: ['api'], wallMs: 2_500 };
  const spans = await spansOf(
    sampleRecord({ run, outcome: 'failed', error: 'it failed', label: 'before', durationMs: 3_000 }),
    'svc',
  );
  assert.equal(
    spans.map(({ name }) => name),
    ['api', 'apply', 'odd', 'hoist up'],
  );
  const [api, apply, , root] = spans;
  assert.equal(
    spans.map(({ startTime, endTime }) => [ms(startTime), ms(endTime)]),
    [
      [100, 2_000],
      [2_000, 2_500],
      [1, 2],
      [0, 3_000],
    ],
  );
  assert.equal(api?.attributes, {
    'hoist.step.outcome': 'done',
    'hoist.step.attempts': 1,
    'hoist.step.waited_ms': 60,
    'hoist.step.critical': true,
    'hoist.step.needs': ['a'],
    'hoist.step.pool': 'work',
  });
  assert.is(apply?.attributes['hoist.step.waited_ms'], 0);
  assert.is(apply?.attributes['hoist.step.critical'], false);
  assert.is('hoist.step.pool' in (apply?.attributes ?? {}), false);
  assert.equal(
    spans.map(({ status }) => [status.code, status.message]),
    [
      [SpanStatusCode.UNSET, undefined],
      [SpanStatusCode.ERROR, 'refused'],
      [SpanStatusCode.ERROR, 'cancelled'],
      [SpanStatusCode.ERROR, 'it failed'],
    ],
  );
  const above = spans.map(({ parentSpanContext }) => parentSpanContext?.spanId);
  assert.equal(above, [...Array<string | undefined>(3).fill(root?.spanContext().spanId), undefined]);
  assert.is(new Set(spans.map((span) => span.spanContext().traceId)).size, 1);
});

test('what the run was about, and where it ran', async () => {
  const [root] = await spansOf(sampleRecord({ run: sampleRun({}), label: 'before' }), 'svc');
  assert.is(root?.attributes['hoist.run.label'], 'before');
  assert.equal(
    [root?.attributes['hoist.cluster.name'], root?.attributes['hoist.cluster.provider']],
    ['dev', 'embedded'],
  );
  assert.equal([root?.attributes['hoist.run.outcome'], root?.attributes['hoist.run.exit_code']], ['done', 0]);
  assert.equal([root?.resource.attributes['service.name'], root?.resource.attributes['host.name']], ['svc', 'box']);
  assert.is(root?.resource.attributes['service.version'], '0.1.0');
  const [bare] = await spansOf(sampleRecord({ run: sampleRun({}), cluster: {}, versions: {} }), 'svc');
  for (const name of ['hoist.run.label', 'hoist.cluster.name', 'hoist.cluster.provider'])
    assert.is(name in (bare?.attributes ?? {}), false, name);
  assert.is(bare?.resource.attributes['service.version'], 'unknown');
});

test('each failed attempt is an event of its step', async () => {
  const run = { ...sampleRun({}), steps: [sampleStep('pull', 100, 900, { attempts: 2 })] };
  const retries = {
    pull: [
      { attempt: 1, startedMs: 100, endedMs: 400, failure: 'cut' },
      { attempt: 2, startedMs: 500, endedMs: 900 },
    ],
  };
  const [pull] = await spansOf(sampleRecord({ run, retries }), 'svc');
  assert.equal(
    pull?.events.map(({ name, attributes, time }) => [name, attributes, ms(time)]),
    [['attempt failed', { attempt: 1, message: 'cut' }, 400]],
  );
});

test.run();
