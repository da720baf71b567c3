// Trees of plain values, as JSON and YAML give them: looked into, and laid over each other.

export type Tree = Readonly<Record<string, unknown>>;
export type Path = readonly (string | number)[];

export function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value at a path of own keys and indexes; undefined where there is none. */
export function valueAt(tree: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (node, part) =>
      typeof node === 'object' && node !== null && Object.hasOwn(node, part)
        ? (node as Record<string | number, unknown>)[part]
        : undefined,
    tree,
  );
}

/** Maps are merged key by key, everything else above replaces what is below. */
export function mergeTrees(below: Tree, above: Tree): Record<string, unknown> {
  const merged = new Map(Object.entries(below));
  for (const [key, value] of Object.entries(above)) {
    const under = merged.get(key);
    merged.set(key, isTree(under) && isTree(value) ? mergeTrees(under, value) : value);
  }
  return Object.fromEntries(merged);
}
