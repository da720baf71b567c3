// The lock file of a task file: which content each URL stood for when it was first used.

import { lstatSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { ConfigError, messageOf } from '../../base/errors.ts';
import { writeAtomic } from '../../host/files/files.ts';
import { publicUrl } from './public-url.ts';

export class LockFile {
  readonly #sums: Map<string, string>;
  #changed = false;

  private constructor(
    readonly path: string,
    sums: Iterable<readonly [string, string]>,
  ) {
    this.#sums = new Map([...sums].map(([url, sum]) => [publicUrl(url), sum]));
  }

  /** @throws ConfigError where it cannot be read, or is a link: it would be written wherever that leads */
  static async read(path: string): Promise<LockFile> {
    const found = lstatSync(path, { throwIfNoEntry: false });
    if (found === undefined) return new LockFile(path, []);
    if (!found.isFile()) {
      const message = found.isSymbolicLink() ? 'is a symbolic link, which is not followed' : 'is no file';
      throw new ConfigError([{ where: path, message }], {
        hint: 'Put the file itself beside the task file, or remove the entry to pin the remote includes again.',
      });
    }
    try {
      const content: unknown = JSON.parse(await readFile(path, 'utf8'));
      const includes =
        typeof content === 'object' && content !== null && 'includes' in content ? content.includes : undefined;
      const entries = Object.entries((includes ?? {}) as Record<string, unknown>);
      const bad = entries.find(([, sum]) => typeof sum !== 'string' || !/^[0-9a-f]{64}$/.test(sum));
      if (bad !== undefined) throw new Error(`the sum of ${bad[0]} is no SHA-256`);
      return new LockFile(path, entries as [string, string][]);
    } catch (error) {
      throw new ConfigError([{ where: path, message: `cannot be read: ${messageOf(error)}` }], {
        hint: 'Restore it from version control, or remove it to pin the remote includes again.',
      });
    }
  }

  sumOf(url: string): string | undefined {
    return this.#sums.get(publicUrl(url));
  }

  /** Without credentials: the file is shared with others. */
  pin(address: string, sum: string): void {
    const url = publicUrl(address);
    if (this.#sums.get(url) === sum) return;
    this.#sums.set(url, sum);
    this.#changed = true;
  }

  /** Writes what was pinned; URLs in order, so that a change shows as what it is. Whether there was anything to write. */
  async save(): Promise<boolean> {
    if (!this.#changed) return false;
    const includes = Object.fromEntries([...this.#sums].sort(([a], [b]) => (a < b ? -1 : 1)));
    await writeAtomic(this.path, `${JSON.stringify({ includes }, null, 2)}\n`);
    this.#changed = false;
    return true;
  }
}
