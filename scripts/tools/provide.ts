// Brings a set of tools into the cache: from their publishers, by Go, or by whichever of the two is there first.

import { availableParallelism } from 'node:os';
import { ConfigError, CreationError, HoistError, isErrno, messageOf } from '../base/errors.ts';
import type { Progress, StepContext } from '../engine/step.ts';
import { cacheHome } from '../host/paths.ts';
import { buildTools } from './build/build.ts';
import { type BuildablePin, isBuildable } from './build/go.ts';
import { DownloadWatch } from './download/watch.ts';
import { fetchTool } from './download/fetch.ts';
import { DownloadError } from './download/http.ts';
import { locateTool } from './locate.ts';
import { type ToolOptions, pinOf, title } from './options.ts';
import type { Pin, ToolName } from './pins.ts';
import { type Source, announcement, findSources, goVersion } from './sources.ts';

/** A compiler uses all cores by itself, and up to 2 GiB to link: more of them at once only on large machines. */
const CORES_A_BUILD = 4;

type Download = Extract<Source, { way: 'download' }>;

/** What the steps of one run share. */
export class Provider {
  private sources = new Map<ToolName, Source>();
  /** The steps whose builds wait for a slot. */
  private readonly waiters = new Set<StepContext['progress']>();
  private limit: ((build: () => Promise<void>) => Promise<void>) | undefined;

  constructor(private readonly options: ToolOptions) {}

  async findSources(names: readonly ToolName[], context: StepContext): Promise<void> {
    this.sources = await findSources(names, this.options, context.signal);
    const reasons = new Set([...this.sources.values()].flatMap((one) => (one.way === 'build' ? [one.reason] : [])));
    for (const reason of reasons) context.note(`built with Go: ${reason}`);
    for (const line of announcement(this.sources, this.options)) context.announce(line);
  }

  /** All of the tools at once; those that have to be built are built into one binary where they can be. */
  async provide(names: readonly ToolName[], context: StepContext): Promise<void> {
    const pins = names.map((name) => pinOf(name, this.options));
    const built = pins.filter((pin) => this.sources.get(pin.name)?.way === 'build');
    const fetched = pins.filter((pin) => this.sources.get(pin.name)?.way === 'download');
    try {
      await Promise.all([this.build(built, context), this.fetch(fetched, context)]);
    } catch (error) {
      context.signal.throwIfAborted();
      throw error instanceof CreationError || error instanceof ConfigError ? error : this.notProvided(pins, error);
    }
  }

  private async fetch(pins: readonly Pin[], context: StepContext): Promise<void> {
    if (pins.length === 0) return;
    const overtaken = new AbortController();
    const signal = AbortSignal.any([context.signal, overtaken.signal]);
    const watch = new DownloadWatch(this.options.patience);
    const sum = sumOf(context.progress);
    const fetching = Promise.all(
      pins.map(async (pin) => {
        const progress = (of: Progress): void => {
          watch.moved(pin.name, of);
          sum(pin.name, { ...of, leftMs: watch.leftMs() });
        };
        await fetchTool(pin, this.sources.get(pin.name) as Download, this.options, { ...context, signal, progress });
        watch.ended(pin.name);
      }),
    );
    fetching.catch(() => undefined);
    try {
      const trouble = await Promise.race([fetching.then(() => undefined, troubleOf), watch.trouble(signal)]);
      if (trouble !== undefined) await this.buildMeanwhile(pins, { trouble, fetching, overtaken }, context);
    } finally {
      watch.stop();
    }
  }

  /** The publishers are in trouble: where Go is there it begins, and whichever is done first ends the other. */
  private async buildMeanwhile(
    pins: readonly Pin[],
    download: { trouble: string | Error; fetching: Promise<unknown>; overtaken: AbortController },
    context: StepContext,
  ): Promise<void> {
    const { trouble, fetching, overtaken } = download;
    const go = await this.goFor(pins, trouble, context);
    if (go === undefined) {
      await fetching;
      return;
    }
    context.announce(`${messageOf(trouble)}: meanwhile Go builds ${pins.map(title).join(', ')}`);
    const stop = new AbortController();
    const signal = AbortSignal.any([context.signal, stop.signal]);
    const building = this.buildNow(pins.filter(isBuildable), go, { ...context, signal });
    try {
      await Promise.any([fetching, building]);
    } catch {
      // Neither worked out: what Go says is reported, the publishers' trouble was.
      await building;
    } finally {
      overtaken.abort(new Error('built meanwhile'));
      stop.abort(new Error('downloaded meanwhile'));
      await Promise.allSettled([fetching, building]);
    }
  }

