// Which path of a bundle is whose: no two files with one, no file where a folder is, and the bundle's own names stay free.

import { numbered } from './paths.ts';

/** What a bundle itself writes. */
export const OWN_FILES: readonly string[] = [
  'analysis.json',
  'index.html',
  'skipped-collectors.json',
  'version.yaml',
  'metadata/user.json',
  ...['summary.txt', 'redactions.json', 'collect.json', 'up.json'].map((file) => `execution-data/${file}`),
  'collector-errors/',
  'host-collectors/errors/',
];

export class PathClaims {
  readonly #files = new Set<string>();
  readonly #folders = new Set<string>();
  readonly #reserved: ReadonlySet<string>;

  /** @param reserved paths that only `claimReserved` gives; with a slash at the end, that a folder has this name */
  constructor(reserved: readonly string[] = []) {
    this.#reserved = new Set(reserved.filter((path) => !path.endsWith('/')));
    for (const path of reserved) for (const folder of foldersOf(path)) this.#folders.add(folder);
  }

  /** The path itself, or one with numbers where it or a folder of it is taken. */
  claim(path: string): string {
    return this.#take(path, this.#reserved);
  }

  /** For the bundle's own files. */
  claimReserved(path: string): string {
    return this.#take(path, new Set());
  }

  #take(path: string, reserved: ReadonlySet<string>): string {
    const isFile = (one: string): boolean => this.#files.has(one) || reserved.has(one);
    const [name = '', ...above] = path.split('/').reverse();
    let folder = '';
    for (const part of above.reverse()) folder = free(`${folder}${part}`, isFile) + '/';
    const own = free(folder + name, (one) => isFile(one) || this.#folders.has(one));
    this.#files.add(own);
    for (const one of foldersOf(own)) this.#folders.add(one);
    return own;
  }
}

function free(path: string, isTaken: (path: string) => boolean): string {
  let own = path;
  for (let number = 2; isTaken(own); number++) own = numbered(path, number);
  return own;
}

/** `a` and `a/b` of `a/b/c` and of `a/b/`. */
function foldersOf(path: string): string[] {
  const parts = path.split('/').slice(0, -1);
  return parts.map((_, i) => parts.slice(0, i + 1).join('/'));
}
