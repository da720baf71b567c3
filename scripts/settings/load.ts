// Merges defaults, file, env variables and flags into one frozen Settings whose every value knows where it came from.

import { ConfigError, type Problem } from '../base/errors.ts';
import { didYouMean } from '../base/suggest.ts';
import { isTree, valueAt } from '../base/tree.ts';
import { type Option, fromEnv, settingOptions } from './options.ts';
import type { Settings } from './schema.ts';
import { type Path, type SettingsFile, looksSecret } from './yaml.ts';

export interface SettingsSources {
  file?: SettingsFile | undefined;
  env: Readonly<Record<string, string | undefined>>;
  /** Values of setting flags, by flag name without dashes. */
  flags: Readonly<Record<string, string | undefined>>;
}

export interface LoadedSettings {
  settings: Settings;
  /** `default`, `config/cluster.yaml:3:9`, `env AGENTS` or `flag --agents`. */
  sourceOf: (path: Path) => string;
  /** A value as it was written, like `10m`, where it was written down. */
  writtenAs: (path: Path) => unknown;
}

type Tree = Record<string, unknown>;

/** @throws ConfigError with every problem of every source at once. */
export async function loadSettings(sources: SettingsSources): Promise<LoadedSettings> {
  const { jsonSchema, settingsSchema } = await import('./schema.ts');
  const tree = structuredClone(sources.file?.tree ?? {}) as Tree;
  const given = new Map<string, string>();
  for (const option of settingOptions) {
    const flag = sources.flags[option.flag];
    const variable = flag === undefined ? fromEnv(sources.env, option.env) : undefined;
    const value = flag ?? variable?.value;
    if (value === undefined) continue;
    assign(tree, option.key.split('.'), parseText(value, option.kind));
    given.set(option.key, variable ? `env ${variable.name}` : `flag --${option.flag}`);
  }

  const { file } = sources;
  const locate = (path: Path, at: 'key' | 'value' = 'value'): Pick<Problem, 'where' | 'excerpt'> => {
    const outside = given.get(path.slice(0, 2).join('.')) ?? given.get(String(path[0]));
    if (outside !== undefined) return { where: outside };
    return file && has(file.tree, path.slice(0, 1)) ? file.locate(path, at) : { where: path.join('.') };
  };

  let result = settingsSchema.safeParse(tree);
  // Looked for only where something was refused: the schema itself says where a switch is meant.
  if (!result.success && readSwitches(tree, result.error.issues)) result = settingsSchema.safeParse(tree);
  if (!result.success) {
    const schema = jsonSchema() as JsonSchema;
    throw new ConfigError(result.error.issues.flatMap((issue) => problemsOf(issue, tree, schema, locate)));
  }
  return {
    settings: freeze(result.data),
    sourceOf(path) {
      const outside = given.get(path.join('.'));
      if (outside !== undefined) return outside;
      return file && has(file.tree, path) ? file.locate(path).where : 'default';
    },
    writtenAs: (path) => valueAt(tree, path),
  };
}

/** What a setting's text stands for; text that does not fit is left as it is, for the schema to refuse. */
function parseText(text: string, kind: Option['kind']): unknown {
  switch (kind) {
    case 'text':
      return text;
    case 'number':
      return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
    case 'boolean':
      return switchOf(text) ?? text;
    case 'list':
      return text.split(/[\s,]+/).filter((part) => part !== '');
    case 'paths':
      // Names of files have spaces.
      return text
        .split(/[\n,]/)
        .map((part) => part.trim())
        .filter((part) => part !== '');
  }
}

/** What people write for a switch; undefined for all else. */
function switchOf(text: unknown): boolean | undefined {
  if (typeof text !== 'string') return undefined;
  if (/^(true|1|yes|on)$/i.test(text)) return true;
  return /^(false|0|no|off)$/i.test(text) ? false : undefined;
}

interface Issue {
  code: string;
  path: PropertyKey[];
  message: string;
  expected?: string;
  keys?: string[];
  errors?: Issue[][];
}

