// Reads sets, clusters and their Secrets from files and folders.

import { type Problem, ConfigError } from '../../base/errors.ts';
import { filesUnder, manifestText, readText } from '../../kube/manifests/manifests.ts';
import { applies } from '../desired/set-plan.ts';
import { isMapping, isSet, type Json, parseSet, textMap } from '../sets/parse.ts';
import { isTemplate, processTemplate } from '../sets/openshift-template.ts';
import { setId, type SyncSet } from '../sets/types.ts';
import { isClusterDeployment, readClusterDeployment } from '../targets/cluster-deployment.ts';
import { inlineConnection } from '../targets/inline-kubeconfig.ts';
import type { FleetCluster, SourceSecret } from '../targets/types.ts';
import type { Place } from './places.ts';
import type { Fleet } from './source.ts';

export interface FileOptions {
  paths: readonly string[];
  /** Parameters of OpenShift Templates. */
  parameters: Readonly<Record<string, string>>;
  /** Clusters that are no ClusterDeployment of the files: contexts of a kubeconfig. */
  extra: readonly FleetCluster[];
}

export interface FromFiles extends Fleet {
  /** What works, and still is not meant that way. */
  warnings: Problem[];
}

/** @throws ConfigError with everything that is wrong in any of the files */
export async function fleetFromFiles(options: FileOptions): Promise<FromFiles> {
  const { objects, problems } = await readObjects(options.paths, options.parameters);
  const warnings: Problem[] = [];
  const sets: SyncSet[] = [];
  const clusters: FleetCluster[] = [...options.extra];
  const secrets = new Map<string, SourceSecret>();
  for (const { object } of objects) if (object['kind'] === 'Secret') addSecret(secrets, object);
  const secret = (namespace: string, name: string): Promise<SourceSecret | undefined> =>
    Promise.resolve(secrets.get(`${namespace}/${name}`));
  for (const { object, where, place } of objects) {
    if (isSet(object)) {
      const { set, problems: found } = parseSet(object, where);
      for (const { level, path, message } of found) {
        const problem = { where: place(path), message: `${setId(set)}: ${path} ${message}` };
        (level === 'error' ? problems : warnings).push(problem);
      }
      sets.push(set);
    } else if (isClusterDeployment(object)) {
      const read = readClusterDeployment(object, { where, secret, connect: inlineConnection, fromHub: false });
      if (typeof read === 'string') problems.push({ where, message: read });
      else clusters.push(read);
    }
  }
  problems.push(...twice(sets.map((set) => [setId(set), set.where])));
  problems.push(...twice(clusters.map((cluster) => [`cluster ${cluster.id}`, cluster.where])));
  if (problems.length > 0) throw new ConfigError(problems);
  warnings.push(...aimedAtNone(sets, clusters));
  return { sets, clusters, secret, broken: new Set(), complete: true, warnings };
}

/** Most sets that a warning names. */
const NAMED = 3;

/** A label or name with a slip in it matches nothing, and everything that is left to do succeeds. */
function aimedAtNone(sets: readonly SyncSet[], clusters: readonly FleetCluster[]): Problem[] {
  const aimless = clusters.length === 0 ? [] : sets.filter((set) => !clusters.some((one) => applies(set, one)));
  const [first] = aimless;
  if (first === undefined) return [];
  const names = aimless.slice(0, NAMED).map(setId).join(', ');
  const more = aimless.length > NAMED ? ` and ${aimless.length - NAMED} more` : '';
  const are = aimless.length === 1 ? 'is' : 'are';
  return [{ where: first.where, message: `${names}${more} ${are} for none of the clusters: see labels and names` }];
}

/** An object of a file. */
export interface Located {
  object: Json;
  /** Of its beginning: `file:line:column`. */
  where: string;
  /** Of what stands in it. */
  place: Place;
}

/** All objects of the files, Templates processed. */
export async function readObjects(
  paths: readonly string[],
  parameters: Readonly<Record<string, string>>,
): Promise<{ objects: Located[]; problems: Problem[] }> {
  const problems: Problem[] = [];
  const objects: Located[] = [];
  for (const path of paths) {
    for (const file of await filesUnder(path, problems)) {
      const text = await manifestText(file, file, problems);
      if (text === undefined) continue;
      const read = await readText(text, file);
      problems.push(...read.problems);
      if (read.parts.length === 0) continue;
      const { Places } = await import('./places.ts');
      const places = new Places(text, file);
      for (const { value, where } of read.parts) expand(value, (within) => places.of(where, within), where);
    }
  }
  return { objects, problems };

  function expand(value: unknown, place: Place, where: string): void {
    const within = (list: string, at: number, item: unknown): void => {
      const prefix = `${list}[${at}]`;
      expand(
        item,
        (path) => place(`${prefix}.${path}`),
        `${where} (${list === 'items' ? 'item' : 'object'} ${at + 1})`,
      );
    };
    if (!isMapping(value)) {
      problems.push({ where: place(''), message: 'is not an object; it begins with apiVersion and kind' });
    } else if (isTemplate(value)) {
      const processed = processTemplate(value, parameters, place);
      problems.push(...processed.problems);
      for (const { object, at } of processed.objects) within('objects', at, object);
    } else if (String(value['kind']).endsWith('List') && Array.isArray(value['items'])) {
      value['items'].forEach((item, at) => within('items', at, item));
    } else objects.push({ object: value, where, place });
  }
}

function addSecret(secrets: Map<string, SourceSecret>, object: Json): void {
  const metadata = isMapping(object['metadata']) ? object['metadata'] : {};
  const plain = Object.entries(textMap(object['stringData'])).map(
    ([key, value]) => [key, Buffer.from(value).toString('base64')] as const,
  );
  const namespace = typeof metadata['namespace'] === 'string' ? metadata['namespace'] : 'default';
  secrets.set(`${namespace}/${String(metadata['name'])}`, {
    type: typeof object['type'] === 'string' ? object['type'] : undefined,
    data: { ...textMap(object['data']), ...Object.fromEntries(plain) },
    labels: textMap(metadata['labels']),
    annotations: textMap(metadata['annotations']),
  });
}

function twice(named: readonly (readonly [string, string])[]): Problem[] {
  const first = new Map<string, string>();
  return named.flatMap(([name, where]) => {
    const earlier = first.get(name);
    if (earlier !== undefined) return [{ where, message: `${name} is written twice; the first one is at ${earlier}` }];
    first.set(name, where);
    return [];
  });
}
