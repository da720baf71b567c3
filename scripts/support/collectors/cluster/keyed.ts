// secret and configMap: whether an object and a key are there, and its values where the spec asks for them.

import { messageOf } from '../../../base/errors.ts';
import { redact } from '../../../base/redact/value.ts';
import { KubeApiError } from '../../../kube/client/errors.ts';
import type { KubeObject } from '../../../kube/object.ts';
import { parseBool } from '../../spec/schema.ts';
import { type Collector, type Reach, type Running, firstText, json, list } from '../collector.ts';
import { listAll } from './lists.ts';

interface Holder extends KubeObject {
  data?: Record<string, string>;
}

interface Kind {
  resource: 'secrets' | 'configmaps';
  exists: 'secretExists' | 'configMapExists';
  /** Whether values are in base64. */
  encoded: boolean;
  title: string;
}

export const secret = keyed({ resource: 'secrets', exists: 'secretExists', encoded: true, title: 'secret' });
export const configMap = keyed({
  resource: 'configmaps',
  exists: 'configMapExists',
  encoded: false,
  title: 'configmap',
});

function keyed(kind: Kind): Collector {
  return {
    title: kind.title,
    claim: ({ spec }, namespace) =>
      [
        kind.resource,
        firstText(spec, 'namespace') ?? namespace,
        firstText(spec, 'name') ?? `{${list(spec, 'selector').join(',')}}`,
        keyOf(kind, spec),
      ].join('/'),
    rights: ({ spec }, namespace) => {
      const name = firstText(spec, 'name');
      const ns = firstText(spec, 'namespace') ?? namespace;
      const where = ns === '' ? {} : { namespace: ns };
      return [
        name === undefined
          ? { verb: 'list', resource: kind.resource, ...where }
          : { verb: 'get', resource: kind.resource, name, ...where },
      ];
    },
    run: (running) => collectKeyed(kind, running),
  };
}

/** The part of the file name that says which key; a secret of which all is asked has none. */
function keyOf({ resource }: Kind, spec: Readonly<Record<string, unknown>>): string | undefined {
  const key = firstText(spec, 'key');
  return resource === 'secrets' && parseBool(spec['includeAllData']) === true ? undefined : key;
}

async function collectKeyed(kind: Kind, running: Running): Promise<void> {
  const { item, sink, note, suffix } = running;
  const { spec } = item;
  const reach = await running.cluster();
  const namespace = firstText(spec, 'namespace') ?? reach.namespace;
  const name = firstText(spec, 'name');
  const selector = list(spec, 'selector');
  const file = (of: string, folder: string): string =>
    [folder, namespace, of, keyOf(kind, spec)].filter((part) => part !== undefined).join('/') + `${suffix}.json`;
  try {
    if (name === undefined && selector.length === 0) throw new Error('either name or selector is required');
    const found = await holdersOf(kind, running, { reach, namespace, name, selector });
    if (found.length === 0) note('nothing matched');
    if (kind.encoded && [spec['includeValue'], spec['includeAllData']].some((flag) => parseBool(flag) === true))
      note('what the Secret holds is in the bundle, because the spec asks for it');
    for (const [of, holder] of found) {
      const content = json(outputOf(kind, spec, { namespace, name: of, holder }));
      await sink.add({ path: file(of, kind.resource), content });
      if (holder) continue;
      const missing = `${kind.resource} "${of}" not found`;
      note(missing);
      await sink.add({ path: file(of, `${kind.resource}-errors`), content: json([missing]) });
    }
  } catch (error) {
    const of = name ?? selector.join(',').replaceAll('/', '-');
    await sink.add({ path: file(of, `${kind.resource}-errors`), content: json([messageOf(error)]) });
    throw error;
  }
}

async function holdersOf(
  { resource }: Kind,
  { signal }: Running,
  {
    reach,
    namespace,
    name,
    selector,
  }: { reach: Reach; namespace: string; name: string | undefined; selector: string[] },
): Promise<[string, Holder | undefined][]> {
  const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/${resource}`;
  if (name === undefined) {
    const { items } = await listAll<Holder>(reach.client, { path, labelSelector: selector.join(','), signal });
    return items.map((holder) => [holder.metadata.name, holder]);
  }
  try {
    return [
      [name, await reach.client.json<Holder>({ path: `${path}/${encodeURIComponent(name)}`, signal, attempts: 3 })],
    ];
  } catch (error) {
    if (error instanceof KubeApiError && error.status === 404) return [[name, undefined]];
    throw error;
  }
}

function outputOf(
  { exists, encoded }: Kind,
  spec: Readonly<Record<string, unknown>>,
  { namespace, name, holder }: { namespace: string; name: string; holder: Holder | undefined },
): object {
  const key = firstText(spec, 'key') ?? '';
  const decode = (value: string): string => (encoded ? Buffer.from(value, 'base64').toString('utf8') : value);
  const all = parseBool(spec['includeAllData']) === true;
  const data = holder?.data ?? {};
  const keyExists = key !== '' && Object.hasOwn(data, key);
  const asked = keyExists && !all && parseBool(spec['includeValue']) === true;
  // Beside its key it would be hidden; `value` alone says nothing of what it is.
  const value = asked ? (redact({ [key]: decode(data[key] ?? '') })[key] ?? '') : '';
  return {
    namespace,
    name,
    key,
    [exists]: holder !== undefined,
    keyExists: all && encoded ? false : keyExists,
    ...(value === '' ? {} : { value }),
    ...(all && holder ? { data: Object.fromEntries(Object.entries(data).map(([k, v]) => [k, decode(v)])) } : {}),
    ...(!all && !encoded ? { data: null } : {}),
  };
}
