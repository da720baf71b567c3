// Merges hoist's wishes into the text of Docker's daemon.json: pure, nothing of the user's is lost.

import { ConfigError, messageOf } from '../../base/errors.ts';

export interface DaemonWishes {
  /** A pull-through cache of docker.io, as the engine reaches it; undefined where none runs. */
  mirror: string | undefined;
  /** The one that was put in before, which goes where it is another one by now. */
  formerMirror: string | undefined;
  /** Layers that the engine downloads at once, at least. */
  downloads: number;
  /** Keys that stand on dockerd's command line: it refuses to start where they are in the file too. */
  onCommandLine: readonly string[];
}

export interface DaemonMerge {
  text: string;
  /** What changes, one sentence each; none where all is there already. */
  changes: readonly string[];
  /** What was wished and is not done. */
  left: readonly string[];
}

export const MIRRORS = 'registry-mirrors';
export const DOWNLOADS = 'max-concurrent-downloads';
/** Docker's own default of that. */
const DEFAULT_DOWNLOADS = 3;

/** Docker shows mirrors with a slash at the end, and takes them without. */
export const sameMirror = (a: string, b: string): boolean => a.replace(/\/$/, '') === b.replace(/\/$/, '');

/**
 * @param text undefined where there is no file.
 * @throws ConfigError where it is no JSON object, or a key holds what Docker would refuse.
 */
export function mergeDaemonJson(text: string | undefined, file: string, wishes: DaemonWishes): DaemonMerge {
  const config = parse(text, file);
  const changes: string[] = [];
  const left: string[] = [];
  const free = (key: string): boolean => {
    if (!wishes.onCommandLine.includes(key)) return true;
    left.push(`${key} stands on the command line of dockerd, which refuses to start where it is in the file too`);
    return false;
  };

  const { mirror, formerMirror, downloads } = wishes;
  const mirrors = stringsOf(config, MIRRORS, file);
  const stale = mirrors.filter((one) => formerMirror !== undefined && sameMirror(one, formerMirror));
  const gone = stale.filter((one) => mirror === undefined || !sameMirror(one, mirror));
  const missing = mirror !== undefined && !mirrors.some((one) => sameMirror(one, mirror));
  if (mirror === undefined) left.push('no cache of docker.io runs; `hoist up` with the provider k3d makes one');
  if ((gone.length > 0 || missing) && free(MIRRORS)) {
    // The user's own come first: they were chosen.
    config[MIRRORS] = [...mirrors.filter((one) => !gone.includes(one)), ...(missing ? [mirror] : [])];
    changes.push(...gone.map((one) => `${MIRRORS} loses ${one}, where the cache was before`));
    if (missing) changes.push(`${MIRRORS} gets ${mirror}, the cache of docker.io`);
  }

  const now = config[DOWNLOADS] ?? DEFAULT_DOWNLOADS;
  if (typeof now !== 'number') throw wrong(file, DOWNLOADS, 'a number');
  if (now < downloads && free(DOWNLOADS)) {
    config[DOWNLOADS] = downloads;
    changes.push(`${DOWNLOADS} was ${now}, is ${downloads}`);
  }
  const indent = /^\s*\{\s*?\n([ \t]+)/.exec(text ?? '')?.[1] ?? '  ';
  return { text: `${JSON.stringify(config, null, indent)}\n`, changes, left };
}

function parse(text: string | undefined, file: string): Record<string, unknown> {
  // Docker takes an empty file for one without keys.
  if (text === undefined || text.trim() === '') return {};
  const hint = 'It was left as it is; dockerd would not start with it.';
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new ConfigError([{ where: file, message: `is no JSON: ${messageOf(error)}` }], { hint, cause: error });
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new ConfigError([{ where: file, message: 'must be a JSON object' }], { hint });
}

function stringsOf(config: Readonly<Record<string, unknown>>, key: string, file: string): string[] {
  const value = config[key] ?? [];
  if (Array.isArray(value) && value.every((one) => typeof one === 'string')) return value;
  throw wrong(file, key, 'a list of addresses');
}

function wrong(file: string, key: string, expected: string): ConfigError {
  return new ConfigError([{ where: file, message: `${key} must be ${expected}` }], { hint: 'It was left as it is.' });
}
