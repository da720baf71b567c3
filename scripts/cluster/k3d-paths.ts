// Where the files that the k3d settings name are.

import { resolve } from 'node:path';
import type { Settings } from '../settings/schema.ts';

const FILES = ['config', 'registries', 'caCertificates'] as const;

/** The same settings with absolute paths. @param folderOf the folder that the path of a setting is relative to. */
export function withPaths(k3d: Settings['k3d'], folderOf: (key: readonly [string, string]) => string): Settings['k3d'] {
  const resolved = FILES.flatMap((key) => {
    const path = k3d[key];
    return path === undefined ? [] : [[key, resolve(folderOf(['k3d', key]), path)]];
  });
  return { ...k3d, ...(Object.fromEntries(resolved) as Partial<Settings['k3d']>) };
}
