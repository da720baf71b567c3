// Reads manifest files and folders into objects that know where they were written.

import { readTextBounded } from '../../host/files/bounded.ts';
import { entriesBelow } from '../../host/files/walk.ts';
import { stat } from 'node:fs/promises';
import { extname, join, relative, resolve } from 'node:path';
import { ConfigError, messageOf, type Problem } from '../../base/errors.ts';
import { type Manifest, type ManifestPart, type Parts, titleOf } from './manifest.ts';
import { stringifyExact } from './exact-json.ts';
import { readJsonText } from './manifest-json.ts';
import { groupOf } from '../resources.ts';

const extensions = new Set(['.yaml', '.yml', '.json']);

/**
 * Loads all objects of the files and folders, in order; folders with all below them, sorted by name.
 * Nothing is rendered: a manifest is what the server shall get.
 * @param cwd what paths are relative to; messages name them as they are given
 * @throws ConfigError with everything that is wrong in any of them
 */
export async function loadManifests(paths: readonly string[], cwd = process.cwd()): Promise<Manifest[]> {
  const problems: Problem[] = [];
  const manifests: Manifest[] = [];
  for (const path of paths) {
    if (isNoPath(path, problems)) continue;
    for (const file of await filesUnder(path, problems, cwd)) {
      const text = await manifestText(resolve(cwd, file), file, problems);
      if (text === undefined) continue;
      const read = await readText(text, file);
      problems.push(...read.problems);
      for (const part of read.parts) manifests.push(...objectsOf(part, problems));
    }
  }
  const once = withoutCopies(manifests, problems);
  if (problems.length > 0) throw new ConfigError(problems);
  return once;
}

/** What kubectl would take, but is no path. */
function isNoPath(path: string, problems: Problem[]): boolean {
  if (path === '-') problems.push({ where: path, message: 'the standard input is called /dev/stdin' });
  else if (/^https?:\/\//.test(path))
    problems.push({ where: path, message: 'addresses are not fetched; download the file and name it' });
  else return false;
  return true;
}

/** The text of a file that `filesUnder` has found; undefined, with a problem, for what cannot be read. */
export async function manifestText(path: string, file: string, problems: Problem[]): Promise<string | undefined> {
  try {
    const status = await stat(path);
    if (status.isFile() || status.isFIFO()) return await readTextBounded(path);
    problems.push({ where: file, message: 'is neither a file nor a folder' });
  } catch (error) {
    const dangling = (error as NodeJS.ErrnoException).code === 'ENOENT';
    problems.push({ where: file, message: dangling ? 'is a link to a file that does not exist' : unreadable(error) });
  }
  return undefined;
}

function unreadable(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return 'there is no such file or folder';
  if (code === 'EACCES' || code === 'EPERM') return 'may not be read by this user';
  return `cannot be read: ${messageOf(error)}`;
}

/** Parses the text of a manifest file; `file` names it in messages and distinguishes JSON from YAML. */
export async function readText(text: string, file: string): Promise<Parts> {
  if (extname(file) === '.json') return readJsonText(text, file);
  const { readYamlText } = await import('./manifest-yaml.ts');
  return readYamlText(text, file);
}

/** The manifest files of a path, sorted; a file stands for itself, whatever its name. */
export async function filesUnder(path: string, problems: Problem[], cwd = process.cwd()): Promise<string[]> {
  const folder = resolve(cwd, path);
  try {
    if (!(await stat(folder)).isDirectory()) return [path];
    const named = (await entriesBelow(folder)).filter(
      ({ name }) => extensions.has(extname(name)) && !name.startsWith('.'),
    );
    // Neither pipes nor devices: reading those might never end.
    return named
      .filter((entry) => entry.isFile() || entry.isSymbolicLink())
      .map((entry) => join(path, relative(folder, entry.parentPath), entry.name))
      .sort();
  } catch (error) {
    problems.push({ where: path, message: unreadable(error) });
    return [];
  }
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The objects of a document: itself, or the items of a list. */
export function objectsOf({ value, where }: ManifestPart, problems: Problem[]): Manifest[] {
  const reject = (message: string): Manifest[] => {
    problems.push({ where, message });
    return [];
  };
  if (!isMapping(value)) return reject('is not an object; a manifest begins with apiVersion and kind');
  const { apiVersion, kind } = value;
  if (typeof apiVersion !== 'string' || apiVersion === '') return reject('has no apiVersion, like "v1" or "apps/v1"');
  if (typeof kind !== 'string' || kind === '') return reject('has no kind, like "ConfigMap"');
  if (kind === 'Kustomization' && apiVersion.startsWith('kustomize.config.k8s.io/'))
    return reject(
      'is for kustomize, which is not run here; apply what `kustomize build` or `kubectl kustomize` prints',
    );
  if (kind.endsWith('List') && Array.isArray(value['items']))
    return itemsOf(value['items'], { apiVersion, kind }, where, problems);
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

function itemsOf(
  items: unknown[],
  { apiVersion, kind }: { apiVersion: string; kind: string },
  where: string,
  problems: Problem[],
): Manifest[] {
  // Items of a typed list, like a ConfigMapList, do not say again what they are.
  const implied = kind === 'List' ? {} : { apiVersion, kind: kind.slice(0, -'List'.length) };
  return items.flatMap((item, at) =>
    objectsOf(
      { value: isMapping(item) ? { ...implied, ...item } : item, where: `${where} (item ${at + 1})` },
      problems,
    ),
  );
}

/** What is written twice word for word, like the Namespace of several files, is one object; else it is a problem. */
function withoutCopies(manifests: readonly Manifest[], problems: Problem[]): Manifest[] {
  const first = new Map<string, Manifest>();
  return manifests.filter((manifest) => {
    const { apiVersion, kind, metadata } = manifest.object;
    const key = [groupOf(apiVersion), kind, metadata.namespace ?? 'default', metadata.name].join('|');
    const earlier = first.get(key);
    if (earlier === undefined) {
      first.set(key, manifest);
      return true;
    }
    if (stringifyExact(earlier.object) !== stringifyExact(manifest.object)) {
      const message = `${titleOf(manifest)} is written twice, and not alike; the first one is at ${earlier.where}`;
      problems.push({ where: manifest.where, message });
    }
    return false;
  });
}
