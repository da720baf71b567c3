// Pure: what the pods of a workload refer to: images, secrets, config maps, accounts.

import type { FactObject, Key } from './fact.ts';
import { type Json, at, entries, items, text } from '../json.ts';

export interface PodTemplate {
  spec: Json;
  labels: Readonly<Record<string, string>>;
  images: readonly string[];
}

/** The pods that an object makes; undefined where it makes none. */
export function podSpecOf(object: FactObject): PodTemplate | undefined {
  const { kind } = object;
  if (kind === 'Pod') return template(object);
  if (kind === 'CronJob') return template(at(object, 'spec', 'jobTemplate', 'spec', 'template'));
  if (['Deployment', 'StatefulSet', 'DaemonSet', 'Job', 'ReplicaSet', 'ReplicationController'].includes(kind)) {
    return template(at(object, 'spec', 'template'));
  }
  return undefined;
}

function template(value: Json): PodTemplate {
  const spec = at(value, 'spec');
  const labels = entries(at(value, 'metadata', 'labels')).map(([name, one]) => [name, text(one)] as const);
  const images = containersOf(spec).map((container) => text(at(container, 'image')));
  return { spec, labels: Object.fromEntries(labels), images: images.filter((image) => image !== '') };
}

function containersOf(spec: Json): Json[] {
  return [...items(at(spec, 'initContainers')), ...items(at(spec, 'containers'))];
}

/** Without what the pod can do without. */
export function podWants(spec: Json, namespace: string): Key[] {
  const wants: Key[] = [];
  const want = (kind: 'secret' | 'config map' | 'service account', name: Json, optional?: Json): void => {
    if (text(name) !== '' && optional !== true) wants.push(`${kind}|${namespace}/${text(name)}`);
  };
  const wantRefs = (value: Json, secret: string, configMap: string): void => {
    want('secret', at(value, secret, 'name'), at(value, secret, 'optional'));
    want('config map', at(value, configMap, 'name'), at(value, configMap, 'optional'));
  };
  const account = text(at(spec, 'serviceAccountName'));
  // Each namespace has this one by itself.
  if (account !== 'default') want('service account', account);
  const priority = text(at(spec, 'priorityClassName'));
  if (priority !== '' && !priority.startsWith('system-')) wants.push(`priority class|${priority}`);
  for (const secret of items(at(spec, 'imagePullSecrets'))) want('secret', at(secret, 'name'));
  for (const volume of items(at(spec, 'volumes'))) {
    want('secret', at(volume, 'secret', 'secretName'), at(volume, 'secret', 'optional'));
    want('config map', at(volume, 'configMap', 'name'), at(volume, 'configMap', 'optional'));
    for (const projected of items(at(volume, 'projected', 'sources'))) wantRefs(projected, 'secret', 'configMap');
  }
  for (const container of containersOf(spec)) {
    for (const from of items(at(container, 'envFrom'))) wantRefs(from, 'secretRef', 'configMapRef');
    for (const variable of items(at(container, 'env'))) {
      wantRefs(at(variable, 'valueFrom'), 'secretKeyRef', 'configMapKeyRef');
    }
  }
  return wants;
}
