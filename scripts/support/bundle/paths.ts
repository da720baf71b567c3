// Paths inside a bundle: nothing that a cluster or a spec says leads out of it.

/** Bytes of the longest name that a file system takes, with room for a suffix. */
const MOST_NAME = 200;
/** Bytes of a path: an archive is unpacked below a folder, and 4 KiB are the most for both. */
const MOST_PATH = 2_000;

/**
 * Parts that lead elsewhere are dropped, what a terminal obeys or turns around and backslashes replaced; never absolute, never
 * empty, never longer than a file system takes.
 */
export function safePath(path: string): string {
  const parts = path
    .replace(/[\p{Cc}\p{Bidi_Control}\\]/gu, '_')
    .split('/')
    .filter((part) => part !== '' && part !== '.' && part !== '..')
    .map((part) => firstBytes(part, MOST_NAME));
  if (parts.length === 0) return 'unnamed';
  const name = parts.pop() ?? '';
  let room = MOST_PATH - Buffer.byteLength(name);
  // The last part says most of what it is.
  const end = parts.findIndex((part) => (room -= Buffer.byteLength(part) + 1) < 0);
  return [...(end < 0 ? parts : parts.slice(0, end)), name].join('/');
}

/** Cut between two characters. */
function firstBytes(text: string, most: number): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= most) return text;
  let end = most;
  while (((bytes[end] ?? 0) & 0xc0) === 0x80) end--;
  return bytes.toString('utf8', 0, end);
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
