// The engine steps that end with each missing tool in the cache.

import { availableParallelism } from 'node:os';
import { ConfigError, CreationError, HoistError, isErrno, messageOf } from '../base/errors.ts';
import type { Step, StepContext } from '../engine/step.ts';
import { cacheHome } from '../host/paths.ts';
import { type BuildablePin, buildTools } from './build.ts';
import { fetchTool } from './fetch.ts';
import { DownloadError } from './http.ts';
import { locateTool } from './locate.ts';
import { type ToolOptions, pinOf, platformOf, title } from './options.ts';
import type { Pin, ToolName } from './pins.ts';
import { type Source, findSources } from './sources.ts';

/** The step that asks publishers and Go, before the steps of the tools. */
const SOURCES = 'tool/sources';
/** A compiler uses all cores by itself, and up to 2 GiB to link: more of them at once only on large machines. */
const CORES_A_BUILD = 4;

/** The name of the step that provides a tool; what needs the tool needs this step, where it is among the steps. */
export function toolStepName(name: ToolName): string {
  return `tool/${name}`;
}

/**
 * One step for each tool that is missing, and one before them that decides between download and build; none where all
 * are there. A download that is cut short is tried again and goes on where it was.
 * @param sourcesStep the name of that step, where several lists of tools meet in a run.
 * @throws ConfigError where an explicit path is not an executable file.
 */
export async function toolSteps(
  names: readonly ToolName[],
  options: ToolOptions,
  sourcesStep = SOURCES,
): Promise<Step[]> {
  const located = await Promise.all(names.map((name) => locateTool(name, options)));
  const missing = names.filter((_, at) => !located[at]);
  if (missing.length === 0) return [];

  const provider = new Provider(options);
  const sources: Step = {
    name: sourcesStep,
    provision: true,
    run: (context) => provider.findSources(missing, context),
  };
  const steps = missing.map((name): Step => {
    const pin = pinOf(name, options);
    const { os, arch } = platformOf(options);
    return {
      name: toolStepName(name),
      needs: [sourcesStep],
      provision: true,
      pool: pin.published[os]?.archs.includes(arch) ? 'download' : 'build',
      retry: { attempts: 4, backoffMs: 500, when: (error) => error instanceof DownloadError && error.kind === 'cut' },
      run: (context) => provider.provide(pin, context),
    };
  });
  return [sources, ...steps];
}

/** What the steps of one run share. */
class Provider {
  private sources = new Map<ToolName, Source>();
  /** By module: its tools are built together. */
  private readonly builds = new Map<string, Promise<void>>();
  private limit: ((build: () => Promise<void>) => Promise<void>) | undefined;

  constructor(private readonly options: ToolOptions) {}

  async findSources(names: readonly ToolName[], context: StepContext): Promise<void> {
    this.sources = await findSources(names, this.options, context.signal);
    const reasons = new Set(
      [...this.sources.values()].flatMap((source) => (source.way === 'build' ? [source.reason] : [])),
    );
    for (const reason of reasons) context.note(`built with Go: ${reason}`);
  }

  async provide(pin: Pin, context: StepContext): Promise<void> {
    const source = this.sources.get(pin.name);
    try {
      if (source?.way === 'download') await fetchTool(pin, source, this.options, context);
      if (source?.way === 'build') await this.build(source.build.module, source.go, pin, context);
    } catch (error) {
      context.signal.throwIfAborted();
      throw error instanceof CreationError || error instanceof ConfigError ? error : this.notProvided(pin, error);
    }
  }

  /** The first step of a module builds for all; the others wait for it. */
  private async build(module: string, go: string, pin: Pin, context: StepContext): Promise<void> {
    const underWay = this.builds.get(module);
    if (!underWay) {
      const pins = [...this.sources.keys()].map((name) => pinOf(name, this.options)).filter(isOf(module));
      const building = this.limited(() => buildTools(pins, go, this.options, context));
      this.builds.set(module, building);
      return building;
    }
    context.note('built together with others of its module');
    await underWay.catch(() => {
      throw new CreationError(`${title(pin)}: not built, as the build of its module failed`);
    });
  }

  private async limited(build: () => Promise<void>): Promise<void> {
    const { default: pLimit } = await import('p-limit');
    this.limit ??= pLimit(Math.max(1, Math.floor(availableParallelism() / CORES_A_BUILD)));
    return this.limit(build);
  }

  private notProvided(pin: Pin, error: unknown): CreationError {
    const folder = cacheHome(this.options.env);
    const hints: Record<string, string> = {
      ENOSPC: `Make room in ${folder}, or set XDG_CACHE_HOME to a folder with more.`,
      EACCES: `Make ${folder} writable, or set XDG_CACHE_HOME to a folder that is.`,
      EROFS: `Set XDG_CACHE_HOME to a folder that can be written.`,
    };
    const code = Object.keys(hints).find((known) => isErrno(error, known));
    const ofError = error instanceof HoistError ? error.hint : undefined;
    const hint = code === undefined ? ofError : hints[code];
    return new CreationError(`${title(pin)} could not be put into the cache: ${messageOf(error)}`, {
      cause: error,
      hint,
    });
  }
}

function isOf(module: string): (pin: Pin) => pin is BuildablePin {
  return (pin): pin is BuildablePin => pin.build?.module === module;
}
