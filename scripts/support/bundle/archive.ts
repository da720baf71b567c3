// A bundle as a .tar.gz: one folder with all files, written as they come, read back with bounds.

import { once } from 'node:events';
import { type WriteStream, createReadStream, createWriteStream } from 'node:fs';
import { lstat, realpath, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { type Pack, extract, pack } from 'tar-stream';
import { HoistError, isErrno, messageOf } from '../../base/errors.ts';
import { removeAtExit } from '../../host/files/at-exit.ts';
import { bytesText } from '../../base/units.ts';
import { relativeTarget, resolveTarget, safePath } from './paths.ts';
import { FileStore, type Stored, streamOf } from './store.ts';

/** Fast and nearly as small as the default. */
const GZIP_LEVEL = 4;

/** Bounds of a bundle that is read: anyone may have made it. */
const MOST_FILES = 200_000;
/** Bytes of all files of a bundle, unpacked: a small archive can hold any number of zeros. */
const MOST_BYTES = 2 * 2 ** 30;

/** The name of an archive while it is written: it gets its own once it is whole. */
export function partialOf(file: string): string {
  return join(dirname(file), `.${basename(file)}.${process.pid}.partial`);
}

/**
 * Where an archive of that name is written, found before anything is done for it: a link of the user's own keeps its place.
 * @throws HoistError where the archive cannot take the place of what is there
 */
export async function archivePlace(file: string): Promise<string> {
  const there = await lstat(file).catch(() => undefined);
  if (there?.isSymbolicLink() !== true) {
    if (there !== undefined && !there.isFile()) throw new HoistError(`${file} is there, and is no file`);
    return file;
  }
  // In a folder that others can write to, a link of theirs would choose which of the user's files is overwritten.
  if (there.uid !== process.getuid?.()) throw new HoistError(`${file} is a link that belongs to another user`);
  const target = await realpath(file).catch((error: unknown) => {
    throw isErrno(error, 'ENOENT') ? new HoistError(`${file} is a link to a file that does not exist`) : error;
  });
  if (!(await stat(target)).isFile()) throw new HoistError(`${file} is a link to what is no file`);
  return target;
}

/** Writes entries one after the other; nothing is held back but what gzip needs. */
export class ArchiveWriter {
  readonly #pack: Pack = pack();
  readonly #file: WriteStream;
  #isOurs = false;
  #isRemoved: () => void = () => undefined;
  readonly #done: Promise<void>;
  #queue: Promise<void> = Promise.resolve();

  /**
   * @param folder the one folder that all entries are in
   * @param mtime of all entries, so that the same content gives the same archive
   */
  constructor(
    readonly file: string,
    readonly folder: string,
    readonly mtime: Date,
  ) {
    this.#file = createWriteStream(file, { mode: 0o600, flags: 'wx' });
    this.#file.once('open', () => {
      this.#isOurs = true;
      this.#isRemoved = removeAtExit(file);
    });
    this.#done = pipeline(this.#pack, createGzip({ level: GZIP_LEVEL }), this.#file).catch((cause: unknown) => {
      throw new HoistError(`the archive cannot be written in ${dirname(file)}: ${messageOf(cause)}`, { cause });
    });
    // Reported by `close` and by the entries that cannot be written.
    this.#done.catch(() => undefined);
  }

  add(path: string, stored: Stored): Promise<void> {
    return this.#enqueue(() => this.#write(path, stored));
  }

  link(path: string, target: string): Promise<void> {
    const linkname = relativeTarget(path, target);
    return this.#enqueue(
      () =>
        new Promise((resolve, reject) => {
          const header = { name: `${this.folder}/${path}`, type: 'symlink' as const, linkname, mtime: this.mtime };
          this.#pack.entry(header, (error) => (error ? reject(error) : resolve()));
        }),
    );
  }

  /** Resolves when all is on disk. */
  async close(): Promise<void> {
    await this.#queue.catch(() => undefined);
    this.#pack.finalize();
    await this.#done;
    this.#isRemoved();
  }

  /** Ends without an archive: the file is gone when it resolves, also where it was about to be opened. */
  async abandon(): Promise<void> {
    const closed = this.#file.closed ? undefined : once(this.#file, 'close');
    this.#file.destroy();
    await closed;
    if (this.#isOurs) await rm(this.file, { force: true });
    this.#isRemoved();
  }

  #enqueue(work: () => Promise<void>): Promise<void> {
    const failed = this.#done.then(() => undefined);
    const result = this.#queue.then(() => Promise.race([work(), failed]));
    this.#queue = result.catch(() => undefined);
    return result;
  }

  async #write(path: string, stored: Stored): Promise<void> {
    const name = `${this.folder}/${path}`;
    const header = { name, mode: 0o644, mtime: this.mtime };
    if (stored.kind === 'buffer') {
      await new Promise<void>((resolve, reject) => {
        this.#pack.entry({ ...header, size: stored.content.length }, stored.content, (error) =>
          error ? reject(error) : resolve(),
        );
      });
      return;
    }
    const entry = this.#pack.entry({ ...header, size: stored.size });
    await pipeline(streamOf(stored), entry as unknown as Writable);
  }
}

