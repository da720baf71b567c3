// The folder of all snapshots, one folder each: made at one moment, known by its manifest, removed as a whole.

import { createReadStream } from 'node:fs';
import { lstat, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder } from '../../host/files/make-folder.ts';
import { CreationError, HoistError, isErrno, messageOf, UsageError } from '../../base/errors.ts';
import { isClusterName } from '../../base/names.ts';
import { oneLine } from '../../base/terminal-text.ts';
import { readBounded } from '../../host/files/bounded.ts';
import { temporaryBeside, writeAtomic } from '../../host/files/files.ts';
import { removeOwned } from '../../host/files/owned-folder.ts';
import { type NewArchive, verifyArchives, writeArchives } from './archives.ts';
import { type SnapshotArchive, type SnapshotManifest, MANIFEST_FORMAT, parseManifest } from './manifest.ts';
import { removeAtExit } from '../../host/files/at-exit.ts';
import { type Entry, readRecords, verifyRecords, writeRecords } from './records.ts';

const MANIFEST = 'snapshot.json';
const CONTENT = 'objects';
const MANIFEST_MAX = 4 * 2 ** 20;
/** A folder that is not finished; one that a crash left behind goes with the next save. */
const UNFINISHED = '.saving-';
/** Why a file can get no longer. */
const FULL = ['ENOSPC', 'EDQUOT', 'EFBIG'] as const;

/** What `list` finds. */
export interface SnapshotList {
  snapshots: SnapshotManifest[];
  /** Folders that are no snapshots, with the reason. */
  damaged: { name: string; why: string }[];
}

type Described = Omit<SnapshotManifest, 'format' | 'name' | 'createdAt' | 'content' | 'archives'>;

export class SnapshotStore {
  readonly #folder: string;

  /** @param stateHome hoist's own state. */
  constructor(stateHome: string) {
    this.#folder = join(stateHome, 'snapshots');
  }

