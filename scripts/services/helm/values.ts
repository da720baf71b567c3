// The values of a service: files, then inline values, then secrets, merged as helm merges them.

import { type Tree, isTree, mergeTrees } from '../../base/tree.ts';
import { readTextBounded } from '../../host/files/bounded.ts';
import { relative, resolve } from 'node:path';
import { type Problem, messageOf } from '../../base/errors.ts';
import { stringifyExact } from '../../kube/manifests/exact-json.ts';
import { readText } from '../../kube/manifests/manifests.ts';
import type { ServiceSetting } from '../../settings/schema.ts';
import { type SecretSources, readSource } from '../secrets.ts';

export interface Values {
  /** JSON, for helm's stdin: it may hold secrets. */
  text: string;
  /** The secrets among them, for redaction. */
  secrets: readonly string[];
}

export interface ValueSources extends SecretSources {
  cwd: string;
}

/** Reads and merges the values; what is missing or of no use goes to `problems`. */
export async function readValues(
  setting: Pick<ServiceSetting, 'name' | 'values' | 'valuesFiles' | 'valuesFrom'>,
  index: number,
  sources: ValueSources,
  problems: Problem[],
): Promise<Values> {
  const files = await Promise.all(
    setting.valuesFiles.map((file, at) =>
      readValuesFile(file, sources.where(['services', index, 'valuesFiles', at]), sources, problems),
    ),
  );
  let merged: Tree = {};
  for (const tree of [...files, setting.values]) merged = mergeTrees(merged, tree);
  const secrets: string[] = [];
  for (const [path, source] of Object.entries(setting.valuesFrom)) {
    const value = await readSource(source, sources);
    if ('problem' in value) {
      const where = sources.where(['services', index, 'valuesFrom', path]);
      problems.push({ where, message: `service "${setting.name}": ${value.problem}` });
    } else {
      const text = Buffer.from(value.bytes).toString('utf8');
      secrets.push(text);
      merged = mergeTrees(merged, nested(path, text));
    }
  }
  return { text: stringifyExact(merged), secrets };
}

/** `db.password` as nested mappings; `\.` is a dot inside a key. */
function nested(path: string, value: string): Tree {
  const keys = path.split(/(?<!\\)\./).map((key) => key.replaceAll('\\.', '.'));
  return keys.reduceRight<unknown>((inner, key) => ({ [key]: inner }), value) as Tree;
}

async function readValuesFile(
  file: string,
  where: string,
  { folder, cwd }: ValueSources,
  problems: Problem[],
): Promise<Tree> {
  const path = resolve(folder, file);
  let text: string;
  try {
    text = await readTextBounded(path);
  } catch (error) {
    problems.push({ where, message: `the values file cannot be read: ${messageOf(error)}` });
    return {};
  }
  const { parts, problems: found } = await readText(text, relative(cwd, path));
  problems.push(...found);
  const [first, ...more] = parts;
  if (!first) return {};
  if (!isTree(first.value) || more.length > 0) {
    problems.push({ where: first.where, message: 'a values file holds one mapping' });
    return {};
  }
  return first.value;
}
