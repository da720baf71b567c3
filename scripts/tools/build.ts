// Builds tools with Go from the modules that the project pins, all of a module by one invocation.

import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { CreationError, messageOf } from '../base/errors.ts';
import type { StepContext } from '../engine/step.ts';
import { withLock } from '../host/lock.ts';
import { locateTool } from './locate.ts';
import { type ToolOptions, lockFile, platformOf, title, toolFolder, toolsFolder } from './options.ts';
import type { GoBuild, Pin } from './pins.ts';
import { putIntoCache } from './record.ts';
import { waiting } from './waiting.ts';

/** A pin that Go can build. */
export type BuildablePin = Pin & { build: GoBuild };

/**
 * Builds tools of one module into the cache, once even where several processes want them. Cut short, the next build
 * goes on where this one was, by Go's own cache.
 * @param pins all of the same module.
 * @param go the version of Go, for the record.
 * @throws CreationError with the last lines of the compiler where the build fails.
 */
export async function buildTools(
  pins: readonly BuildablePin[],
  go: string,
  options: ToolOptions,
  context: StepContext,
): Promise<void> {
  const [first] = pins;
  if (!first) return;
  const { module } = first.build;
  await withLock(buildLock(module, options), waiting(context), async () => {
    const located = await Promise.all(pins.map((pin) => locateTool(pin.name, options)));
    const missing = pins.filter((_, at) => !located[at]);
    if (missing.length === 0) {
      context.note('built by another process');
      return;
    }
    await mkdir(toolsFolder(options), { recursive: true });
    const output = await mkdtemp(buildFolder(module, options));
    try {
      await goBuild(missing, module, output, options, context);
      for (const pin of missing) {
        await mkdir(toolFolder(pin, options), { recursive: true });
        const origin = { way: 'build', go, package: pin.build.package, ldflags: pin.build.ldflags } as const;
        await putIntoCache(join(output, pin.name), pin, origin, options);
      }
    } finally {
      await rm(output, { recursive: true, force: true });
    }
  });
}

/** Held while a module is built. */
export function buildLock(module: string, options: ToolOptions): string {
  return lockFile(`build-${basename(module)}`, options);
}

/** What the names of the folders begin with that builds of a module write to. */
export function buildFolder(module: string, options: ToolOptions): string {
  return join(toolsFolder(options), `build-${basename(module)}-`);
}

async function goBuild(
  pins: readonly BuildablePin[],
  module: string,
  output: string,
  options: ToolOptions,
  context: StepContext,
): Promise<void> {
  const { os, arch } = platformOf(options);
  let packages = 0;
  try {
    await options.exec({
      ...goBuildCommand(pins, output),
      cwd: module,
      // A workspace or a cross-compilation of the user's must not reach into this build.
      env: { ...options.env, CGO_ENABLED: '0', GOOS: os, GOARCH: arch, GOWORK: 'off' },
      signal: context.signal,
      onLine: (line) => {
        context.progress({ done: ++packages, unit: 'items' });
        context.output(line);
      },
    });
  } catch (error) {
    context.signal.throwIfAborted();
    throw new CreationError(`${pins.map(title).join(', ')} could not be built: ${messageOf(error)}`, { cause: error });
  }
}

/** `go build` of all the pins, each package's name on a line as it is compiled. */
export function goBuildCommand(pins: readonly BuildablePin[], output: string): { file: string; args: string[] } {
  const ldflags = [...new Set(pins.map((pin) => pin.build.ldflags))].join(' ');
  const flags = ['-v', '-mod=readonly', '-trimpath', '-buildvcs=false', '-ldflags', ldflags];
  // One package is named by its last path element, which a major version like v3 replaces: so its file is named here.
  const [only] = pins;
  const target = pins.length === 1 && only ? join(output, only.name) : `${output}/`;
  return { file: 'go', args: ['build', ...flags, '-o', target, ...pins.map((pin) => pin.build.package)] };
}