/**
 * Reads a bundle; its one folder is left out of the paths, and links that lead out of it, devices and the like are `leftOut` of it.
 * @param mostBytes of all its files, unpacked; defaults to 2 GiB
 * @throws HoistError where it is no .tar.gz, or has more files or bytes than that
 */
export async function readArchive(file: string, mostBytes = MOST_BYTES): Promise<FileStore> {
  const store = new FileStore();
  const entries = extract();
  let files = 0;
  let bytes = 0;
  entries.on('entry', (header, stream, next) => {
    // What ends the archive ends its entry, too; an error without a listener would end the process.
    stream.on('error', () => undefined);
    const path = withoutFolder(header.name);
    bytes += header.size;
    if (++files > MOST_FILES) {
      entries.destroy(new Error(`it has more than ${MOST_FILES} files`));
      return;
    }
    if (bytes > mostBytes) {
      entries.destroy(new TooLargeError(`unpacked, it has more than ${bytesText(mostBytes)}`));
      return;
    }
    const skip = (): void => {
      stream.on('end', () => next());
      stream.resume();
    };
    if (path === '') skip();
    else if (header.type === 'symlink' || header.type === 'link') {
      const target = header.type === 'link' ? withoutFolder(header.linkname) : resolveTarget(path, header.linkname);
      if (target !== undefined && target !== '') store.link(path, safePath(target));
      else store.leftOut.push({ path, reason: `a link to ${header.linkname}, which is not in the bundle` });
      skip();
    } else if (isFile(header.type)) store.put(path, stream as never).then(() => next(), next);
    else {
      if (header.type !== 'directory') store.leftOut.push({ path, reason: `no file: ${header.type}` });
      skip();
    }
  });
  try {
    await pipeline(createReadStream(file), createGunzip(), entries as unknown as Writable);
    if (files === 0) throw new Error('there is nothing in it');
    store.dropBrokenLinks();
  } catch (cause) {
    await store.close();
    const hint =
      cause instanceof TooLargeError
        ? 'Where it is to be trusted all the same, raise --max-unpacked.'
        : 'A bundle is a .tar.gz, as `collect` and troubleshoot.sh write it.';
    throw new HoistError(`${file} cannot be read as a support bundle: ${messageOf(cause)}`, { cause, hint });
  }
  return store;
}

const isFile = (type: string | null | undefined): boolean => type === 'file' || type === 'contiguous-file';

class TooLargeError extends Error {}

function withoutFolder(name: string): string {
  const clean = name.replace(/^(\.?\/)+/, '');
  const slash = clean.indexOf('/');
  const rest = slash < 0 ? '' : clean.slice(slash + 1);
  return rest.replace(/\/+$/, '') === '' ? '' : safePath(rest);
}
