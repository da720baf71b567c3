// Paths inside a bundle: nothing that a cluster or a spec says leads out of it.

/** Parts that lead elsewhere are dropped, control characters and backslashes replaced; never absolute, never empty. */
export function safePath(path: string): string {
  const parts = path
    .replace(/[\p{Cc}\\]/gu, '_')
    .split('/')
    .filter((part) => part !== '' && part !== '.' && part !== '..')
    // The longest name that a file system takes, with room for a suffix.
    .map((part) => (part.length > 200 ? part.slice(0, 200) : part));
  return parts.length === 0 ? 'unnamed' : parts.join('/');
}

/** The path with a number before its extension: `a/b.json` → `a/b-2.json`. */
export function numbered(path: string, number: number): string {
  const slash = path.lastIndexOf('/');
  const dot = path.lastIndexOf('.');
  const end = dot > slash + 1 ? dot : path.length;
  return `${path.slice(0, end)}-${number}${path.slice(end)}`;
}

/** The target of a link, as seen from the folder that the link is in. */
export function relativeTarget(link: string, target: string): string {
  const from = link.split('/').slice(0, -1);
  const to = target.split('/');
  let same = 0;
  while (same < from.length && same < to.length - 1 && from[same] === to[same]) same++;
  return [...from.slice(same).map(() => '..'), ...to.slice(same)].join('/');
}

/** What a link points to inside the bundle; undefined where that is outside. */
export function resolveTarget(link: string, target: string): string | undefined {
  if (target.startsWith('/')) return undefined;
  const parts = link.split('/').slice(0, -1);
  for (const part of target.split('/')) {
    if (part === '..') {
      if (parts.pop() === undefined) return undefined;
    } else if (part !== '.' && part !== '') parts.push(part);
  }
  return parts.join('/');
}
