// Builds tools with Go from the module that the project pins: one binary for all tools that share one.

import { copyFile, link, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { makeFolder } from '../../host/files/make-folder.ts';
import { CreationError, messageOf } from '../../base/errors.ts';
import type { StepContext } from '../../engine/step.ts';
import { withLock } from '../../host/lock.ts';
import { localMachine } from '../../host/machine.ts';
import { locateTool } from '../locate.ts';
import { type ToolOptions, lockFile, title, toolFolder, toolsFolder } from '../options.ts';
import type { Pin } from '../pins.ts';
import { putIntoCache, sha256Of } from '../tool-record.ts';
import { waiting } from '../waiting.ts';
import { type BuildablePin, goBuildCommand, goEnvironment, goListCommand } from './go.ts';
import { withTemporaryFolder } from '../../host/files/at-exit.ts';
import { BuildProgress, readPackages } from './packages.ts';

/**
 * Builds tools into the cache, once even where several processes want them. Cut short, the next build goes on where this
 * one was, by Go's own cache.
 * @param pins all of the same package.
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
    await makeFolder(toolsFolder(options));
    await withTemporaryFolder(buildFolder(module, options), async (folder) => {
      const binary = join(folder, 'binary');
      await goBuild(missing, binary, options, context);
      await putAllIntoCache(missing, binary, go, options);
    });
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
  output: string,
  options: ToolOptions,
  context: StepContext,
): Promise<void> {
  const machine = localMachine();
  const { signal } = context;
  const run = { cwd: pins[0]?.build.module ?? '', env: goEnvironment(options, machine), signal };
  try {
    let modules = 0;
    const listing = await options.exec({
      ...goListCommand(pins),
      ...run,
      onLine(line, stream) {
        if (stream === 'stdout') return;
        if (line.startsWith('go: downloading ')) context.progress({ done: ++modules, unit: 'modules' });
        context.output(line);
      },
    });
    const progress = new BuildProgress(await readPackages(listing.stdout), machine.cpus, performance.now());
    context.progress(progress.begin());
    await options.exec({
      ...goBuildCommand(pins, output),
      ...run,
      onLine(line) {
        const now = progress.take(line, performance.now());
        if (now) context.progress(now);
        context.output(line);
      },
    });
  } catch (error) {
    signal.throwIfAborted();
    throw new CreationError(`${pins.map(title).join(', ')} could not be built: ${messageOf(error)}`, { cause: error });
  }
}

/** The binary is one file with several names, where the file system can do that. */
async function putAllIntoCache(
  pins: readonly BuildablePin[],
  binary: string,
  go: string,
  options: ToolOptions,
): Promise<void> {
  const sha256 = await sha256Of(binary);
  for (const pin of pins) {
    const { package: path, ldflags } = pin.build;
    const origin = { way: 'build', go, package: path, ldflags, sha256 } as const;
    await putIntoCache(await named(binary, pin, options), pin, origin, options);
  }
}

async function named(binary: string, pin: Pin, options: ToolOptions): Promise<string> {
  const folder = toolFolder(pin, options);
  await makeFolder(folder);
  const name = join(folder, `${pin.name}.${process.pid}.tmp`);
  await rm(name, { force: true });
  await link(binary, name).catch(() => copyFile(binary, name));
  return name;
}
