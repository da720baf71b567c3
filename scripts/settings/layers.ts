// Several settings files seen as one, whose values know where they stand.

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

type Tree = Readonly<Record<string, unknown>>;

/**
 * Reads files as one.
 * @param layers weakest first, at least one.
 * @param settingsFolder what paths are relative to that stand in none of them.
 */
export function combineLayers(layers: readonly Layer[], settingsFolder: string): LayeredSettings {
  const merged = layers.reduce<Tree>((below, { file }) => merge(below, file.tree), {});
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

function merge(below: Tree, above: Tree): Tree {
  const merged = new Map(Object.entries(below));
  for (const [key, value] of Object.entries(above)) {
    const under = merged.get(key);
    merged.set(key, isMap(under) && isMap(value) ? merge(under, value) : value);
  }
  return Object.fromEntries(merged);
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
    const hidden = values.findLastIndex(({ value }) => !isMap(value));
    const merged = hidden === values.length - 1 ? values.slice(-1) : values.slice(hidden + 1);
    candidates = merged.map(({ layer }) => layer);
  }
  const owner = candidates.at(-1);
  if (!owner) throw new Error('there is no settings file');
  return owner;
}

function valueAt(tree: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (node, part) =>
      typeof node === 'object' && node !== null && Object.hasOwn(node, part)
        ? (node as Record<string, unknown>)[part]
        : undefined,
    tree,
  );
}

function isMap(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
