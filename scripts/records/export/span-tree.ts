// A run as spans of the OpenTelemetry SDK, with the times that it had.

import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace, type Attributes, type Span } from '@opentelemetry/api';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
  type ReadableSpan,
} from '@opentelemetry/sdk-trace-base';
import type { BenchmarkRecord } from '../record.ts';

/** The ended spans of a run: its root, its steps below it, and an event for each failed attempt. */
export async function spansOf(record: BenchmarkRecord, serviceName: string): Promise<ReadableSpan[]> {
  const memory = new InMemorySpanExporter();
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({
      'service.name': serviceName,
      'service.version': record.versions['hoist'] ?? 'unknown',
      'host.name': record.system.host,
      'host.arch': record.system.arch,
      'os.description': record.system.os,
    }),
    spanProcessors: [new SimpleSpanProcessor(memory)],
  });
  const tracer = provider.getTracer('hoist', record.versions['hoist']);
  const start = Date.parse(record.startedAt);
  const root = tracer.startSpan(
    `hoist ${record.tool}`,
    { startTime: start, kind: SpanKind.INTERNAL, attributes: runAttributes(record) },
    ROOT_CONTEXT,
  );
  const below = trace.setSpan(ROOT_CONTEXT, root);
  const critical = new Set(record.run?.criticalPath);
  for (const step of record.run?.steps ?? []) {
    if (step.startedMs === undefined) continue;
    const attributes: Attributes = {
      'hoist.step.outcome': step.outcome,
      'hoist.step.attempts': step.attempts,
      'hoist.step.waited_ms': step.startedMs - (step.queuedMs ?? step.startedMs),
      'hoist.step.critical': critical.has(step.name),
      'hoist.step.needs': [...step.needs],
      ...(step.pool === undefined ? {} : { 'hoist.step.pool': step.pool }),
    };
    const span = tracer.startSpan(step.name, { startTime: start + step.startedMs, attributes }, below);
    for (const { attempt, endedMs, failure } of record.retries?.[step.name] ?? []) {
      if (failure !== undefined) span.addEvent('attempt failed', { attempt, message: failure }, start + endedMs);
    }
    finish(span, step.outcome, step.reason, start + step.endedMs);
  }
  finish(root, record.outcome, record.error, start + record.durationMs);
  await provider.forceFlush();
  const spans = memory.getFinishedSpans();
  // Shutting down empties the memory exporter, so its spans are copied first.
  const copy = [...spans];
  await provider.shutdown();
  return copy;
}

function runAttributes(record: BenchmarkRecord): Attributes {
  return {
    'hoist.run.id': record.id,
    'hoist.run.outcome': record.outcome,
    'hoist.run.exit_code': record.exitCode,
    'hoist.plan.hash': record.planHash,
    ...(record.label === undefined ? {} : { 'hoist.run.label': record.label }),
    ...(record.cluster.name === undefined ? {} : { 'hoist.cluster.name': record.cluster.name }),
    ...(record.cluster.provider === undefined ? {} : { 'hoist.cluster.provider': record.cluster.provider }),
  };
}

function finish(span: Span, outcome: string, reason: string | undefined, endTime: number): void {
  if (outcome !== 'done') span.setStatus({ code: SpanStatusCode.ERROR, message: reason ?? outcome });
  span.end(endTime);
}
