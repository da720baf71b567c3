// The files that a cluster is made from, though its plan holds only their names: by their content, so that a change counts.

import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { posix, resolve } from 'node:path';
import { ConfigError, reasonOf } from '../../../base/errors.ts';
import { readBounded } from '../../../host/files/bounded.ts';
import type { K3dPlan } from './plan-k3d.ts';

/** Bytes of a mounted file that counts as part of the settings; larger ones are data. */
const MOUNTED_MAX = 2 ** 20;
/** What a component writes into is no part of what it is made from. */
const WRITTEN = /(^|-)(log|output|cache)(-|$)/;

type Made = Pick<K3dPlan, 'native' | 'volumes' | 'k3sArgs'>;

/**
 * Digests by what they are of, for the cluster's identity.
 * @param isLocal whether the engine's paths are those of this machine.
 * @param cwd what k3d takes the path of `registries.config` relative to.
 * @throws ConfigError for a file that k3d would copy and that cannot be read
 */
export async function contentsOf(made: Made, isLocal: boolean, cwd: string): Promise<Record<string, string>> {
  const { native } = made;
  const copied = (native?.sources ?? []).map(({ path, at }) =>
    digestOf(path, native?.sourceOf(['files', at, 'source'])),
  );
  const registries = native?.tree.registries?.config;
  // Several lines are the content itself.
  const named = registries === undefined || registries.includes('\n') ? [] : [resolve(cwd, registries)];
  const read = named.map((path) => digestOf(path, native?.sourceOf(['registries', 'config'])));
  const mounted = isLocal ? mountedFiles(made).map(mountedDigest) : [];
  const all = await Promise.all([...copied, ...read, ...mounted]);
  return Object.fromEntries(all.filter((entry) => entry !== undefined));
}

async function digestOf(path: string, where = path): Promise<readonly [string, string]> {
  const bytes = await readBounded(path).catch((cause: unknown) => {
    throw new ConfigError([{ where, message: `${path} cannot be read: ${reasonOf(cause)}` }], { cause });
  });
  return entryOf(path, bytes);
}

function entryOf(path: string, bytes: Buffer): readonly [string, string] {
  return [`content of ${path}`, createHash('sha256').update(bytes).digest('hex').slice(0, 16)];
}

/** Undefined for what is no small file: folders, sockets, devices, data. */
async function mountedDigest(path: string): Promise<readonly [string, string] | undefined> {
  try {
    const found = await stat(path);
    if (!found.isFile() || found.size > MOUNTED_MAX) return undefined;
    return entryOf(path, await readBounded(path, MOUNTED_MAX));
  } catch {
    // The engine makes a folder of a source that is not there.
    return undefined;
  }
}

/** Files that are mounted themselves, and files in mounted folders that an argument of k3s names. */
function mountedFiles({ native, volumes, k3sArgs }: Made): string[] {
  const given = [...volumes.map(({ value }) => value), ...(native?.tree.volumes ?? []).map(({ volume }) => volume)];
  const mounts = given.flatMap((volume) => {
    const [source = '', target = ''] = volume.split(':');
    return source.startsWith('/') && target.startsWith('/') ? [{ source, target: posix.normalize(target) }] : [];
  });
  const args = [...k3sArgs, ...(native?.tree.options?.k3s?.extraArgs ?? [])].map(({ arg }) => pathsIn(arg));
  const written = new Set(args.flatMap((one) => one.written));
  const inFolders = args
    .flatMap(({ read }) => read)
    .flatMap((path) =>
      mounts.flatMap(({ source, target }) =>
        path.startsWith(`${target.replace(/\/$/, '')}/`) ? [posix.join(source, path.slice(target.length))] : [],
      ),
    );
  const themselves = mounts.filter(({ target }) => !written.has(target)).map(({ source }) => source);
  return [...new Set([...themselves, ...inFolders])];
}

/** The paths that an argument like `--kube-apiserver-arg=audit-policy-file=/etc/policy.yaml` names. */
function pathsIn(arg: string): { read: string[]; written: string[] } {
  const [, flag = '', path] = /^(.*?)=(\/[^,]*)$/.exec(arg) ?? [];
  if (path === undefined) return { read: [], written: [] };
  const name = flag.split('=').at(-1) ?? '';
  const normal = posix.normalize(path);
  return WRITTEN.test(name) ? { read: [], written: [normal] } : { read: [normal], written: [] };
}
