// What the benchmark log keeps of a `sync` that ends, and how long the same one usually takes.

import { createHash } from 'node:crypto';
import { messageOf } from '../../../base/errors.ts';
import { duration } from '../../../base/units.ts';
import { HOIST_VERSION } from '../../../base/version.ts';
import type { HostContext } from '../../../context.ts';
import type { ClusterRecord } from '../../../fleet/runner.ts';
import { setId } from '../../../fleet/sets/types.ts';
import type { Fleet } from '../../../fleet/sources/source.ts';
import { systemFacts } from '../../../records/facts.ts';
import { appendRun } from '../../../records/log.ts';
import { buildRecord } from '../../../records/record.ts';
import { usualTime } from '../../../records/usual.ts';
import type { Io } from '../../command.ts';
import { logFolder } from '../../record.ts';
import type { PassFlags } from './options.ts';

export interface History {
  /** To a person at a terminal, while it begins. */
  sayUsual(): void;
  record(records: readonly ClusterRecord[], ended: { ms: number; exitCode: number }): Promise<void>;
}

const NONE: History = { sayUsual: () => undefined, record: () => Promise.resolve() };

/** Runs of the same sets over the same clusters can be compared, whatever the sets hold. */
export function historyOf(
  fleet: Pick<Fleet, 'sets' | 'clusters'>,
  pass: PassFlags,
  io: Io,
  now: HostContext['now'],
): History {
  const logDir = logFolder(io);
  if (logDir === undefined) return NONE;
  const { dryRun, strict, workers, attempts } = pass;
  const plan = {
    sets: fleet.sets.map(setId).sort(),
    clusters: fleet.clusters.map(({ id }) => id).sort(),
    options: { dryRun, strict, workers, attempts },
  };
  const planHash = createHash('sha256').update(JSON.stringify(plan)).digest('hex').slice(0, 16);
  const startedAt = now();
  return {
    sayUsual() {
      if (!io.stderr.isTTY) return;
      usualTime(logDir, { tool: 'sync', planHash, found: undefined }).then(
        (usual) => usual && io.stderr.write(`usually ${duration(usual.ms)}\n`),
        () => undefined,
      );
    },
    async record(records, { ms, exitCode }) {
      const count = (state: ClusterRecord['state']): number => records.filter((one) => one.state === state).length;
      const changes = records.reduce((sum, { result }) => sum + (result?.changes.length ?? 0), 0);
      const failed = count('failed') + count('unreachable');
      const facts = { clusters: records.length, sets: plan.sets.length, synced: count('synced'), failed, changes };
      const record = buildRecord({
        tool: 'sync',
        startedAt,
        outcome: exitCode === 0 ? 'done' : 'failed',
        exitCode,
        planHash,
        durationMs: ms,
        subject: { kind: 'fleet', name: dryRun ? 'sync --dry-run' : 'sync', facts },
        settings: { workers: { value: workers, source: 'flag or default' } },
        plan,
        system: systemFacts(),
        versions: { hoist: HOIST_VERSION, node: process.versions.node },
        error: failed === 0 ? undefined : records.find(({ reason }) => reason !== undefined)?.reason,
        secretValues: [],
      });
      await appendRun(logDir, record).catch((error: unknown) => {
        io.stderr.write(`warning: the benchmark log could not be written: ${messageOf(error)}\n`);
      });
    },
  };
}
