// Which rights a run needs, and whether the user has them: asked all at once, before anything is changed.

import { HealthError } from '../../base/errors.ts';
import type { KubeClient } from '../../kube/client/client.ts';
import { discoveryOf } from '../../kube/discovery.ts';
import { KubeApiError } from '../../kube/client/errors.ts';
import { groupOf } from '../../kube/resources.ts';
import { workloadsAmong } from '../../kube/watch/wait-workloads.ts';
import type { Work } from '../provider.ts';

export interface Right {
  verb: string;
  group: string;
  resource: string;
  /** undefined: in the whole cluster. */
  namespace: string | undefined;
}

/** helm keeps its releases in secrets. */
const HELM_VERBS = ['create', 'get', 'list', 'update', 'delete'];
const WATCH_VERBS = ['list', 'watch'];

/**
 * All rights that the run is known to need; what charts contain is known only when they are rendered.
 * Kinds that the cluster does not know yet come with definitions of the run itself, and are left out.
 */
export async function neededRights(client: KubeClient, work: Work | undefined, signal: AbortSignal): Promise<Right[]> {
  if (!work) return [];
  const waits = new Set(workloadsAmong(work.objects));
  const lists = await Promise.all(
    work.objects.map(async (ref) => {
      const resource = await discoveryOf(client).find(ref.apiVersion, ref.kind, signal);
      if (!resource) return [];
      const namespace = resource.namespaced ? (ref.namespace ?? 'default') : undefined;
      // A server-side apply is a patch, and a create where the object is not there yet.
      const verbs = ['create', 'patch', ...(waits.has(ref) ? WATCH_VERBS : [])];
      return verbs.map((verb) => ({ verb, group: groupOf(ref.apiVersion), resource: resource.plural, namespace }));
    }),
  );
  const everywhere = work.namespaces.length > 0 ? undefined : 'default';
  const accounts = WATCH_VERBS.map((verb) => right(verb, 'serviceaccounts', everywhere));
  const releases = work.releaseNamespaces.flatMap((namespace) =>
    HELM_VERBS.map((verb) => right(verb, 'secrets', namespace)),
  );
  const all = [...accounts, ...releases, ...lists.flat()];
  return [...new Map(all.map((one) => [JSON.stringify(one), one])).values()];
}

function right(verb: string, resource: string, namespace: string | undefined): Right {
  return { verb, group: '', resource, namespace };
}

/**
 * Asks the server for each right, all at once; for one who may do anything a single question is enough.
 * @throws HealthError that names what is missing; KubeApiError.
 */
export async function assertRights(
  client: KubeClient,
  needed: readonly Right[],
  who: string,
  signal: AbortSignal,
): Promise<void> {
  if (await may(client, { verb: '*', group: '*', resource: '*', namespace: undefined }, signal)) return;
  const answers = await Promise.all(needed.map(async (one) => ((await may(client, one, signal)) ? [] : [one])));
  const missing = answers.flat();
  if (missing.length === 0) return;
  throw new HealthError(`${who} lacks rights that this run needs:\n${missingLines(missing).join('\n')}`, {
    hint: 'Nothing was changed. Ask the cluster administrator for them, or give a context that has them.',
  });
}

async function may(
  client: KubeClient,
  { verb, group, resource, namespace }: Right,
  signal: AbortSignal,
): Promise<boolean> {
  const body = {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SelfSubjectAccessReview',
    spec: { resourceAttributes: { verb, group, resource, ...(namespace === undefined ? {} : { namespace }) } },
  };
  try {
    const review = await client.json<{ status?: { allowed?: boolean } }>({
      method: 'POST',
      path: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
      body,
      signal,
    });
    return review.status?.allowed === true;
  } catch (error) {
    if (!(error instanceof KubeApiError) || error.status !== 403) throw error;
    throw new HealthError('the rights of the user cannot be asked for: SelfSubjectAccessReview is forbidden', {
      cause: error,
      hint: 'Every user gets that right from the cluster role system:basic-user, unless it was taken away.',
    });
  }
}

/** `  configmaps: create, patch in staging, logging`: one line for all verbs and namespaces that go together. */
export function missingLines(missing: readonly Right[]): string[] {
  const nameOf = ({ group, resource }: Right): string => (group === '' ? resource : `${resource}.${group}`);
  const verbs = group(
    missing,
    (one) => `${nameOf(one)} ${one.namespace ?? ''}`,
    ({ verb }) => verb,
  );
  const places = new Map<string, string[]>();
  for (const one of missing) {
    const key = `  ${nameOf(one)}: ${[...(verbs.get(`${nameOf(one)} ${one.namespace ?? ''}`) ?? [])].join(', ')}`;
    const known = places.get(key) ?? [];
    const place = one.namespace ?? '';
    if (!known.includes(place)) known.push(place);
    places.set(key, known);
  }
  return [...places].map(([what, where]) =>
    where.includes('') ? `${what} in the whole cluster` : `${what} in ${where.join(', ')}`,
  );
}

function group<T>(
  items: readonly T[],
  keyOf: (item: T) => string,
  valueOf: (item: T) => string,
): Map<string, Set<string>> {
  const groups = new Map<string, Set<string>>();
  for (const item of items) {
    const values = groups.get(keyOf(item)) ?? new Set();
    groups.set(keyOf(item), values.add(valueOf(item)));
  }
  return groups;
}
