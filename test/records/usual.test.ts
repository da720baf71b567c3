import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { appendRun } from '../../scripts/records/log.ts';
import type { BenchmarkRecord } from '../../scripts/records/record.ts';
import { usualTime } from '../../scripts/records/usual.ts';
import { sampleRecord } from './sample.ts';

const usual = suite<{ path: string }>('the usual time', { path: '' });
usual.before.each((context) => void (context.path = mkdtempSync(join(tmpdir(), 'hoist-usual-'))));
usual.after.each(({ path }) => rmSync(path, { recursive: true, force: true }));

usual('the median of the newest five that did the same and succeeded', async ({ path }) => {
  const { tool, planHash } = sampleRecord({});
  const same = { tool, planHash, found: 'absent' };
  assert.is(await usualTime(path, same), undefined);
  const append = (durationMs: number, more: object = {}): Promise<unknown> => {
    const whole: BenchmarkRecord = { ...sampleRecord({}), found: 'absent', durationMs, ...more };
    // What a listing reads stands first in a line.
    const { schema, id, startedAt, outcome, exitCode } = whole;
    const head = {
      schema,
      id,
      tool,
      startedAt,
      outcome,
      exitCode,
      planHash: whole.planHash,
      found: whole.found,
      durationMs,
    };
    return appendRun(path, Object.assign(head, { ...whole }));
  };
  for (const ms of [90_000, 1000, 5000, 2000, 3000, 4000]) await append(ms);
  await append(7, { outcome: 'failed' });
  await append(7, { planHash: 'another' });
  await append(7, { found: 'same' });
  assert.equal(await usualTime(path, same), { ms: 3000, runs: 5 });
  assert.equal(await usualTime(path, { ...same, found: 'same' }), { ms: 7, runs: 1 });
  assert.is(await usualTime(path, { ...same, planHash: 'never' }), undefined);
});

usual.run();
