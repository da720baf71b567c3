// How far a build is, from the packages that it compiles: they differ in size, and so in time.

import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Progress } from '../../engine/step.ts';

/** Bytes of source by package. */
export type Packages = ReadonlyMap<string, number>;

/** ms of one CPU that a byte of source takes to compile, as seen; the rate of the build itself soon counts more. */
const MS_A_BYTE = 0.0065;
/** Compiling begins with small packages, and says little about the rate until this share is done. */
const DOUBT = 0.1;
/** Linking takes as long as compiling this share of all. */
const LINKING = 0.05;
/** What a package takes beside its bytes: its compiler must start, too. */
const FIXED_BYTES = 6_000;

/** Reads what `goListCommand` printed. */
export async function readPackages(listing: string): Promise<Packages> {
  const sizes = listing
    .split('\n')
    .filter((line) => line.includes('\t'))
    .map(async (line): Promise<[string, number]> => {
      const [path = '', folder = '', files = ''] = line.split('\t');
      const bytes = await Promise.all(
        files.split(',').map((file) =>
          stat(join(folder, file)).then(
            ({ size }) => size,
            () => 0,
          ),
        ),
      );
      return [path, FIXED_BYTES + bytes.reduce((sum, size) => sum + size, 0)];
    });
  return new Map(await Promise.all(sizes));
}

/** Turns the lines of `go build -v` into progress. */
export class BuildProgress {
  private readonly seen = new Set<string>();
  private readonly wholeBytes: number;
  private doneBytes = 0;

  /** @param startedMs by the clock that `take` is given. */
  constructor(
    private readonly packages: Packages,
    private readonly cpus: number,
    private readonly startedMs: number,
  ) {
    const all = [...packages.values()].reduce((sum, size) => sum + size, 0);
    this.wholeBytes = all * (1 + LINKING);
  }

  /** How far the build is, at its beginning. */
  begin(): Progress {
    return this.progress(this.startedMs);
  }

  /** Takes a line; undefined where it names no package that was to be compiled. */
  take(line: string, nowMs: number): Progress | undefined {
    const size = this.packages.get(line);
    if (size === undefined || this.seen.has(line)) return undefined;
    this.seen.add(line);
    // Its turn has come: those before it are done, it is not.
    const progress = this.progress(nowMs);
    this.doneBytes += size;
    return progress;
  }

  private progress(nowMs: number): Progress {
    const doubt = this.wholeBytes * DOUBT;
    const believedMs = (MS_A_BYTE / this.cpus) * doubt;
    const msAByte = (nowMs - this.startedMs + believedMs) / (this.doneBytes + doubt);
    const leftMs = (this.wholeBytes - this.doneBytes) * msAByte;
    return { done: this.seen.size, total: this.packages.size, unit: 'packages', leftMs };
  }
}
