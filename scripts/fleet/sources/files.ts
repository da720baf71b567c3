// Reads sets, clusters and their Secrets from files and folders.

import { type Problem, ConfigError } from '../../base/errors.ts';
import { readTextBounded } from '../../host/bounded.ts';
import { filesUnder, readText } from '../../kube/manifests/manifests.ts';
import { isMapping, isSet, type Json, parseSet, textMap } from '../sets/parse.ts';
import { isTemplate, processTemplate } from '../sets/openshift-template.ts';
import { setId, type SyncSet } from '../sets/types.ts';
import { isClusterDeployment, readClusterDeployment } from '../targets/cluster-deployment.ts';
import { inlineConnection } from '../targets/inline-kubeconfig.ts';
import type { FleetCluster, SourceSecret } from '../targets/types.ts';
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
  for (const { object, where } of objects) {
    if (isSet(object)) {
      const { set, problems: found } = parseSet(object, where);
      for (const { level, path, message } of found) {
        (level === 'error' ? problems : warnings).push({ where, message: `${setId(set)}: ${path} ${message}` });
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
  return { sets, clusters, secret, broken: new Set(), complete: true, warnings };
}

/** All objects of the files, Templates processed, with the place of their document. */
export async function readObjects(
  paths: readonly string[],
  parameters: Readonly<Record<string, string>>,
): Promise<{ objects: { object: Json; where: string }[]; problems: Problem[] }> {
  const problems: Problem[] = [];
  const objects: { object: Json; where: string }[] = [];
  for (const path of paths) {
    for (const file of await filesUnder(path, problems)) {
      const read = await readText(await readTextBounded(file), file);
      problems.push(...read.problems);
      for (const { value, where } of read.parts) expand(value, where);
    }
  }
  return { objects, problems };

  function expand(value: unknown, where: string): void {
    if (!isMapping(value)) problems.push({ where, message: 'is not an object; it begins with apiVersion and kind' });
    else if (isTemplate(value)) {
      const processed = processTemplate(value, parameters, where);
      problems.push(...processed.problems);
      processed.objects.forEach((object, at) => objects.push({ object, where: `${where} (object ${at + 1})` }));
    } else if (String(value['kind']).endsWith('List') && Array.isArray(value['items'])) {
      value['items'].forEach((item, at) => expand(item, `${where} (item ${at + 1})`));
    } else objects.push({ object: value, where });
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
