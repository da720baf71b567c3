// Reads manifest files and folders into objects that know where they were written.

import { readdir, readFile, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { ConfigError, messageOf, type Problem } from '../../base/errors.ts';
import { type Manifest, type Part, type Parts, titleOf } from './manifest.ts';
import { readJsonText } from './manifest-json.ts';
import { groupOf } from '../resources.ts';

const extensions = new Set(['.yaml', '.yml', '.json']);

/**
 * Loads all objects of the files and folders, in order; folders with all below them, sorted by name.
 * Nothing is rendered: a manifest is what the server shall get.
 * @throws ConfigError with everything that is wrong in any of them
 */
export async function loadManifests(paths: readonly string[]): Promise<Manifest[]> {
  const problems: Problem[] = [];
  const manifests: Manifest[] = [];
  for (const path of paths) {
    for (const file of await filesUnder(path, problems)) {
      const read = await readText(await readFile(file, 'utf8'), file);
      problems.push(...read.problems);
      for (const part of read.parts) manifests.push(...objectsOf(part, problems));
    }
  }
  problems.push(...duplicates(manifests));
  if (problems.length > 0) throw new ConfigError(problems);
  return manifests;
}

/** Parses the text of a manifest file; `file` names it in messages and tells JSON from YAML. */
export async function readText(text: string, file: string): Promise<Parts> {
  if (extname(file) === '.json') return readJsonText(text, file);
  const { readYamlText } = await import('./manifest-yaml.ts');
  return readYamlText(text, file);
}

/** The manifest files of a path, sorted; a file stands for itself, whatever its name. */
export async function filesUnder(path: string, problems: Problem[]): Promise<string[]> {
  try {
    if (!(await stat(path)).isDirectory()) return [path];
    const entries = await readdir(path, { withFileTypes: true, recursive: true });
    return entries
      .filter((entry) => !entry.isDirectory() && extensions.has(extname(entry.name)) && !entry.name.startsWith('.'))
      .map((entry) => join(entry.parentPath, entry.name))
      .sort();
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    problems.push({ where: path, message: missing ? 'there is no such file or folder' : messageOf(error) });
    return [];
  }
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The objects of a document: itself, or the items of a list. */
export function objectsOf({ value, where }: Part, problems: Problem[]): Manifest[] {
  const reject = (message: string): Manifest[] => {
    problems.push({ where, message });
    return [];
  };
  if (!isMapping(value)) return reject('is not an object; a manifest begins with apiVersion and kind');
  const { apiVersion, kind } = value;
  if (typeof apiVersion !== 'string' || apiVersion === '') return reject('has no apiVersion, like "v1" or "apps/v1"');
  if (typeof kind !== 'string' || kind === '') return reject('has no kind, like "ConfigMap"');
  if (kind.endsWith('List') && Array.isArray(value['items']))
    return itemsOf(value['items'], apiVersion, kind, where, problems);
  const metadata = value['metadata'];
  if (!isMapping(metadata) || typeof metadata['name'] !== 'string' || metadata['name'] === '') {
    const generated = isMapping(metadata) && 'generateName' in metadata;
    return reject(`${kind} has no metadata.name${generated ? '; generateName cannot be applied a second time' : ''}`);
  }
  const { namespace } = metadata;
  if (namespace !== undefined && namespace !== null && typeof namespace !== 'string') {
    return reject(`${kind} ${metadata['name']}: metadata.namespace is not a string`);
  }
  return [{ object: value as unknown as Manifest['object'], where }];
}

function itemsOf(items: unknown[], apiVersion: string, kind: string, where: string, problems: Problem[]): Manifest[] {
  // Items of a typed list, like a ConfigMapList, do not say again what they are.
  const implied = kind === 'List' ? {} : { apiVersion, kind: kind.slice(0, -'List'.length) };
  return items.flatMap((item, at) =>
    objectsOf(
      { value: isMapping(item) ? { ...implied, ...item } : item, where: `${where} (item ${at + 1})` },
      problems,
    ),
  );
}

function duplicates(manifests: readonly Manifest[]): Problem[] {
  const first = new Map<string, string>();
  return manifests.flatMap((manifest) => {
    const { apiVersion, kind, metadata } = manifest.object;
    const key = [groupOf(apiVersion), kind, metadata.namespace ?? 'default', metadata.name].join('|');
    const earlier = first.get(key);
    if (earlier === undefined) {
      first.set(key, manifest.where);
      return [];
    }
    return [
      { where: manifest.where, message: `${titleOf(manifest)} is written twice; the first one is at ${earlier}` },
    ];
  });
}
