// Records for the tests of the benchmark log, made in memory.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunRecord } from '../../scripts/engine/event.ts';
import type { StepRecord } from '../../scripts/engine/step.ts';
import type { SystemFacts } from '../../scripts/records/facts.ts';
import { buildRecord, type BenchmarkRecord, type RecordInput } from '../../scripts/records/record.ts';

export const sampleSystem: SystemFacts = {
  host: 'box',
  cpuModel: 'Test CPU 3000',
  cores: 4,
  parallelism: 4,
  memoryBytes: 8 * 2 ** 30,
  arch: 'x86_64',
  os: 'Debian GNU/Linux 12 (bookworm)',
  kernel: '6.1.0',
  node: '20.20.2',
  container: false,
};

export function sampleStep(
  name: string,
  startedMs: number,
  endedMs: number,
  more: Partial<StepRecord> = {},
): StepRecord {
  return { name, needs: [], queuedMs: startedMs, startedMs, endedMs, attempts: 1, outcome: 'done', ...more };
}

/** A run whose steps follow one another, with the given times in ms. */
export function sampleRun(stepTimes: Readonly<Record<string, number>>): RunRecord {
  let at = 0;
  const steps = Object.entries(stepTimes).map(([name, ms], index, all) => {
    const before = all[index - 1];
    return sampleStep(name, at, (at += ms), { needs: before === undefined ? [] : [before[0]] });
  });
  return { outcome: 'done', wallMs: at, steps, criticalPath: Object.keys(stepTimes), parallelGain: 1 };
}

export function sampleRecord(more: Partial<RecordInput> = {}): BenchmarkRecord {
  const run = more.run ?? sampleRun({ api: 2000, apply: 500 });
  return buildRecord({
    startedAt: new Date('2026-01-02T03:04:05.678Z'),
    tool: 'up',
    outcome: 'done',
    exitCode: 0,
    planHash: 'plan-a',
    durationMs: run.wallMs,
    cluster: { name: 'dev', provider: 'embedded', agents: 2, concurrency: 4, image: 'rancher/k3s:v1.34.1-k3s1' },
    settings: { agents: { value: 2, source: 'default' } },
    plan: { agents: 2 },
    system: sampleSystem,
    load: { before: 0.5, after: 1.5, during: 0.6 },
    versions: { hoist: '0.1.0', etcd: '3.6.4' },
    run,
    ...more,
  });
}

/** A new directory under the system's temporary one; `remove` takes it away again. */
export function scratch(): { path: string; remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'hoist-history-'));
  return {
    path,
    remove: () => {
      rmSync(path, { recursive: true, force: true });
    },
  };
}
