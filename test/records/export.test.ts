// Runs for other programs: Chrome's trace format, hyperfine's JSON, spans at a real HTTP receiver.

import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { programAt } from '../child.ts';
import { hyperfineExport } from '../../scripts/records/export/hyperfine.ts';
import { exportSpans } from '../../scripts/records/export/spans.ts';
import { chromeTrace } from '../../scripts/records/export/trace.ts';
import { watchRetries } from '../../scripts/records/retries.ts';
import { sampleRecord, sampleRun, sampleStep } from './sample.ts';

const trace = suite('records/export/trace');

trace('slices carry times in µs, waiting apart, and never overlap within a thread', () => {
  const steps = [
    sampleStep('a', 0, 100, { queuedMs: 0 }),
    sampleStep('b', 60, 90, { queuedMs: 10, pool: 'http' }),
    sampleStep('c', 100, 130, { queuedMs: 100, needs: ['a'] }),
    { name: 'never', needs: [], endedMs: 130, attempts: 0, outcome: 'skipped' as const },
  ];
  const retries = { c: [{ attempt: 1, startedMs: 100, endedMs: 110, failure: 'busy' }] };
  const record = sampleRecord({ run: { ...sampleRun({}), steps, criticalPath: ['a', 'c'] }, retries, durationMs: 140 });
  const { traceEvents } = chromeTrace([record, record]);
  const slices = traceEvents.filter(({ ph, pid }) => ph === 'X' && pid === 1);
  assert.equal(
    slices.map(({ name, ts, dur, cat }) => [name, ts, dur, cat]),
    [
      ['up', 0, 140_000, 'run'],
      ['a', 0, 100_000, 'critical'],
      ['b (waiting)', 10_000, 50_000, 'waiting'],
      ['b', 60_000, 30_000, 'step'],
      ['c', 100_000, 30_000, 'critical'],
      ['attempt 1', 100_000, 10_000, 'attempt'],
    ],
  );
  const tid = (name: string) => slices.find((slice) => slice.name === name)?.tid;
  assert.is.not(tid('a'), tid('b'));
  assert.is(tid('b'), tid('b (waiting)'));
  assert.is(new Set(traceEvents.map(({ pid }) => pid)).size, 2);
});

trace('the whole run has a thread of its own, which has a name', () => {
  const run = { ...sampleRun({}), steps: [sampleStep('a', 0, 100)], criticalPath: ['a'] };
  const { traceEvents } = chromeTrace([sampleRecord({ run, durationMs: 100 })]);
  const threads = new Map(traceEvents.filter(({ ph }) => ph === 'X').map(({ name, tid }) => [name, tid]));
  const named = traceEvents.find(({ name }) => name === 'thread_name');
  assert.is(named?.tid, threads.get('up'));
  assert.is(traceEvents.find(({ name }) => name === 'process_name')?.tid, threads.get('up'));
  assert.is.not(threads.get('a'), threads.get('up'));
});

trace('a slice that the clock ended before it began has no length', () => {
  const run = { ...sampleRun({}), steps: [sampleStep('back', 100, 90), sampleStep('on', 100, 100)] };
  const { traceEvents } = chromeTrace([sampleRecord({ run })]);
  for (const name of ['back', 'on']) assert.is(traceEvents.find((event) => event.name === name)?.dur, 0, name);
});

trace.run();

const hyperfine = suite('records/export/hyperfine');

hyperfine('one result a group, in seconds', () => {
  const records = [2000, 3000, 4000].map((durationMs) => sampleRecord({ durationMs }));
  assert.equal(
    hyperfineExport([
      { name: 'before', records },
      { name: 'one', records: records.slice(1, 2) },
    ]),
    {
      results: [
        { command: 'before', mean: 3, stddev: 1, median: 3, min: 2, max: 4, times: [2, 3, 4], exit_codes: [0, 0, 0] },
        { command: 'one', mean: 3, stddev: null, median: 3, min: 3, max: 3, times: [3], exit_codes: [0] },
      ],
    },
  );
});

hyperfine.run();

const retries = suite('records/retries');