  /** The version of Go, where it can take the place of the publishers. */
  private async goFor(
    pins: readonly Pin[],
    trouble: string | Error,
    context: StepContext,
  ): Promise<string | undefined> {
    // A file that is wrong, or a disk that is full, is not mended by building.
    if (typeof trouble !== 'string' && !(trouble instanceof DownloadError)) return undefined;
    return pins.every(isBuildable) ? goVersion(this.options, context.signal) : undefined;
  }

  private async build(pins: readonly Pin[], context: StepContext): Promise<void> {
    const [first] = pins;
    const source = first && this.sources.get(first.name);
    if (source?.way === 'build') await this.buildNow(pins.filter(isBuildable), source.go, context);
  }

  /** Tools of one package by one build, and one build after the other. */
  private async buildNow(pins: readonly BuildablePin[], go: string, context: StepContext): Promise<void> {
    const byPackage = new Map<string, BuildablePin[]>();
    for (const pin of pins) {
      const key = pin.build.tag === undefined ? pin.name : `${pin.build.module} ${pin.build.package}`;
      byPackage.set(key, [...(byPackage.get(key) ?? []), pin]);
    }
    for (const together of byPackage.values()) await this.inTurn(together, go, context);
  }

  /**
   * Builds what is missing when a slot is free, in the order of the calls: what a cluster needs first is asked for first.
   * Until then its progress is that of a build which has a slot.
   */
  private async inTurn(wanted: readonly BuildablePin[], go: string, context: StepContext): Promise<void> {
    const { default: pLimit } = await import('p-limit');
    this.limit ??= pLimit(Math.max(1, Math.floor(availableParallelism() / CORES_A_BUILD)));
    const { waiters } = this;
    waiters.add(context.progress);
    await this.limit(async () => {
      waiters.delete(context.progress);
      const located = await Promise.all(wanted.map((pin) => locateTool(pin.name, this.options)));
      const pins = wanted.filter((_, at) => !located[at]);
      if (pins.length === 0) return;
      const waitsFor = `the build of ${pins.map(title).join(', ')}`;
      const progress = (now: Progress): void => {
        context.progress(now);
        // One of several builds is as good as any.
        for (const waiter of waiters) waiter({ ...now, waitsFor: now.waitsFor ?? waitsFor });
      };
      for (const waiter of waiters) waiter({ done: 0, waitsFor });
      await buildTools(pins, go, this.options, { ...context, progress });
    });
  }

  private notProvided(pins: readonly Pin[], error: unknown): CreationError {
    const folder = cacheHome(this.options.env);
    const hints: Record<string, string> = {
      ENOSPC: `Make room in ${folder}, or set XDG_CACHE_HOME to a folder with more.`,
      EACCES: `Make ${folder} writable, or set XDG_CACHE_HOME to a folder that is.`,
      EROFS: `Set XDG_CACHE_HOME to a folder that can be written.`,
    };
    const code = Object.keys(hints).find((known) => isErrno(error, known));
    const ofError = error instanceof HoistError ? error.hint : undefined;
    const hint = code === undefined ? ofError : hints[code];
    return new CreationError(`${pins.map(title).join(', ')} could not be put into the cache: ${messageOf(error)}`, {
      cause: error,
      hint,
    });
  }
}

function troubleOf(error: unknown): Error {
  return error instanceof Error ? error : new Error(messageOf(error));
}

/** Adds up what several downloads report. */
function sumOf(report: (progress: Progress) => void): (name: string, progress: Progress) => void {
  const parts = new Map<string, Progress>();
  return (name, progress) => {
    parts.set(name, progress);
    const all = [...parts.values()];
    const done = all.reduce((sum, part) => sum + part.done, 0);
    const known = all.every(({ total }) => total !== undefined);
    const total = known ? all.reduce((sum, part) => sum + (part.total ?? 0), 0) : undefined;
    report({ done, total, unit: 'bytes', ...(progress.leftMs === undefined ? {} : { leftMs: progress.leftMs }) });
  };
}
