// Takes a field out of an object, by the path that the API server names it with in a conflict.

/**
 * A copy of the object without the field; undefined where it has no such field.
 * @param path like `.spec.template.spec.containers[name="web"].image`; keys stand in it as they are, dots included
 */
export function withoutField(value: unknown, path: string): unknown {
  if (path.startsWith('[')) return Array.isArray(value) ? withoutItem(value, path) : undefined;
  if (!path.startsWith('.') || !isMap(value)) return undefined;
  // Which part of the path is the key, only the object knows: `.metadata.annotations.example.com/team`.
  const keys = Object.keys(value).filter(
    (key) => path.startsWith(key, 1) && /^([.[]|$)/.test(path.slice(1 + key.length)),
  );
  for (const key of keys.sort((a, b) => b.length - a.length)) {
    const below = path.slice(1 + key.length);
    if (below === '') return Object.fromEntries(Object.entries(value).filter(([name]) => name !== key));
    const inner = withoutField(value[key], below);
    if (inner !== undefined) return { ...value, [key]: inner };
  }
  return undefined;
}

function withoutItem(list: readonly unknown[], path: string): unknown[] | undefined {
  const selector = /^\[(?:[^\]"]|"(?:[^"\\]|\\.)*")*\]/.exec(path)?.[0];
  if (selector === undefined) return undefined;
  const isMeant =
    (exactly: boolean) =>
    (item: unknown, index: number): boolean =>
      meets(item, index, selector.slice(1, -1), exactly);
  const exact = list.findIndex(isMeant(true));
  const at = exact < 0 ? list.findIndex(isMeant(false)) : exact;
  if (at < 0) return undefined;
  const below = path.slice(selector.length);
  if (below === '') return list.filter((_, index) => index !== at);
  const inner = withoutField(list[at], below);
  return inner === undefined ? undefined : list.map((item, index) => (index === at ? inner : item));
}

/** `0`, `="value"` of a set, or `containerPort=80,protocol="TCP"`; what an item leaves out may be a default. */
function meets(item: unknown, index: number, selector: string, exactly: boolean): boolean {
  if (/^\d+$/.test(selector)) return index === Number(selector);
  const pairs = [...selector.matchAll(/([^=,]*)=("(?:[^"\\]|\\.)*"|[^,]*)/g)];
  return (
    pairs.length > 0 &&
    pairs.every(([, key = '', text = '']) => {
      const wanted = parsed(text);
      if (key === '') return item === wanted;
      const found = isMap(item) ? item[key] : undefined;
      return isMap(item) && (found === wanted || (!exactly && found === undefined));
    })
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
