// Brings a change to a fleet wave by wave: the next one begins where the one before is synced and its workloads run.

import { messageOf } from '../../base/errors.ts';
import type { Clock } from '../../engine/clock.ts';
import { normalised } from '../pass/result.ts';
import type { Runner } from '../runner.ts';
import type { Fleet } from '../sources/source.ts';
import type { FleetCluster } from '../targets/types.ts';
import { unhealthyOf } from './health.ts';
import { cut, type Wave } from './waves.ts';

export interface RolloutOptions {
  waves: readonly Wave[];
  /** Clusters that may fail before it stops: all waves together, a share being one of the clusters that had their turn. */
  maxFailures: { count: number } | { share: number };
  /** ms that the workloads of a wave may take until they run. */
  healthMs: number;
  clock: Clock;
  /** Called when a wave is over. */
  onWave: (wave: WaveResult) => void;
}

export interface WaveResult {
  /** From 1. */
  number: number;
  of: number;
  clusters: number;
  failed: readonly { cluster: string; reason: string }[];
}

export interface RolloutResult {
  waves: readonly WaveResult[];
  /** Clusters that were left as they were. */
  left: number;
  /** Why it stopped before the last wave. */
  stopped: string | undefined;
}

/** ms between two looks at workloads. */
const LOOK_MS = 1_000;

/** @param runner without clusters so far: it is given those of one wave after the other */
export async function rollOut(
  runner: Runner,
  fleet: Fleet,
  options: RolloutOptions,
  signal: AbortSignal,
): Promise<RolloutResult> {
  const waves = cut(fleet.clusters, options.waves).filter((wave) => wave.length > 0);
  const done: FleetCluster[] = [];
  const results: WaveResult[] = [];
  let failures = 0;
  for (const [at, wave] of waves.entries()) {
    done.push(...wave);
    // All of the fleet counts where two clusters may be one server.
    const part = { ...fleet, clusters: [...done], everyone: fleet.everyone ?? fleet.clusters };
    runner.update(part, () => false);
    await runner.once(signal);
    const failed = await failuresOf(runner, wave, options, signal);
    failures += failed.length;
    const result = { number: at + 1, of: waves.length, clusters: wave.length, failed };
    results.push(result);
    options.onWave(result);
    const { maxFailures } = options;
    const most = 'count' in maxFailures ? maxFailures.count : Math.floor(done.length * maxFailures.share);
    const left = fleet.clusters.length - done.length;
    if (failures > most && left > 0) {
      const stopped = `${failures} of ${done.length} clusters failed, more than ${most}`;
      return { waves: results, left, stopped };
    }
  }
  return { waves: results, left: 0, stopped: undefined };
}

/** Failed passes, and workloads that do not run in time. */
async function failuresOf(
  runner: Runner,
  wave: readonly FleetCluster[],
  { clock, healthMs }: RolloutOptions,
  signal: AbortSignal,
): Promise<{ cluster: string; reason: string }[]> {
  const deadline = clock.now() + healthMs;
  const reasons = await Promise.all(
    wave.map(async ({ id }) => {
      const record = runner.records.get(id);
      if (record === undefined || record.state === 'skipped') return undefined;
      if (record.state !== 'synced' && record.state !== 'held') return record.reason ?? record.state;
      for (;;) {
        const found = await runner
          .inspect(id, (plan, spoke) => unhealthyOf(plan, spoke, signal))
          .catch((error: unknown) => {
            signal.throwIfAborted();
            return { why: normalised(messageOf(error)), final: false };
          });
        if (found === undefined) return undefined;
        if (found.final || clock.now() >= deadline) return found.why;
        await clock.sleep(LOOK_MS, signal);
      }
    }),
  );
  return wave.flatMap(({ id }, at) => {
    const reason = reasons[at];
    return reason === undefined ? [] : [{ cluster: id, reason }];
  });
}
