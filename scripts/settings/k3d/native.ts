// A config file of k3d's own format: read as k3d reads it, so that only what its writer left open is tuned.

import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { ConfigError, reasonOf, type Problem } from '../../base/errors.ts';
import { didYouMean } from '../../base/suggest.ts';
import { readBounded } from '../../host/files/bounded.ts';
import { valueAt } from '../../base/tree.ts';
import type { NativeTree } from './native-schema.ts';
import { parseSettingsFile, type Path, type SettingsFile } from '../yaml.ts';

/** One of `files`, by its place in the list. */
interface FileSource {
  at: number;
  /** Absolute. */
  path: string;
}

/** In hashes and records it stands by its digest alone: the file may hold a token. */
export class NativeConfig {
  readonly digest: string;
  readonly #text: string;
  readonly #tree: NativeTree;
  readonly #sourceOf: (path: Path) => string | undefined;
  readonly #sources: readonly FileSource[];

  constructor(
    text: string,
    tree: NativeTree,
    sourceOf: (path: Path) => string | undefined,
    sources: readonly FileSource[] = [],
  ) {
    this.#sources = sources;
    this.digest = createHash('sha256').update(text).digest('hex').slice(0, 16);
    this.#text = text;
    this.#tree = tree;
    this.#sourceOf = sourceOf;
  }

  /** As it stands in the file: k3d itself replaces the variables in it. */
  get text(): string {
    return this.#text;
  }

  /** Those of its `files` that are files, not texts: k3d looks for them beside the config. */
  get sources(): readonly FileSource[] {
    return this.#sources;
  }

  get tree(): NativeTree {
    return this.#tree;
  }

  /** `k3d.yaml:3:9` for a key that the file sets, else undefined. */
  sourceOf(path: Path): string | undefined {
    return this.#sourceOf(path);
  }
}

/** @throws ConfigError where it cannot be read, or with everything that k3d would refuse, each with its line. */
export async function readNativeConfig(
  path: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<NativeConfig> {
  const bytes = await readBounded(path).catch((cause: unknown) => {
    throw new ConfigError([{ where: 'k3d.config', message: `${path} cannot be read: ${reasonOf(cause)}` }], { cause });
  });
  return parseNativeConfig(path, bytes.toString('utf8'), env);
}

/** Replaces `$NAME` and `${NAME}` as k3d does before it parses: what is not set becomes nothing. */
export function expandVariables(text: string, env: Readonly<Record<string, string | undefined>>): string {
  return text.replace(
    /\$(?:\{([^}]*)\}|([A-Za-z_]\w*|[*#$@!?\-0-9]))/g,
    (_, braced?: string, bare?: string) => env[braced ?? bare ?? ''] ?? '',
  );
}

/** @throws ConfigError with everything that k3d would refuse, each with its line. */
export async function parseNativeConfig(
  path: string,
  text: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<NativeConfig> {
  const file = await parseSettingsFile(path, expandVariables(text, env));
  const { nativeSchema } = await import('./native-schema.ts');
  const result = nativeSchema.safeParse(file.tree);
  if (!result.success) {
    throw new ConfigError(
      result.error.issues.flatMap((issue): Problem[] => {
        const at = issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part));
        if (issue.code !== 'unrecognized_keys') {
          return [{ ...file.locate(at), message: `${at.join('.')} ${issue.message}` }];
        }
        return issue.keys.map((key) => {
          const hint = didYouMean(key, knownKeys(nativeSchema, at));
          return { ...file.locate([...at, key], 'key'), message: `k3d knows no key "${key}" here${hint}` };
        });
      }),
    );
  }
  const sourceOf = (at: Path): string | undefined =>
    valueAt(file.tree, at) === undefined ? undefined : file.locate(at).where;
  return new NativeConfig(text, result.data, sourceOf, sourcesOf(file, result.data));
}

/** @throws ConfigError with each file that is not there: k3d would find out when the cluster is half made. */
function sourcesOf(file: SettingsFile, { files = [] }: NativeTree): FileSource[] {
  const folder = dirname(resolve(file.name));
  // A text of several lines is the content itself; `/x` is `x` beside the config.
  const named = files.flatMap(({ source }, at) =>
    source.includes('\n') ? [] : [{ at, path: resolve(folder, `./${source}`) }],
  );
  const missing = named.filter(({ path }) => !existsSync(path));
  if (missing.length > 0) {
    throw new ConfigError(
      missing.map(({ at, path }) => ({
        ...file.locate(['files', at, 'source']),
        message: `there is no file ${path}; k3d takes sources relative to its config`,
      })),
    );
  }
  return named;
}

/** The names that the schema knows at a path, through its optional and repeated parts. */
function knownKeys(schema: unknown, path: Path): string[] {
  const inner = (node: unknown): unknown => {
    let at = node as {
      def?: { type?: string; innerType?: unknown };
      shape?: Record<string, unknown>;
      element?: unknown;
    };
    while (at.def?.innerType !== undefined) at = at.def.innerType as typeof at;
    return at;
  };
  let node = inner(schema) as { shape?: Record<string, unknown>; element?: unknown };
  for (const part of path) {
    node = inner(typeof part === 'number' ? node.element : node.shape?.[part]) as typeof node;
  }
  return Object.keys(node.shape ?? {});
}
