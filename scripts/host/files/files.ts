// Files that others read while they are written: whole and old, or whole and new, never half.

import { randomBytes } from 'node:crypto';
import { type FileHandle, chmod, lstat, open, readlink, realpath, rename, rm, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { removeAtExit } from './at-exit.ts';
import { HoistError, isErrno } from '../../base/errors.ts';

/** As many links in a row as Linux follows. */
const MAX_LINKS = 40;

/**
 * Replaces a file at one moment and durably. A symbolic link stays, and what it points at is replaced.
 * @param options.mode permissions of the file; where not given those that it has, else 0666 less the umask.
 */
export async function writeAtomic(
  path: string,
  data: string | Uint8Array,
  options: { mode?: number } = {},
): Promise<void> {
  const target = await followLinks(path);
  const mode = options.mode ?? (await stat(target).catch(() => undefined))?.mode;
  const temporary = temporaryBeside(target);
  const isRemoved = removeAtExit(temporary);
  try {
    // Private until it has its final mode: the data may be secret.
    const file = await open(temporary, 'wx', mode === undefined ? 0o666 : 0o600);
    await withFile(file, async () => {
      await file.writeFile(data);
      if (mode !== undefined) await file.chmod(mode & 0o7777);
      await file.sync();
    });
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  } finally {
    isRemoved();
  }
  await syncFolder(dirname(target));
}

/** Moves a finished temporary file of the same folder into its place, durably. */
export async function putInPlace(temporary: string, target: string, mode: number): Promise<void> {
  await chmod(temporary, mode);
  const file = await open(temporary, 'r');
  await withFile(file, () => file.sync());
  await rename(temporary, target);
  await syncFolder(dirname(target));
}

/** A name in the same folder that nothing else uses. */
export function temporaryBeside(path: string): string {
  return `${path}.${process.pid}-${randomBytes(4).toString('hex')}.tmp`;
}

async function followLinks(path: string): Promise<string> {
  let target = path;
  for (let links = 0; links < MAX_LINKS; links++) {
    await refuseForeignLink(target);
    try {
      return await realpath(target);
    } catch (error) {
      if (!isErrno(error, 'ENOENT')) throw error;
    }
    // Either a new file, or a link to one that is not there yet.
    const link = await lstat(target).catch(() => undefined);
    if (!link?.isSymbolicLink()) return target;
    target = resolve(dirname(target), await readlink(target));
  }
  return target;
}

/**
 * In a folder where all users may write, like /tmp, another user's link may point at any file of this user. Linux
 * refuses to follow those (protected_symlinks), but not where a program reads the link itself, as here.
 * @throws HoistError for such a link
 */
async function refuseForeignLink(path: string): Promise<void> {
  const link = await lstat(path).catch(() => undefined);
  if (link?.isSymbolicLink() !== true) return;
  const folder = await stat(dirname(resolve(path)));
  const isShared = (folder.mode & 0o1002) === 0o1002;
  if (!isShared || link.uid === process.getuid?.() || link.uid === folder.uid) return;
  throw new HoistError(`${path} is a link that another user has put into a folder of all users; it is not followed`, {
    hint: 'Write to a folder of your own, or remove the link.',
  });
}

/** A rename is durable only when its folder is. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  await withFile(handle, () => handle.sync());
}

async function withFile(file: FileHandle, use: () => Promise<void>): Promise<void> {
  try {
    await use();
  } finally {
    await file.close();
  }
}
