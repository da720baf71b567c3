// Sends the spans of a sample run from a process of its own, whose environment names the collector.

import { exportSpans } from '../../scripts/history/export/spans.ts';
import { sampleRecord, sampleRun, sampleStep } from './sample.ts';

const steps = [
  sampleStep('api', 0, 2000),
  sampleStep('apply', 2000, 2500, { attempts: 2, outcome: 'failed', reason: 'no' }),
];
const retries = { apply: [{ attempt: 1, startedMs: 2000, endedMs: 2200, failure: 'busy' }] };
const record = sampleRecord({
  label: 'sent',
  run: { ...sampleRun({}), steps, criticalPath: ['api'] },
  retries,
  durationMs: 2500,
});
process.stdout.write(JSON.stringify({ warning: await exportSpans(record, process.env) }));
