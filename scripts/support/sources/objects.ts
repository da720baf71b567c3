// Specs that are kept in Secrets and ConfigMaps of the cluster.

import { HoistError } from '../../base/errors.ts';
import type { KubeObject } from '../../kube/object.ts';
import type { ClusterAccess } from '../cluster/reach.ts';
import { listAll } from '../collectors/cluster/lists.ts';
import { specKeys } from '../spec/document.ts';
import type { SpecText } from '../spec/parse.ts';

interface Holder extends KubeObject {
  data?: Record<string, string>;
}

const LABELS = ['troubleshoot.sh/kind', 'troubleshoot.io/kind'];

/**
 * Of `secret/NS/NAME`, `configmap/NS/NAME/KEY`: that key, or all of them.
 * @throws HoistError for another form, or a key that is not there; as the client where it cannot be read.
 */
export async function objectTexts(name: string, { client }: ClusterAccess, signal: AbortSignal): Promise<SpecText[]> {
  const [kind = '', namespace = '', object = '', key, ...more] = name.split('/');
  if (namespace === '' || object === '' || more.length > 0)
    throw new HoistError(`it has another form than ${kind}/NAMESPACE/NAME[/KEY]`);
  const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/${kind}s/${encodeURIComponent(object)}`;
  const texts = textsOf(await client.json<Holder>({ path, signal }), kind === 'secret');
  if (key === undefined) return texts;
  const wanted = texts.filter((one) => one.name.endsWith(`/${key}`));
  if (wanted.length === 0) throw new HoistError(`it has no key "${key}"`);
  return wanted;
}

/** All specs that the cluster's labels point to, in the namespaces that may be looked into. */
export async function clusterTexts(
  { client, namespace }: ClusterAccess,
  { selector, signal }: { selector: string | undefined; signal: AbortSignal },
): Promise<SpecText[]> {
  const selectors = selector === undefined ? LABELS.map((label) => `${label}=support-bundle`) : [selector];
  const found = new Map<string, SpecText>();
  await Promise.all(
    (['secrets', 'configmaps'] as const).flatMap((resource) =>
      selectors.map(async (labelSelector) => {
        const list = (path: string): Promise<Holder[]> =>
          listAll<Holder>(client, { path, labelSelector, signal }).then(({ items }) => items);
        const items = await list(`/api/v1/${resource}`).catch(() =>
          list(`/api/v1/namespaces/${encodeURIComponent(namespace)}/${resource}`),
        );
        for (const item of items) {
          for (const one of textsOf(item, resource === 'secrets')) {
            if (specKeys.some((key) => one.name.endsWith(`/${key}`))) found.set(one.name, one);
          }
        }
      }),
    ),
  );
  return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

function textsOf({ metadata, data = {} }: Holder, encoded: boolean): SpecText[] {
  const base = `${encoded ? 'secret' : 'configmap'}/${metadata.namespace ?? ''}/${metadata.name}`;
  return Object.entries(data).map(([key, value]) => ({
    name: `${base}/${key}`,
    text: encoded ? Buffer.from(value, 'base64').toString('utf8') : value,
  }));
}