  /**
   * Writes a snapshot, which is there as a whole or not at all.
   * @throws UsageError where there is one of this name; what reading the pages throws.
   */
  save(name: string, described: Described, pages: AsyncIterable<readonly Entry[]>): Promise<SnapshotManifest> {
    return this.#write(name, described, async (folder) => ({
      content: await writeRecords(join(folder, CONTENT), pages),
    }));
  }

  /** The same of archives. @throws as `save`; what reading the archives throws. */
  saveArchives(name: string, described: Described, archives: AsyncIterable<NewArchive>): Promise<SnapshotManifest> {
    return this.#write(name, described, (folder) => writeArchives(folder, archives));
  }

  async #write(
    name: string,
    described: Described,
    write: (folder: string) => Promise<Pick<SnapshotManifest, 'content' | 'archives'>>,
  ): Promise<SnapshotManifest> {
    await makeFolder(this.#folder, 0o700);
    await this.#removeUnfinished();
    if (await this.has(name)) throw exists(name);
    const unfinished = temporaryBeside(join(this.#folder, `${UNFINISHED}${name}`));
    const isRemoved = removeAtExit(unfinished);
    await mkdir(unfinished, { mode: 0o700 });
    try {
      const content = await write(unfinished);
      const createdAt = new Date().toISOString();
      const manifest: SnapshotManifest = { format: MANIFEST_FORMAT, name, createdAt, ...described, ...content };
      await writeAtomic(join(unfinished, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`, { mode: 0o600 });
      await rename(unfinished, join(this.#folder, name));
      return manifest;
    } catch (error) {
      await rm(unfinished, { recursive: true, force: true });
      if (isErrno(error, 'ENOTEMPTY') || isErrno(error, 'EEXIST')) throw exists(name);
      if (FULL.some((code) => isErrno(error, code))) throw full(this.#folder, error);
      throw error;
    } finally {
      isRemoved();
    }
  }

  async has(name: string): Promise<boolean> {
    return lstat(join(this.#folder, name)).then(
      () => true,
      () => false,
    );
  }

  /** undefined where there is none. @throws CreationError where it is damaged. */
  async read(name: string): Promise<SnapshotManifest | undefined> {
    const path = join(this.#folder, name, MANIFEST);
    try {
      const manifest = parseManifest((await readBounded(path, MANIFEST_MAX)).toString('utf8'), path);
      if (manifest.name !== name) throw named(path, manifest.name);
      return manifest;
    } catch (error) {
      if (isErrno(error, 'ENOENT') || isErrno(error, 'ENOTDIR')) return undefined;
      if (error instanceof HoistError) throw error;
      throw new CreationError(`${path} cannot be read: ${messageOf(error)}`, {
        hint: 'Remove the snapshot, and save it again.',
        cause: error,
      });
    }
  }

  /**
   * @param wanted which archives will be used; defaults to all
   * @throws CreationError where the content is not as it was written.
   */
  async verify(manifest: SnapshotManifest, wanted: (archive: SnapshotArchive) => boolean = () => true): Promise<void> {
    const { name, content, archives } = manifest;
    const files = archives === undefined ? [CONTENT] : archives.filter(wanted).map(({ file }) => file);
    await Promise.all(files.map((file) => assertFile(join(this.#folder, name, file))));
    if (archives === undefined) return verifyRecords(this.#content(name), content);
    return verifyArchives(join(this.#folder, name), { content, archives }, wanted);
  }

  /** The same before anything has begun, which its error says. @throws CreationError */
  async verifyFirst(manifest: SnapshotManifest, wanted?: (archive: SnapshotArchive) => boolean): Promise<void> {
    try {
      await this.verify(manifest, wanted);
    } catch (error) {
      if (!(error instanceof CreationError)) throw error;
      throw new CreationError(error.message, { hint: `Nothing was changed. ${error.hint ?? ''}`.trim(), cause: error });
    }
  }

  /** The bytes of an archive, as they come. */
  archive({ name }: SnapshotManifest, { file }: SnapshotArchive): AsyncIterable<Buffer> {
    return createReadStream(join(this.#folder, name, file), { highWaterMark: 2 ** 20 });
  }

  /** The content, read as it comes: `verify` says first whether it is whole. */
  entries({ name, content }: SnapshotManifest): AsyncGenerator<Entry> {
    return readRecords(this.#content(name), content);
  }

  async names(): Promise<string[]> {
    return (await readdir(this.#folder).catch(() => [])).filter(isClusterName).sort();
  }

  /** All that there are, in the order of their names. */
  async list(): Promise<SnapshotList> {
    const list: SnapshotList = { snapshots: [], damaged: [] };
    for (const name of await this.names()) {
      try {
        const manifest = await this.read(name);
        if (manifest) list.snapshots.push(manifest);
        else list.damaged.push({ name, why: `${join(this.#folder, name)} has no ${MANIFEST}; remove it by hand` });
      } catch (error) {
        const hint = error instanceof HoistError ? error.hint : undefined;
        list.damaged.push({ name, why: hint === undefined ? messageOf(error) : `${messageOf(error)}. ${hint}` });
      }
    }
    return list;
  }

  /** @returns whether there was one. @throws HoistError where the folder is not hoist's to remove. */
  remove(name: string): Promise<boolean> {
    return removeOwned({ parent: this.#folder, name, records: [MANIFEST] });
  }

  #content(name: string): string {
    return join(this.#folder, name, CONTENT);
  }

  async #removeUnfinished(): Promise<void> {
    const names = (await readdir(this.#folder)).filter((name) => name.startsWith(UNFINISHED));
    await Promise.all(
      names.filter(isAbandoned).map((name) => rm(join(this.#folder, name), { recursive: true, force: true })),
    );
  }
}

/** @throws CreationError where it is missing, or no plain file: a link or a pipe was not written by hoist */
async function assertFile(path: string): Promise<void> {
  const info = await lstat(path).catch(() => undefined);
  if (info?.isFile() === true) return;
  throw new CreationError(`${path} ${info === undefined ? 'is missing' : 'is no file'}: the snapshot is damaged`, {
    hint: 'Remove the snapshot, and save it again.',
  });
}

/** Whether the process that made it, whose id is in its name, has ended. */
function isAbandoned(name: string): boolean {
  const pid = Number(/\.(\d+)-[0-9a-f]+\.tmp$/.exec(name)?.[1]);
  if (!Number.isInteger(pid)) return true;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return isErrno(error, 'ESRCH');
  }
}

function exists(name: string): UsageError {
  return new UsageError(`there is a snapshot "${name}" already`, {
    hint: `\`hoist snapshot remove ${name}\` removes it; or choose another name.`,
  });
}

function full(folder: string, error: unknown): CreationError {
  return new CreationError(`the snapshot could not be written to ${folder}: ${messageOf(error)}`, {
    hint: 'Nothing of it is left. Free some space, or remove snapshots: `hoist snapshot list` shows how large they are.',
    cause: error,
  });
}

function named(path: string, name: string): CreationError {
  return new CreationError(
    `${path} names the snapshot "${oneLine(name)}", not the one that its folder is called after`,
    {
      hint: 'Remove the snapshot, and save it again.',
    },
  );
}

/** @param known names of the snapshots that there are */
export function noSuchSnapshot(name: string, known: readonly string[]): UsageError {
  const there = known.length > 0 ? `there are: ${known.join(', ')}` : 'there are none';
  return new UsageError(`there is no snapshot "${name}"; ${there}`);
}
