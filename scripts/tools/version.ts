// Versions of tools: read from what they print, remembered as long as the file stays the same, compared.

import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { writeAtomic } from '../host/files/files.ts';
import { withLock } from '../host/lock.ts';
import { cacheHome } from '../host/paths.ts';
import type { ToolOptions } from './options.ts';
import type { Pin } from './pins.ts';

/** ms that a tool may take to print its version. */
const PROBE_MS = 60_000;

/** A file with the same size and time of change is taken for the same file. */
interface Probe {
  size: number;
  mtimeMs: number;
  version: string;
}

/** The version that the binary prints of itself; undefined where it does not run or prints none. */
export async function probeVersion(file: string, pin: Pin, options: ToolOptions): Promise<string | undefined> {
  const { size, mtimeMs } = await stat(file);
  const known = (await readProbes(options))[file];
  if (known?.size === size && known.mtimeMs === mtimeMs) return known.version;
  const version = await printedVersion(file, pin, options);
  if (version !== undefined) await remember(file, { size, mtimeMs, version }, options);
  return version;
}

/** Whether a version lies in the range that the pin accepts. */
export function isAccepted(version: string, { accepts }: Pin): boolean {
  return compareVersions(version, accepts.from) >= 0 && compareVersions(version, accepts.below) < 0;
}

/** Negative where `a` is older than `b`, positive where it is newer; of MAJOR.MINOR.PATCH alone. */
export function compareVersions(a: string, b: string): number {
  const right = b.split('.').map(Number);
  const differences = a.split('.').map((part, at) => Number(part) - (right[at] ?? 0));
  return differences.find((difference) => difference !== 0) ?? 0;
}

async function printedVersion(file: string, pin: Pin, { exec, env }: ToolOptions): Promise<string | undefined> {
  try {
    const { stdout, stderr } = await exec({ file, args: pin.versionArgs, env, timeoutMs: PROBE_MS });
    return /\bv?(\d+\.\d+\.\d+)/.exec(`${stdout}\n${stderr}`)?.[1];
  } catch {
    return undefined;
  }
}

const probesFile = ({ env }: ToolOptions): string => join(cacheHome(env), 'versions.json');

async function readProbes(options: ToolOptions): Promise<Partial<Record<string, Probe>>> {
  try {
    return JSON.parse(await readFile(probesFile(options), 'utf8')) as Partial<Record<string, Probe>>;
  } catch {
    return {};
  }
}

/** Under a lock: several tools are probed at once, and each rewrites the whole file. */
async function remember(file: string, probe: Probe, options: ToolOptions): Promise<void> {
  const path = probesFile(options);
  try {
    await withLock(`${path}.lock`, {}, async () => {
      await writeAtomic(path, `${JSON.stringify({ ...(await readProbes(options)), [file]: probe }, null, 1)}\n`);
    });
  } catch {
    // The cache cannot be written: nothing is remembered, and nothing is wrong.
  }
}
