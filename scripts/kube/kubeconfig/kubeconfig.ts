// The user's kubeconfig files: which ones there are, and hoist's own entry in one of them.

import { existsSync } from 'node:fs';
import { chown, open, realpath, rm, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeFolder } from '../../host/files/make-folder.ts';
import { readBounded } from '../../host/files/bounded.ts';
import { HoistError, isErrno, messageOf } from '../../base/errors.ts';
import { writeAtomic } from '../../host/files/files.ts';
import { withLock } from '../../host/lock.ts';
import type { ContextSpec } from './merge.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** ms for which another program may hold the lock that kubectl and its kin use. */
const KUBECTL_LOCK_MS = 5_000;

/**
 * The files that kubectl reads, first one strongest.
 * @param list paths as in KUBECONFIG; defaults to that
 */
export function kubeconfigPaths(env: Env, list: string | undefined): string[] {
  const paths = (list ?? env['KUBECONFIG'] ?? '').split(delimiter).filter((path) => path !== '');
  return paths.length > 0 ? [...new Set(paths)] : [join(env['HOME'] ?? homedir(), '.kube', 'config')];
}

/** The file that gets a new context, as kubectl chooses: the first of several that is there, else the last. */
export function userKubeconfig(env: Env, list: string | undefined): string {
  const paths = kubeconfigPaths(env, list);
  return paths.find((path) => existsSync(path)) ?? paths.at(-1) ?? '';
}

/**
 * Adds a context, or brings it up to date; all else in the file stays byte for byte. Makes the file where there is none.
 * @throws ConfigError where the file cannot be edited safely; it is then as it was.
 */
export async function mergeContext(path: string, spec: ContextSpec): Promise<void> {
  const { mergeText } = await import('./merge.ts');
  await explained(path, async () => {
    await makeFolder(dirname(path), 0o700);
    await edit(path, (text) => mergeText(text, path, spec));
  });
}

/**
 * Removes a context of hoist's with its cluster and user; a file that hoist made for it goes as well.
 * @throws ConfigError where the file cannot be edited safely; it is then as it was.
 */
export async function removeContext(path: string, name: string): Promise<void> {
  if (!existsSync(path)) return;
  const { removeText } = await import('./remove.ts');
  await explained(path, () => edit(path, (text) => (text === undefined ? undefined : removeText(text, path, name))));
}

/** One change under both locks. `undefined` stands for no file. */
async function edit(path: string, change: (text: string | undefined) => string | undefined): Promise<void> {
  const target = await realpath(path).catch(() => path);
  await withLock(`${target}.hoist.lock`, {}, () =>
    withKubectlLock(`${path}.lock`, async () => {
      const before = await readText(target);
      const after = change(before);
      if (after === before) return;
      if (after === undefined) return rm(target);
      const owner = await stat(target).catch(() => undefined);
      await writeAtomic(target, after, owner ? {} : { mode: 0o600 }).catch((error: unknown) => {
        // A single file that is a mount, as in development containers, can be written, but not replaced.
        if (!owner || !isErrno(error, 'EBUSY')) throw error;
        return writeFile(target, after);
      });
      // Under sudo the file stays its owner's.
      if (owner && process.getuid?.() === 0 && owner.uid !== 0) await chown(target, owner.uid, owner.gid);
    }),
  );
}

/** kubectl, kind and minikube hold this file while they write. Unlike ours it says nothing of its holder. */
async function withKubectlLock<T>(lock: string, fn: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + KUBECTL_LOCK_MS;
  for (;;) {
    try {
      await (await open(lock, 'wx')).close();
      break;
    } catch (error) {
      if (!isErrno(error, 'EEXIST')) throw error;
      if (performance.now() > deadline) throw stillLocked(lock);
    }
    await sleep(20);
  }
  try {
    return await fn();
  } finally {
    await rm(lock, { force: true });
  }
}

async function readText(path: string): Promise<string | undefined> {
  let bytes: Buffer;
  try {
    bytes = await readBounded(path);
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined;
    throw error;
  }
  const text = bytes.toString('utf8');
  if (!Buffer.from(text).equals(bytes))
    throw new HoistError(`the kubeconfig ${path} is not UTF-8; it is left as it is`);
  return text;
}

async function explained(path: string, fn: () => Promise<void>): Promise<void> {
  try {
    await fn();
  } catch (cause) {
    if (cause instanceof HoistError) throw cause;
    throw new HoistError(`the kubeconfig ${path} could not be changed: ${messageOf(cause)}`, {
      cause,
      hint: 'Make it writable, or set `mergeKubeconfig` to false: the cluster has a kubeconfig of its own.',
    });
  }
}

function stillLocked(lock: string): HoistError {
  return new HoistError(`the kubeconfig is locked by another program: ${lock} is there`, {
    hint: `Where no kubectl, kind or minikube is running, a crashed one has left it: remove ${lock}.`,
  });
}
