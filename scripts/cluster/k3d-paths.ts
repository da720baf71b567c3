// Where the files and folders that the k3d settings name are.

import { homedir } from 'node:os';
import { resolve } from 'node:path';
import type { Settings } from '../settings/schema.ts';

const FILES = ['config', 'registries', 'caCertificates'] as const;

/**
 * The same settings with absolute paths.
 * @param folderOf the folder that the path of a setting is relative to.
 * @param isLocal whether the engine runs on this machine: the paths of volumes are the engine's.
 */
export function withPaths(
  k3d: Settings['k3d'],
  folderOf: (key: readonly [string, string]) => string,
  isLocal = false,
): Settings['k3d'] {
  const resolved = FILES.flatMap((key) => {
    const path = k3d[key];
    return path === undefined ? [] : [[key, resolve(folderOf(['k3d', key]), path)]];
  });
  const volumes = isLocal ? k3d.volumes.map((volume) => withPath(volume, folderOf(['k3d', 'volumes']))) : k3d.volumes;
  return { ...k3d, ...(Object.fromEntries(resolved) as Partial<Settings['k3d']>), volumes };
}

/** `./x` and `~/x` as docker compose takes them: k3d hands them to the engine as they are, which takes neither. */
function withPath(volume: string, folder: string): string {
  return volume
    .replace(/^\.{1,2}(?=[/:]|$)[^:]*/, (path) => resolve(folder, path))
    .replace(/^~(?=[/:]|$)/, () => homedir());
}
