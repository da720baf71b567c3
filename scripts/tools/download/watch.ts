// Watches downloads that run at once: whether one has stalled, or will take longer than a build would.

import { setTimeout as sleep } from 'node:timers/promises';
import type { Progress } from '../../engine/step.ts';

export interface Patience {
  /** ms without a byte after which something else is begun, while the download may still go on. */
  silentMs: number;
  /** ms after which the rate of a download is meaningful. */
  rateMs: number;
  /** ms that the rest may take before something else is begun. */
  longMs: number;
}

/** A build takes minutes as well. */
const PATIENCE: Patience = { silentMs: 3_000, rateMs: 10_000, longMs: 15 * 60_000 };
/** ms between looks. */
const LOOK_MS = 100;

interface Download {
  startedMs: number;
  movedMs: number;
  /** Bytes when the watch first saw it, which an earlier attempt had left, and by now. */
  from: number;
  done: number;
  total: number | undefined;
}

export class DownloadWatch {
  private readonly downloads = new Map<string, Download>();
  private stopped = false;

  constructor(private readonly patience: Patience = PATIENCE) {}

  moved(name: string, { done, total }: Progress): void {
    const now = performance.now();
    const known = this.downloads.get(name) ?? { startedMs: now, from: done, movedMs: now, done, total };
    this.downloads.set(name, { ...known, movedMs: done > known.done ? now : known.movedMs, done, total });
  }

  ended(name: string): void {
    this.downloads.delete(name);
  }

  stop(): void {
    this.stopped = true;
  }

  /** ms that the slowest of them will still take; undefined where that is not known yet. */
  leftMs(): number | undefined {
    const lefts = [...this.downloads.values()].flatMap((one) => leftOf(one, this.patience) ?? []);
    return lefts.length === 0 ? undefined : Math.max(...lefts);
  }

  /** Resolves with what is wrong, as soon as something is; never where nothing is. */
  async trouble(signal: AbortSignal): Promise<string> {
    while (!this.stopped && !signal.aborted) {
      await sleep(LOOK_MS, undefined, { signal, ref: false }).catch(() => undefined);
      const found = this.find();
      if (found !== undefined) return found;
    }
    return new Promise(() => undefined);
  }

  private find(): string | undefined {
    const { silentMs, longMs } = this.patience;
    for (const [name, download] of this.downloads) {
      if (performance.now() - download.movedMs > silentMs) {
        return `the download of ${name} has brought nothing for ${silentMs / 1000} s`;
      }
      const left = leftOf(download, this.patience);
      if (left !== undefined && left > longMs) return `the download of ${name} would take ${hours(left)}`;
    }
    return undefined;
  }
}

function leftOf({ startedMs, from, done, total }: Download, { rateMs }: Patience): number | undefined {
  const ms = performance.now() - startedMs;
  if (total === undefined || ms < rateMs) return undefined;
  return done > from ? ((total - done) * ms) / (done - from) : Infinity;
}

function hours(ms: number): string {
  return ms < 90 * 60_000 ? `${Math.round(ms / 60_000)} min` : `${Math.round(ms / 3_600_000)} h`;
}
