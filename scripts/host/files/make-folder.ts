// Makes a folder and those above it, and always ends: Node's recursive `mkdir` goes on forever below /proc.

import { mkdir, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { isErrno } from '../../base/errors.ts';

/**
 * A folder that exists is fine, whatever its mode.
 * @param mode of each folder that is made, less the umask
 * @throws the system's error where one cannot be made: ENOENT also where nothing can be made below a folder that exists
 */
export function makeFolder(path: string, mode = 0o777): Promise<void> {
  return make(resolve(path), mode);
}

async function make(path: string, mode: number): Promise<void> {
  try {
    await mkdir(path, { mode });
  } catch (error) {
    if (await isFolder(path)) return;
    const above = dirname(path);
    if (!isErrno(error, 'ENOENT') || above === path) throw error;
    if (!(await isFolder(above))) await make(above, mode);
    // Once more, and no oftener: where the folder above says no, it does so every time.
    await makeLast(path, mode);
  }
}

async function makeLast(path: string, mode: number): Promise<void> {
  try {
    await mkdir(path, { mode });
  } catch (error) {
    // Another process was first.
    if (!(await isFolder(path))) throw error;
  }
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() ?? false;
}
