// A kubeconfig's text together with its parsed form; what cannot be edited safely is refused here.

import { isDeepStrictEqual } from 'node:util';
import { type Document, type YAMLMap, type YAMLSeq, isAlias, isMap, isScalar, isSeq, parseDocument } from 'yaml';
import { ConfigError } from '../../base/errors.ts';
import { findPair } from './splice.ts';

export const LISTS = ['clusters', 'contexts', 'users'] as const;
export type ListName = (typeof LISTS)[number];
export type Entry = { name: string } & Record<string, unknown>;

export interface Config {
  readonly path: string;
  readonly text: string;
  /** Undefined for a file without content. */
  readonly root: YAMLMap | undefined;
  readonly lists: Readonly<Record<ListName, readonly Entry[]>>;
  readonly currentContext: string;
  /** All other keys. */
  readonly rest: Readonly<Record<string, unknown>>;
}

/** @throws ConfigError with line and column; its message never quotes the file, which holds credentials. */
export function parseConfig(text: string, path: string): Config {
  const document = parseDocument(text, { keepSourceTokens: true, prettyErrors: true });
  const [error] = document.errors;
  if (error) {
    const { line, col } = error.linePos?.[0] ?? { line: 1, col: 1 };
    const what = error.code === 'MULTIPLE_DOCS' ? 'holds several documents' : `is not valid YAML (${error.code})`;
    throw unusable(`${path}:${line}:${col}`, `the kubeconfig ${what}; it is left as it is`);
  }
  const { contents } = document;
  const empty = contents === null || (isScalar(contents) && contents.value === null && !contents.source);
  if (empty && /^\.\.\.\s*$/m.test(text)) throw unusable(path, 'the kubeconfig ends before it begins (`...`)');
  if (!empty && !isMap(contents)) throw unusable(path, 'the kubeconfig is no mapping');
  const root = isMap(contents) ? contents : undefined;
  const { 'current-context': current, clusters, contexts, users, ...rest } = valuesOf(document, path);
  for (const key of [...LISTS, 'current-context']) if (isAlias(findPair(root, key)?.value)) throw aliased(path, key);
  const list = (key: ListName, value: unknown): Entry[] => {
    if (value === null || value === undefined) return [];
    if (isSeq(findPair(root, key)?.value)) return (value as unknown[]).filter(isEntry);
    throw unusable(path, `\`${key}\` is no list`);
  };
  return {
    path,
    text,
    root,
    lists: { clusters: list('clusters', clusters), contexts: list('contexts', contexts), users: list('users', users) },
    currentContext: typeof current === 'string' ? current : '',
    rest,
  };
}

function valuesOf(document: Document.Parsed, path: string): Record<string, unknown> {
  try {
    return (document.toJS() ?? {}) as Record<string, unknown>;
  } catch (error) {
    throw unusable(path, 'the kubeconfig has a YAML alias that leads nowhere, or far too many', error);
  }
}

function isEntry(value: unknown): value is Entry {
  return typeof value === 'object' && value !== null && 'name' in value;
}

/** The last guard before a file is written. @throws ConfigError where the edits did more or less than they should. */
export function assertSays(text: string, want: Pick<Config, 'path' | 'lists' | 'currentContext' | 'rest'>): void {
  const { path, lists, currentContext, rest } = want;
  const says = parseConfig(text, path);
  const same = isDeepStrictEqual([says.lists, says.currentContext, says.rest], [lists, currentContext, rest]);
  if (!same) throw unusable(path, 'the kubeconfig is written in a way that cannot be edited without touching the rest');
}

function aliased(path: string, key: string): ConfigError {
  return unusable(path, `\`${key}\` is a YAML alias, which cannot be edited without touching the rest`);
}

export function unusable(where: string, message: string, cause?: unknown): ConfigError {
  return new ConfigError([{ where, message }], {
    cause,
    hint: 'Mend the file, or set `mergeKubeconfig` to false: the cluster has a kubeconfig of its own.',
  });
}

export function listNode(config: Config, key: ListName): YAMLSeq | undefined {
  const value = findPair(config.root, key)?.value;
  return isSeq(value) ? value : undefined;
}

/** The place of an entry in its list's node; -1 where there is none. */
export function indexIn(config: Config, key: ListName, name: string): number {
  const items: unknown = listNode(config, key)?.toJSON();
  return Array.isArray(items) ? items.findIndex((item: Partial<Entry> | null) => item?.name === name) : -1;
}
