// Sends a run as OpenTelemetry spans, where the environment names a collector.

import type { BenchmarkRecord } from '../record.ts';

/** The longest wait at the end of a run, in ms, for a collector that does not answer. */
const TIMEOUT_MS = 3000;

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Sends one span for the run and one for each step below it, by OTLP over HTTP with JSON. The official SDK, loaded only
 * where OTEL_EXPORTER_OTLP_ENDPOINT (or its _TRACES_ variant) is set, reads that and the other OTEL_ variables itself.
 * @returns a warning where the spans could not be delivered; the run is none the worse for it
 */
export async function exportSpans(record: BenchmarkRecord, env: Environment): Promise<string | undefined> {
  const endpoint = env['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'] ?? env['OTEL_EXPORTER_OTLP_ENDPOINT'];
  if (endpoint === undefined || endpoint === '' || env['OTEL_SDK_DISABLED'] === 'true') return undefined;
  try {
    await send(record, env);
    return undefined;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return `the spans of this run did not reach ${withoutCredentials(endpoint)}: ${reason}`;
  }
}

async function send(record: BenchmarkRecord, env: Environment): Promise<void> {
  const [{ OTLPTraceExporter }, { spansOf }] = await Promise.all([
    import('@opentelemetry/exporter-trace-otlp-http'),
    import('./span-tree.ts'),
  ]);
  const exporter = new OTLPTraceExporter({ timeoutMillis: TIMEOUT_MS });
  try {
    const spans = await spansOf(record, env['OTEL_SERVICE_NAME'] ?? 'hoist');
    await new Promise<void>((resolve, reject) => {
      exporter.export(spans, ({ error }) => {
        if (error === undefined) resolve();
        else reject(error);
      });
    });
  } finally {
    await exporter.shutdown();
  }
}

function withoutCredentials(url: string): string {
  return url.replace(/\/\/[^/@]*@/, '//');
}