/** YAML 1.2 reads `yes` and `off` as text: where a switch is expected they are one. Resolves with whether there were any. */
function readSwitches(tree: Tree, issues: readonly Issue[]): boolean {
  const wantsSwitch = ({ expected, errors = [] }: Issue): boolean =>
    expected === 'boolean' ||
    errors.flat().some(({ path, expected: inner }) => path.length === 0 && inner === 'boolean');
  let found = false;
  for (const issue of issues.filter(wantsSwitch)) {
    const path = issue.path.map((part) => (typeof part === 'number' ? part : String(part)));
    const value = switchOf(valueAt(tree, path));
    const parent = valueAt(tree, path.slice(0, -1));
    if (value === undefined || typeof parent !== 'object' || parent === null) continue;
    Object.assign(parent, { [path.at(-1) ?? '']: value });
    found = true;
  }
  return found;
}

function problemsOf(
  issue: Issue,
  tree: Tree,
  schema: JsonSchema,
  locate: (path: Path, at?: 'key' | 'value') => Pick<Problem, 'where' | 'excerpt'>,
): Problem[] {
  const path = issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part));
  const name = path.join('.');
  if (issue.code === 'unrecognized_keys') {
    return (issue.keys ?? []).map((key) => {
      const inside = name === '' ? '' : ` in "${name}"`;
      const message = `unknown setting "${key}"${inside}${didYouMean(key, knownKeys(schema, path))}`;
      return { ...locate([...path, key], 'key'), message };
    });
  }
  // What stands where a secret's source should be may be the secret itself.
  if (isSecret(path, valueAt(tree, path))) return [{ where: locate(path).where, message: `${name} ${issue.message}` }];
  const value = valueAt(tree, path);
  const given = value === undefined ? 'it is missing' : `not ${JSON.stringify(value)}`;
  return [
    {
      ...locate(path),
      message: `${name} ${ruleOf(issue)}, ${given}`,
    },
  ];
}

/** The kinds of values as people call them. */
const KINDS: Readonly<Record<string, string>> = {
  string: 'text',
  array: 'a list, like [a, b]',
  object: 'a mapping of keys to values',
  record: 'a mapping of keys to values',
  boolean: 'true or false',
  number: 'a number',
};

function ruleOf({ message }: Issue): string {
  const rule = message.replace(/^Invalid (input|option): expected/, 'must be').replace(/, received \w+$/, '');
  const kind = /^must be (\w+)$/.exec(rule)?.[1];
  return kind !== undefined && Object.hasOwn(KINDS, kind) ? `must be ${KINDS[kind] ?? kind}` : rule;
}

/** Whether what stands at a path may be a secret, or holds one: by its place, its name, or credentials in an address. */
function isSecret(path: Path, value: unknown): boolean {
  if (path[0] === 'secrets' && path[2] === 'data') return true;
  return path.some((part) => looksSecret(String(part)) && part !== 'secrets') || looksSecret(JSON.stringify({ value }));
}

interface JsonSchema {
  properties?: Readonly<Record<string, JsonSchema>>;
  items?: JsonSchema;
}

/** Key names that the schema knows at a path. */
function knownKeys(schema: JsonSchema, path: Path): readonly string[] {
  const at = path.reduce<JsonSchema | undefined>(
    (node, part) => (typeof part === 'number' ? node?.items : node?.properties?.[part]),
    schema,
  );
  return Object.keys(at?.properties ?? {});
}

function has(tree: unknown, path: Path): boolean {
  return valueAt(tree, path) !== undefined;
}

function assign(tree: Tree, path: readonly string[], value: unknown): void {
  const [key = '', ...rest] = path;
  if (rest.length === 0) tree[key] = value;
  else {
    const inner = tree[key];
    const next: Tree = isTree(inner) ? inner : {};
    tree[key] = next;
    assign(next, rest, value);
  }
}

function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    Object.freeze(value);
    Object.values(value).forEach(freeze);
  }
  return value;
}
