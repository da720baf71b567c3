// The settings of a bundle as a settings file whose paths are those of the unpacked files.

import { join } from 'node:path';
import { type Tree, isTree, valueAt } from '../base/tree.ts';
import { BundleError } from './bundle-errors.ts';
import { type BundleManifest, isPartPath } from './manifest.ts';

/**
 * @param folder where the bundle's files are
 * @throws BundleError where a path in the settings is none of a file or folder of the bundle
 */
export function settingsText({ settings, files }: BundleManifest, folder: string, file: string): string {
  const tree = structuredClone(settings.tree);
  for (const path of settings.paths) {
    const value = valueAt(tree, path);
    const parent = valueAt(tree, path.slice(0, -1));
    const inside =
      typeof value === 'string' &&
      isPartPath(value) &&
      files.some((one) => one.path === value || one.path.startsWith(`${value}/`));
    if (!inside || !(isTree(parent) || Array.isArray(parent)))
      throw new BundleError(file, `its settings name ${JSON.stringify(value)}, which is not in it`);
    (parent as Record<string | number, unknown>)[path.at(-1) ?? ''] = join(folder, value);
  }
  return `${JSON.stringify(tree satisfies Tree, null, 2)}\n`;
}
