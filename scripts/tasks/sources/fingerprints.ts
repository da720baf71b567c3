// Remembers for tasks with `sources` or `generates` what they were made from, so that an up-to-date one need not run.

import { createHash } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder } from '../../host/files/make-folder.ts';
import { writeAtomic } from '../../host/files/files.ts';
import { digestOf } from './digest.ts';
import { findFiles } from './find.ts';

export interface Subject {
  /** Distinguishes this task with these inputs from all others. */
  key: string;
  /** All that it does and is given, beside its files. */
  definition: string;
  /** Patterns, relative to the working directory. */
  sources: readonly string[];
  generates: readonly string[];
}

/** What was the case when the task last ran and succeeded. */
interface Kept {
  before: string;
  generated: string;
  /** What it set: whatever comes after it needs them although it does not run. */
  variables: Readonly<Record<string, string>>;
}

/** A task's state before it runs. */
export interface Look {
  /** The variables that its last run set, where it is up to date. */
  upToDate: Readonly<Record<string, string>> | undefined;
  /** Patterns of `sources` that no file matches: nothing can be said then. */
  unmatched: readonly string[];
  /** Changes with the definition and the sources. */
  before: string;
}

export class Fingerprints {
  constructor(
    /** Where they are kept. */
    readonly folder: string,
    readonly cwd: string,
  ) {}

  async look(subject: Subject): Promise<Look> {
    const sources = await findFiles(subject.sources, this.cwd);
    // What it makes among its sources is none of them.
    const made = new Set((await findFiles(subject.generates, this.cwd)).files);
    const files = sources.files.filter((file) => !made.has(file));
    const before = sha256(subject.definition, await digestOf(files, this.cwd));
    const kept = sources.unmatched.length > 0 ? undefined : await this.#read(subject);
    const same = kept?.before === before && kept.generated === (await this.#generated(subject)).digest;
    return { upToDate: same ? kept.variables : undefined, unmatched: sources.unmatched, before };
  }

  /** While it runs, and where it fails, it is not up to date. */
  async forget(subject: Subject): Promise<void> {
    await rm(this.#path(subject), { force: true });
  }

  /** Resolves with the patterns of `generates` that no file matches: then it is not up to date. */
  async keep(
    subject: Subject,
    before: string,
    variables: Readonly<Record<string, string>>,
  ): Promise<readonly string[]> {
    const { digest, unmatched } = await this.#generated(subject);
    if (unmatched.length > 0) return unmatched;
    await makeFolder(this.folder, 0o700);
    const kept: Kept = { before, generated: digest, variables };
    await writeAtomic(this.#path(subject), JSON.stringify(kept), { mode: 0o600 });
    return [];
  }

  async #generated({ generates }: Subject): Promise<{ digest: string; unmatched: readonly string[] }> {
    const { files, unmatched } = await findFiles(generates, this.cwd);
    return { digest: await digestOf(files, this.cwd), unmatched };
  }

  #path({ key }: Subject): string {
    return join(this.folder, `${sha256(this.cwd, key)}.json`);
  }

  /** A file that is damaged is as good as none. */
  async #read(subject: Subject): Promise<Kept | undefined> {
    try {
      const kept = JSON.parse(await readFile(this.#path(subject), 'utf8')) as Partial<Kept> | null;
      const { before, generated, variables } = kept ?? {};
      if (before === undefined || generated === undefined || typeof variables !== 'object') return undefined;
      return { before, generated, variables };
    } catch {
      return undefined;
    }
  }
}

function sha256(...texts: readonly string[]): string {
  const hash = createHash('sha256');
  for (const text of texts) hash.update(`${text.length}:`).update(text);
  return hash.digest('hex');
}
