// A config file of k3d's own format: read as k3d reads it, so that only what its writer left open is tuned.

import { ConfigError, type Problem } from '../../../base/errors.ts';
import { nearest } from '../../../base/suggest.ts';
import { parseSettingsFile, type Path } from '../../../settings/yaml.ts';
import type { NativeTree } from './native-schema.ts';

export interface NativeConfig {
  path: string;
  /** As it stands in the file: k3d itself replaces the variables in it. */
  text: string;
  tree: NativeTree;
  /** `k3d.yaml:3:9` for a key that the file sets, else undefined. */
  sourceOf(path: Path): string | undefined;
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
          const near = nearest(key, knownKeys(nativeSchema, at));
          const hint = near === undefined ? '' : `; did you mean "${near}"?`;
          return { ...file.locate([...at, key], 'key'), message: `k3d knows no key "${key}" here${hint}` };
        });
      }),
    );
  }
  return {
    path,
    text,
    tree: result.data,
    sourceOf: (at) => (valueAt(file.tree, at) === undefined ? undefined : file.locate(at).where),
  };
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

function valueAt(tree: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (node, part) =>
      typeof node === 'object' && node !== null ? (node as Record<string, unknown>)[String(part)] : undefined,
    tree,
  );
}
