// The part of a snapshot that is of kinds which the cluster's own definitions make.

import { messageOf } from '../../../base/errors.ts';
import type { KubeObject } from '../../../kube/object.ts';
import { type Snapshot, failing, typed } from './snapshot.ts';
import { listAll } from './lists.ts';

interface Definition extends KubeObject {
  spec: {
    group: string;
    scope: string;
    names: { plural: string };
    versions: { name: string; served: boolean }[];
  };
}

/** The definitions, and all objects of their kinds. */
export async function collectCustomResources(snapshot: Snapshot): Promise<void> {
  const { reach, running, write, limit } = snapshot;
  const path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
  const list = await failing('custom-resource-definitions', snapshot, () =>
    limit(() => listAll<Definition>(reach.client, { path, signal: running.signal })),
  );
  if (!list) return;
  await write('custom-resource-definitions.json', typed(list, 'apiextensions.k8s.io/v1', 'CustomResourceDefinition'));
  const errors: Record<string, string> = {};
  const whole = list.items.filter(isDefinition);
  if (whole.length < list.items.length)
    running.problem(`${list.items.length - whole.length} custom resource definitions are none, and are passed over`);
  await Promise.all(
    whole.map(async (definition) => {
      try {
        await collectOne(snapshot, definition);
      } catch (error) {
        errors[definition.metadata.name] = messageOf(error);
      }
    }),
  );
  if (Object.keys(errors).length === 0) return;
  await write('custom-resources/custom-resources-errors.json', errors);
  for (const [name, error] of Object.entries(errors)) running.problem(`${name}: ${error}`);
}

/** Whatever answers for an API server may answer anything, and its names become paths. */
function isDefinition(object: KubeObject): object is Definition {
  const { spec } = object as { spec?: Partial<Definition['spec']> | null };
  const isName = (value: unknown): boolean =>
    typeof value === 'string' && /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/i.test(value);
  const { group, names, versions } = spec ?? {};
  return (
    isName(group) &&
    isName((names as { plural?: unknown } | null | undefined)?.plural) &&
    Array.isArray(versions) &&
    versions.every((one: unknown) => isName((one as { name?: unknown } | null)?.name))
  );
}

async function collectOne(
  { reach, running, namespaces, write, limit }: Snapshot,
  definition: Definition,
): Promise<void> {
  const { group, scope, names, versions } = definition.spec;
  const version = newest(versions.filter(({ served }) => served).map(({ name }) => name));
  if (version === undefined) return;
  const path = `/apis/${group}/${version}/${names.plural}`;
  const { items } = await limit(() => listAll(reach.client, { path, signal: running.signal }));
  if (items.length === 0) return;
  const files =
    scope === 'Namespaced'
      ? namespaces.map((name) => [`/${name}`, items.filter(({ metadata }) => metadata.namespace === name)] as const)
      : ([['', items]] as const);
  for (const [suffix, objects] of files) {
    if (objects.length === 0) continue;
    const file = `custom-resources/${definition.metadata.name}${suffix}`;
    await write(`${file}.json`, objects);
    // Analyzers of older specs read it by this name.
    running.sink.link(`cluster-resources/${file}.yaml`, `cluster-resources/${file}.json`);
  }
}

/** The version that Kubernetes prefers: v2 before v1 before v1beta2 before v1alpha1 before other names. */
function newest(versions: readonly string[]): string | undefined {
  const rank = (name: string): number[] => {
    const match = /^v(\d+)(?:(alpha|beta)(\d+))?$/.exec(name);
    if (!match) return [0, 0, 0];
    const [, major, stage, minor] = match;
    return [stage === undefined ? 3 : stage === 'beta' ? 2 : 1, Number(major), Number(minor ?? 0)];
  };
  return [...versions].sort((a, b) => {
    const [x, y] = [rank(a), rank(b)];
    const at = x.findIndex((value, i) => value !== y[i]);
    return at < 0 ? a.localeCompare(b) : (y[at] ?? 0) - (x[at] ?? 0);
  })[0];
}
