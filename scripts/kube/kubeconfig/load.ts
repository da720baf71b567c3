// Kubeconfig files read and merged as kubectl does it.

import { dirname, resolve } from 'node:path';
import { readTextBounded } from '../../host/files/bounded.ts';
import { ConfigError, type Problem, isErrno, messageOf } from '../../base/errors.ts';
import type { ExecConfig } from './exec-credential.ts';

export interface ClusterEntry {
  server?: string;
  'certificate-authority'?: string;
  'certificate-authority-data'?: string;
  'insecure-skip-tls-verify'?: boolean;
  'tls-server-name'?: string;
  'proxy-url'?: string;
  extensions?: { name: string; extension: unknown }[] | null;
}

export interface UserEntry {
  token?: string;
  tokenFile?: string;
  'client-certificate'?: string;
  'client-certificate-data'?: string;
  'client-key'?: string;
  'client-key-data'?: string;
  username?: string;
  password?: string;
  as?: string;
  'as-uid'?: string;
  'as-groups'?: string[] | null;
  'as-user-extra'?: Record<string, string[]> | null;
  exec?: ExecConfig | null;
  'auth-provider'?: { name?: string } | null;
}

export interface ContextEntry {
  cluster?: string;
  user?: string;
  namespace?: string;
}

/** An entry and the file that it came from, which its relative paths are relative to. */
export interface Located<T> {
  value: T;
  file: string;
}

export interface Merged {
  clusters: Map<string, Located<ClusterEntry>>;
  contexts: Map<string, Located<ContextEntry>>;
  users: Map<string, Located<UserEntry>>;
  currentContext: string;
}

/**
 * Files that are not there are passed over. Of entries with one name the first counts, whole; so does the first current context.
 * @throws ConfigError with all files that cannot be read.
 */
export async function loadMerged(paths: readonly string[]): Promise<Merged> {
  const { merged, problems } = await readMerged(paths);
  if (problems.length > 0) throw new ConfigError(problems);
  return merged;
}

/** The same with everything that can be read, beside what is wrong with the rest. */
export async function readMerged(paths: readonly string[]): Promise<{ merged: Merged; problems: readonly Problem[] }> {
  const { parseAllDocuments } = await import('yaml');
  const merged: Merged = { clusters: new Map(), contexts: new Map(), users: new Map(), currentContext: '' };
  const problems: Problem[] = [];
  for (const path of paths) {
    const text = await readTextBounded(path).catch((error: unknown) => {
      if (!isErrno(error, 'ENOENT'))
        problems.push({ where: path, message: `cannot be read: ${(error as Error).message}` });
      return undefined;
    });
    if (text === undefined) continue;
    const documents = parseAllDocuments(text, { uniqueKeys: false, merge: true });
    const [document] = 'empty' in documents ? [] : documents;
    const [error] = document?.errors ?? [];
    if (error) {
      const { line, col } = error.linePos?.[0] ?? { line: 1, col: 1 };
      // Without the line itself: it may hold a credential.
      problems.push({ where: `${path}:${line}:${col}`, message: `is not valid YAML (${error.code})` });
      continue;
    }
    let config: unknown;
    try {
      config = document?.toJS();
    } catch (cause) {
      problems.push({ where: path, message: `cannot be read: ${messageOf(cause)}` });
      continue;
    }
    if (config === null || config === undefined) continue;
    if (typeof config !== 'object' || Array.isArray(config)) problems.push({ where: path, message: 'is no mapping' });
    else problems.push(...add(merged, config as Record<string, unknown>, path));
  }
  return { merged, problems };
}

function add(merged: Merged, config: Record<string, unknown>, path: string): Problem[] {
  const file = resolve(path);
  const current = config['current-context'];
  if (merged.currentContext === '' && typeof current === 'string') merged.currentContext = current;
  return [
    ...addList(merged.clusters, config, { key: 'clusters', field: 'cluster' }, file),
    ...addList(merged.contexts, config, { key: 'contexts', field: 'context' }, file),
    ...addList(merged.users, config, { key: 'users', field: 'user' }, file),
  ];
}

function addList<T>(
  map: Map<string, Located<T>>,
  config: Record<string, unknown>,
  { key, field }: { key: string; field: string },
  file: string,
): Problem[] {
  const list = config[key];
  if (list === null || list === undefined) return [];
  if (!Array.isArray(list)) return [{ where: file, message: `\`${key}\` is no list` }];
  const problems: Problem[] = [];
  const seen = new Set<string>();
  for (const entry of list as (Record<string, unknown> | null)[]) {
    const name = typeof entry === 'object' && entry !== null ? entry['name'] : undefined;
    if (typeof name !== 'string') problems.push({ where: file, message: `an entry of \`${key}\` has no name` });
    else if (seen.has(name)) problems.push({ where: file, message: `\`${key}\` has "${name}" twice` });
    else {
      seen.add(name);
      if (!map.has(name)) map.set(name, { value: (entry?.[field] ?? {}) as T, file });
    }
  }
  return problems;
}

/** A path of an entry, which is relative to the entry's own file. */
export function pathOf(entry: Located<unknown>, path: string): string {
  return resolve(dirname(entry.file), path);
}

/** One thing wrong with an entry. */
export function invalid(where: string, message: string, hint?: string, cause?: unknown): ConfigError {
  return new ConfigError([{ where, message }], { ...(hint === undefined ? {} : { hint }), cause });
}
