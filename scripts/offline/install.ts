// Brings what a bundle holds to where `up` looks for it: tools into the cache, files into a folder of the bundle's own.

import { createWriteStream } from 'node:fs';
import { link, readdir, rm, stat, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { makeFolder } from '../host/files/make-folder.ts';
import { isErrno } from '../base/errors.ts';
import { putInPlace, temporaryBeside } from '../host/files/files.ts';
import { withLock } from '../host/lock.ts';
import { cacheHome } from '../host/paths.ts';
import { type ToolOptions, lockFile, pinOf, platformOf, title, toolFile } from '../tools/options.ts';
import { type Pin, PINS, type ToolName } from '../tools/pins.ts';
import { isAsRecorded, putIntoCache, sha256Of } from '../tools/tool-record.ts';
import { BundleError } from './bundle-errors.ts';
import type { BundleManifest } from './manifest.ts';
import { removeAtExit } from '../host/files/at-exit.ts';
import type { BundleReader } from './reader.ts';

/** What is unpacked can be unpacked again. */
const UNUSED_MS = 30 * 86_400_000;

type Tool = BundleManifest['tools'][number] & { pin: Pin };

/** What of a bundle is not in its place yet. */
export interface Missing {
  tools: readonly Tool[];
  files: BundleManifest['files'];
}

/** The folder that the files of a bundle are unpacked into: it is the digest's, so that two bundles never mix. */
export function filesFolder({ digest }: Pick<BundleReader, 'digest'>, options: ToolOptions): string {
  return join(cacheHome(options.env), 'bundles', digest.slice(0, 40));
}

/**
 * Looks what is missing, changes nothing.
 * @throws BundleError where the bundle is for another platform, or has tools that this hoist does not use
 */
export async function missingOf(bundle: BundleReader, options: ToolOptions): Promise<Missing> {
  const { file, manifest } = bundle;
  const { os, arch } = platformOf(options);
  if (manifest.platform.os !== os || manifest.platform.arch !== arch)
    throw new BundleError(
      file,
      `it is for ${manifest.platform.os}/${manifest.platform.arch}, and this is ${os}/${arch}`,
      {
        hint: 'Save it on a machine of this kind.',
      },
    );
  const tools = manifest.tools.map((tool) => ({ ...tool, pin: pinned(tool, options, file) }));
  const folder = filesFolder(bundle, options);
  const lacking = async <T>(list: readonly T[], isThere: (one: T) => Promise<boolean>): Promise<T[]> => {
    const there = await Promise.all(list.map(isThere));
    return list.filter((_, at) => there[at] !== true);
  };
  return {
    tools: await lacking(tools, ({ pin }) => isInCache(pin, options)),
    files: await lacking(manifest.files, ({ path, sha256 }) => hasDigest(join(folder, path), sha256)),
  };
}

/** The digests that `install` reads. */
export function digestsOf({ tools, files }: Missing): string[] {
  return [...tools, ...files].map(({ sha256 }) => sha256);
}

/** Puts what is missing in its place; each part is in it whole or not at all. @throws BundleError for a wrong one */
export async function install(
  bundle: BundleReader,
  { tools, files }: Missing,
  { options, signal }: { options: ToolOptions; signal: AbortSignal },
): Promise<void> {
  const folder = filesFolder(bundle, options);
  await makeFolder(folder, 0o700);
  await utimes(folder, new Date(), new Date());
  for (const { path, sha256 } of files) {
    const target = join(folder, path);
    await makeFolder(dirname(target), 0o700);
    await withPart(bundle, { sha256, beside: target, signal }, (part) => putInPlace(part, target, 0o600));
  }
  // Components that were built together are one binary under several names.
  const written = new Map<string, string>();
  for (const { pin, sha256 } of tools) {
    const target = toolFile(pin, options);
    await makeFolder(dirname(target));
    await withLock(lockFile(pin.name, options), { signal }, async () => {
      if (await isInCache(pin, options)) return;
      const origin = { way: 'bundle', bundle: bundle.digest, sha256 } as const;
      const same = written.get(sha256);
      await withPart(bundle, { sha256, beside: target, signal, same }, (part) =>
        putIntoCache(part, pin, origin, options),
      );
      written.set(sha256, target);
    });
  }
  await pruneUnused(dirname(folder));
}

/** A part as a file that is gone afterwards, unless it was moved; `same` is a file that has its content already. */
async function withPart(
  bundle: BundleReader,
  { sha256, beside, signal, same }: { sha256: string; beside: string; signal: AbortSignal; same?: string | undefined },
  use: (path: string) => Promise<void>,
): Promise<void> {
  const path = temporaryBeside(beside);
  const isRemoved = removeAtExit(path);
  try {
    const linked =
      same !== undefined &&
      (await link(same, path).then(
        () => true,
        () => false,
      ));
    if (!linked) await pipeline(bundle.read(sha256), createWriteStream(path, { flags: 'wx', mode: 0o600 }), { signal });
    await use(path);
  } finally {
    await rm(path, { force: true });
    isRemoved();
  }
}

/** The version must be the one that the cache would have: components of one cluster belong together. */
function pinned({ name, version }: BundleManifest['tools'][number], options: ToolOptions, file: string): Pin {
  const known = Object.hasOwn(PINS, name) ? pinOf(name as ToolName, options) : undefined;
  if (known === undefined) throw new BundleError(file, `hoist uses no tool ${JSON.stringify(name)}`);
  if (known.version !== version)
    throw new BundleError(file, `it has ${name} ${JSON.stringify(version)}, and this hoist uses ${title(known)}`, {
      hint: 'Save it with this version of hoist.',
    });
  return known;
}

/** @throws CreationError where a file of the cache is not the one that was put there. */
async function isInCache(pin: Pin, options: ToolOptions): Promise<boolean> {
  const path = toolFile(pin, options);
  return (await stat(path).catch(() => undefined)) !== undefined && isAsRecorded(path);
}

async function hasDigest(path: string, sha256: string): Promise<boolean> {
  try {
    return (await sha256Of(path)) === sha256;
  } catch (error) {
    if (isErrno(error, 'ENOENT') || isErrno(error, 'ENOTDIR')) return false;
    throw error;
  }
}

/** Folders of bundles that have not been used for a month. Never fails: another run may be at it. */
async function pruneUnused(all: string): Promise<void> {
  for (const name of await readdir(all).catch(() => [])) {
    const path = join(all, name);
    const used = await stat(path).catch(() => undefined);
    if (used === undefined || used.mtimeMs > Date.now() - UNUSED_MS) continue;
    await rm(path, { recursive: true }).catch(() => undefined);
  }
}
