// What the flags of a rollout mean, checked; and what is said of its waves.

import { UsageError } from '../../../base/errors.ts';
import { count } from '../../../base/units.ts';
import { plain } from '../../../base/layout.ts';
import type { Clock } from '../../../engine/clock.ts';
import { type RolloutOptions, type RolloutResult, rollOut, type WaveResult } from '../../../fleet/rollout/rollout.ts';
import type { Wave } from '../../../fleet/rollout/waves.ts';
import type { Runner } from '../../../fleet/runner.ts';
import type { Fleet } from '../../../fleet/sources/source.ts';
import type { Terminal } from '../../../progress/terminal.ts';
import { styleFor } from '../../../progress/style.ts';
import type { SyncFlags } from './flags.ts';
import { countOrShare, duration, pair } from './options.ts';

type RolloutFlags = Pick<SyncFlags, 'rollout' | 'max-failures' | 'health-timeout' | 'dry-run'>;

type Plan = Pick<RolloutOptions, 'waves' | 'maxFailures' | 'healthMs'>;

/** Undefined where no rollout is asked for. @throws UsageError */
export function rolloutFlags(flags: RolloutFlags): Plan | undefined {
  const { rollout } = flags;
  if (rollout === undefined) {
    if (flags['max-failures'] ?? flags['health-timeout']) {
      throw new UsageError('--max-failures and --health-timeout are for a --rollout');
    }
    return undefined;
  }
  if (flags['dry-run']) throw new UsageError('--rollout waits for what --dry-run does not do');
  return {
    waves: rollout.split(',').map(wave),
    maxFailures: countOrShare(flags['max-failures'] ?? '0', '--max-failures'),
    healthMs: duration(flags['health-timeout'] ?? '5m', '--health-timeout'),
  };
}

function wave(text: string): Wave {
  if (text.includes('=')) {
    const [label, value] = pair(text, '--rollout');
    return { label, value };
  }
  return countOrShare(text, '--rollout');
}

/** Says of each wave what became of it. */
export class Rollout {
  result: RolloutResult | undefined;

  constructor(
    readonly plan: Plan,
    readonly view: { clock: Clock; stdout: Terminal; json: boolean; quiet: boolean },
  ) {}

  async run(runner: Runner, fleet: Fleet, signal: AbortSignal): Promise<void> {
    const onWave = (one: WaveResult): void => this.#wave(one);
    this.result = await rollOut(runner, fleet, { ...this.plan, clock: this.view.clock, onWave }, signal);
  }

  /** The last words; undefined where it went through. */
  get stopped(): string | undefined {
    const { result } = this;
    return result?.stopped === undefined
      ? undefined
      : `stopped: ${result.stopped}; ${count(result.left, 'cluster')} left as before`;
  }

  get failed(): boolean {
    return this.result?.waves.some(({ failed }) => failed.length > 0) === true;
  }

  #wave(one: WaveResult): void {
    const { stdout, json, quiet } = this.view;
    if (json) stdout.write(`${JSON.stringify({ type: 'wave', ...one })}\n`);
    else if (!quiet) stdout.write(`${waveLines(one, stdout).join('\n')}\n`);
  }
}

function waveLines({ number, of, clusters, failed }: WaveResult, terminal: Terminal): string[] {
  const style = styleFor(terminal);
  const mark = failed.length === 0 ? style.good(style.marks.done) : style.bad(style.marks.failed);
  const first = `${mark} wave ${number} of ${of}: ${count(clusters, 'cluster')}, ${failed.length} failed`;
  return [first, ...failed.map(({ cluster, reason }) => `    ${plain(cluster)}: ${plain(reason)}`)];
}
