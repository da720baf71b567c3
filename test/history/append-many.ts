// Appends records to a log from a process of its own: `append-many.ts DIRECTORY LABEL COUNT`.

import { appendRun } from '../../scripts/history/log.ts';
import { sampleRecord } from './sample.ts';

const [directory = '', label = '', count = '0'] = process.argv.slice(2);
for (let i = 0; i < Number(count); i++) {
  await appendRun(directory, sampleRecord({ label: `${label}-${String(i)}`, plan: { filler: label.repeat(40_000) } }));
}
