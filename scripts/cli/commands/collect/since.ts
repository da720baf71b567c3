// `--since` and `--since-time`: from which moment on logs are collected, whatever the specs say.

import { UsageError } from '../../../base/errors.ts';
import { durationMs } from '../../../support/collectors/collector.ts';
import type { Spec } from '../../../support/spec/merge.ts';
import type { Item } from '../../../support/types.ts';
import type { ContentFlags } from './flags.ts';

/** RFC 3339; undefined where no flag says so. @throws UsageError for what is no time, and for both flags together */
export function sinceOf(
  { since, 'since-time': time }: Pick<ContentFlags, 'since' | 'since-time'>,
  nowMs: number,
): string | undefined {
  if (since !== undefined && time !== undefined) throw new UsageError('--since and --since-time do not go together');
  if (since !== undefined) {
    const ms = durationMs(since);
    if (ms === undefined || ms <= 0) throw new UsageError(`--since must be a duration like 90s or 2h, not "${since}"`);
    return new Date(nowMs - ms).toISOString();
  }
  if (time === undefined) return undefined;
  const ms = /^\d{4}-\d{2}-\d{2}T/.test(time) ? Date.parse(time) : NaN;
  if (Number.isNaN(ms)) throw new UsageError(`--since-time must be a time like 2026-01-02T03:04:05Z, not "${time}"`);
  return new Date(ms).toISOString();
}

/** Other limits of logs are switched off by it, as by the `sinceTime` of a spec. */
export function withSince(spec: Spec, sinceTime: string | undefined): Spec {
  if (sinceTime === undefined) return spec;
  const collectors = spec.collectors.map((item): Item =>
    item.kind === 'logs' ? { ...item, spec: { ...item.spec, limits: { sinceTime } } } : item,
  );
  return { ...spec, collectors };
}