retries('only steps with several attempts are kept, with why each failed', () => {
  const watch = watchRetries();
  const record = sampleStep('flaky', 0, 50);
  watch.subscriber({ type: 'step-started', atMs: 0, step: 'flaky', attempt: 1 });
  watch.subscriber({ type: 'step-started', atMs: 1, step: 'steady', attempt: 1 });
  watch.subscriber({ type: 'step-retrying', atMs: 10, step: 'flaky', attempt: 1, delayMs: 20, message: 'busy' });
  watch.subscriber({ type: 'step-ended', atMs: 12, step: 'steady', record });
  watch.subscriber({ type: 'step-started', atMs: 30, step: 'flaky', attempt: 2 });
  watch.subscriber({ type: 'step-ended', atMs: 50, step: 'flaky', record });
  assert.equal(watch.retries(), {
    flaky: [
      { attempt: 1, startedMs: 0, endedMs: 10, failure: 'busy' },
      { attempt: 2, startedMs: 30, endedMs: 50 },
    ],
  });
});

retries.run();

interface SentSpan {
  name: string;
  spanId: string;
  parentSpanId?: string;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  status: { code: number; message?: string };
  events: { name: string }[];
}

const spans = suite('records/export/spans');

/** Runs send-spans.ts against a receiver that answers with `status`. */
async function send(
  status: number,
  variables: (endpoint: string) => Record<string, string> = (endpoint) => ({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint }),
): Promise<{ requests: { path: string; body: string }[]; warning: string | undefined }> {
  const requests: { path: string; body: string }[] = [];
  const receive = async (request: IncomingMessage): Promise<void> => {
    requests.push({ path: request.url ?? '', body: await text(request) });
  };
  const server = createServer((request, response) => {
    void receive(request).then(() => response.writeHead(status, { 'content-type': 'application/json' }).end('{}'));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const endpoint = `http://user:pw@127.0.0.1:${(server.address() as AddressInfo).port}`;
    const { stdout } = await promisify(execFile)(process.execPath, programAt('test/fixtures/records/send-spans.ts'), {
      env: { ...process.env, ...variables(endpoint) },
    });
    return { requests, warning: (JSON.parse(stdout) as { warning?: string }).warning };
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

spans('a run arrives as a root with its steps below it', async () => {
  const { requests, warning } = await send(200);
  assert.is(warning, undefined);
  assert.is(requests.length, 1);
  assert.is(requests[0]?.path, '/v1/traces');
  const body = JSON.parse(requests[0]?.body ?? '') as { resourceSpans: { scopeSpans: { spans: SentSpan[] }[] }[] };
  const sent = body.resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans));
  const named = (name: string): SentSpan => {
    const span = sent.find((one) => one.name === name);
    if (span === undefined) throw new Error(`no span ${name}`);
    return span;
  };
  const [root, api, apply] = [named('hoist up'), named('api'), named('apply')];
  assert.is(sent.length, 3);
  assert.is(api.parentSpanId, root.spanId);
  assert.is(apply.parentSpanId, root.spanId);
  const started = BigInt(Date.parse('2026-01-02T03:04:05.678Z')) * 1_000_000n;
  assert.is(BigInt(root.startTimeUnixNano), started);
  assert.is(BigInt(apply.startTimeUnixNano), started + 2_000_000_000n);
  assert.is(BigInt(apply.endTimeUnixNano), started + 2_500_000_000n);
  assert.equal(apply.status, { code: 2, message: 'no' });
  assert.equal(
    apply.events.map(({ name }) => name),
    ['attempt failed'],
  );
});

spans('a collector that refuses is a warning without its credentials; an endpoint for traces comes first', async () => {
  const { requests, warning } = await send(400, (endpoint) => ({
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${endpoint}/own`,
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1',
  }));
  assert.equal(
    requests.map(({ path }) => path),
    ['/own'],
  );
  assert.match(warning ?? '', /did not reach http:\/\/127\.0\.0\.1:\d+\/own: /);
});

spans('without a collector nothing is sent or loaded', async () => {
  assert.is(await exportSpans(sampleRecord(), {}), undefined);
  assert.is(await exportSpans(sampleRecord(), { OTEL_EXPORTER_OTLP_ENDPOINT: '' }), undefined);
  const off = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1', OTEL_SDK_DISABLED: 'true' };
  assert.is(await exportSpans(sampleRecord(), off), undefined);
});

spans.run();
