// Several settings files seen as one, whose values know where they stand.

import { type Tree, isTree, mergeTrees, valueAt } from '../base/tree.ts';
import type { Path, SettingsFile } from './yaml.ts';

/** All files together; of a value that stands in several the last one counts, and maps are merged key by key. */
export interface LayeredSettings extends SettingsFile {
  /** Names of all files, the last one beats those before it. */
  files: readonly string[];
  /** The folder that relative paths of a value are relative to. */
  folderOf(path: Path): string;
}

export interface Layer {
  file: SettingsFile;
  folder: string;
  /** Its path without symbolic links, by which it is known again. */
  real: string;
}

/**
 * Reads files as one.
 * @param layers weakest first, at least one.
 * @param settingsFolder what paths are relative to that stand in none of them.
 */
export function combineLayers(layers: readonly Layer[], settingsFolder: string): LayeredSettings {
  const merged = layers.reduce<Tree>((below, { file }) => mergeTrees(below, file.tree), {});
  // Followed already, and no setting.
  const tree = Object.fromEntries(Object.entries(merged).filter(([key]) => key !== 'extends'));
  return {
    name: layers.map(({ file }) => file.name).join(' + '),
    files: layers.map(({ file }) => file.name),
    tree,
    locate: (path, at) => ownerOf(layers, path).file.locate(path, at),
    folderOf: (path) => (valueAt(tree, path) === undefined ? settingsFolder : ownerOf(layers, path).folder),
  };
}

/** The layer that a value, or else the nearest thing around it, comes from. */
function ownerOf(layers: readonly Layer[], path: Path): Layer {
  let candidates = layers;
  for (const [depth] of path.entries()) {
    const values = candidates.flatMap((layer) => {
      const value = valueAt(layer.file.tree, path.slice(0, depth + 1));
      return value === undefined ? [] : [{ layer, value }];
    });
    if (values.length === 0) break;
    // Only the maps on top were merged; what is no map hides all below it.
    const hidden = values.findLastIndex(({ value }) => !isTree(value));
    const merged = hidden === values.length - 1 ? values.slice(-1) : values.slice(hidden + 1);
    candidates = merged.map(({ layer }) => layer);
  }
  const owner = candidates.at(-1);
  if (!owner) throw new Error('there is no settings file');
  return owner;
}
