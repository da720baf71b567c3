// clusterResources: a snapshot of the cluster's objects, all kinds at once.

import pLimit from 'p-limit';
import { messageOf } from '../../../base/errors.ts';
import { KubeApiError } from '../../../kube/client/errors.ts';
import type { KubeList, KubeObject } from '../../../kube/object.ts';
import { parseBool } from '../../spec/schema.ts';
import { type Collector, json, list } from '../collector.ts';
import { collectCustomResources } from './custom-resources.ts';
import { collectDiscovery, untyped } from './discovery-files.ts';
import { type SnapshotKind, clusterKinds, namespacedKinds } from './kinds.ts';
import { type PodObject, listAll, isPod } from './lists.ts';
import { collectPullSecrets } from './pull-secrets.ts';
import { type Snapshot, failing, typed } from './snapshot.ts';

/** Requests at once: more make the API server no faster. */
const AT_ONCE = 16;

export const clusterResources: Collector = {
  title: 'cluster-resources',
  claim: () => undefined,
  async run(running) {
    const reach = await running.cluster();
    const slots = pLimit(AT_ONCE);
    const write = async (path: string, value: unknown): Promise<void> => {
      await running.sink.add({ path: `cluster-resources/${path}`, content: json(value) });
    };
    const asked = list(running.item.spec, 'namespaces').filter((name) => name !== '');
    const wanted = asked.length > 0 ? asked : reach.only === undefined ? [] : [reach.only];
    const refused = new Set<string>();
    const base = { running, reach, limit: <T>(work: () => Promise<T>) => slots(work), write, refused };
    const known = await namespacesOf(base, wanted);
    const whole = wanted.length === 0;
    const allowed = await permitted({ ...base, namespaces: known, whole });
    const ignore = parseBool(running.item.spec['ignoreRBAC']) === true;
    const namespaces = whole && !ignore ? allowed : known;
    if (namespaces.length < known.length) {
      const missing = known.filter((name) => !namespaces.includes(name));
      running.problem(
        `not allowed to look into ${missing.length} of ${known.length} namespaces: ${missing.join(', ')}`,
      );
    }
    await collectAll({ ...base, namespaces, whole });
    if (refused.size > 0) running.problem(`not allowed to list ${[...refused].sort().join(', ')}`);
    running.signal.throwIfAborted();
  },
};

async function collectAll(snapshot: Snapshot): Promise<void> {
  const { running } = snapshot;
  let done = 0;
  const parts = [
    ...namespacedKinds.map((kind) => collectNamespaced(snapshot, kind)),
    ...clusterKinds.map((kind) => collectCluster(snapshot, kind)),
    collectCustomResources(snapshot),
    collectPullSecrets(snapshot),
    collectDiscovery(snapshot),
  ];
  await Promise.all(parts.map((part) => part.then(() => running.progress(++done, parts.length))));
}

/** Where they may not be listed, that of the kubeconfig's context is looked into. */
async function namespacesOf(
  { reach, running, write, limit, refused }: Omit<Snapshot, 'namespaces' | 'whole'>,
  wanted: readonly string[],
): Promise<string[]> {
  const { client } = reach;
  const { signal } = running;
  if (wanted.length === 0) {
    const all = await failing('namespaces', { write, running, refused }, () =>
      listAll(client, { path: '/api/v1/namespaces', signal }),
    );
    if (all) await write('namespaces.json', typed(all, 'v1', 'Namespace'));
    return all?.items.map(({ metadata }) => metadata.name) ?? (refused.has('namespaces') ? [reach.namespace] : []);
  }
  const errors: string[] = [];
  const found = await Promise.all(
    wanted.map((name) =>
      limit(() =>
        client.json<KubeObject>({ path: `/api/v1/namespaces/${encodeURIComponent(name)}`, signal, attempts: 3 }),
      ).catch((error: unknown) => {
        errors.push(messageOf(error));
        return undefined;
      }),
    ),
  );
  await write('namespaces.json', found.filter((one) => one !== undefined).map(untyped));
  if (errors.length > 0) await write('namespaces-errors.json', errors);
  for (const error of errors) running.problem(error);
  return [...wanted];
}

interface RulesReview {
  status: {
    incomplete?: boolean;
    evaluationError?: string;
    resourceRules?: { verbs: string[]; apiGroups?: string[]; resources?: string[]; resourceNames?: string[] }[];
    nonResourceRules?: { verbs: string[]; nonResourceURLs?: string[] }[];
  };
}

/** Writes what is allowed in each namespace; those in which pods may be read, or for which that is unknown. */
async function permitted({ reach, running, namespaces, write, limit }: Snapshot): Promise<string[]> {
  const errors: Record<string, string> = {};
  const allowed = await Promise.all(
    namespaces.map((namespace) =>
      limit(async () => {
        try {
          const { status } = await reach.client.json<RulesReview>({
            method: 'POST',
            path: '/apis/authorization.k8s.io/v1/selfsubjectrulesreviews',
            body: { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectRulesReview', spec: { namespace } },
            signal: running.signal,
          });
          if (status.incomplete === true) errors[namespace] = status.evaluationError ?? '';
          const { resourceRules = [], nonResourceRules = [] } = status;
          const rules = [
            ...resourceRules.map(({ verbs, apiGroups, resources, resourceNames }) => ({
              verbs,
              apiGroups,
              resources,
              resourceNames,
            })),
            ...nonResourceRules.map(({ verbs, nonResourceURLs }) => ({ verbs, nonResourceURLs })),
          ];
          await write(`auth-cani-list/${namespace}.json`, rules);
          const pods = resourceRules.some(
            ({ verbs, apiGroups = [], resources = [] }) =>
              has(verbs, 'get') && has(apiGroups, '') && has(resources, 'pods'),
          );
          return pods || status.incomplete === true;
        } catch (error) {
          errors[namespace] = messageOf(error);
          return true;
        }
      }),
    ),
  );
  if (Object.keys(errors).length > 0) await write('auth-cani-list-errors.json', errors);
  return namespaces.filter((_, i) => allowed[i]);
}

function has(values: readonly string[], value: string): boolean {
  return values.includes('*') || values.includes(value);
}

/** One request for all namespaces where all are wanted; else one for each. */
async function collectNamespaced(snapshot: Snapshot, kind: SnapshotKind): Promise<void> {
  const { namespaces, write, running } = snapshot;
  const errors: Record<string, string> = {};
  const lists = await listsOf(snapshot, kind, errors);
  await Promise.all(
    namespaces.map(async (namespace) => {
      const found = lists.get(namespace);
      if (!found) return;
      await write(`${kind.file}/${namespace}.json`, typed(found, kind.apiVersion, kind.kind));
      if (kind.kind === 'Pod') snapshot.reach.unhealthy.push(...found.items.filter(isPod).filter(isUnhealthy));
    }),
  );
  if (Object.keys(errors).length === 0) return;
  await write(`${kind.file}-errors.json`, errors);
  for (const [namespace, error] of Object.entries(errors)) running.problem(`${kind.file} of ${namespace}: ${error}`);
}

async function listsOf(
  { reach, running, namespaces, whole, limit }: Snapshot,
  kind: SnapshotKind,
  errors: Record<string, string>,
): Promise<Map<string, KubeList<KubeObject>>> {
  const { client } = reach;
  const { signal } = running;
  if (whole && namespaces.length > 1) {
    try {
      const all = await limit(() => listAll(client, { path: kind.path.replace('namespaces/{ns}/', ''), signal }));
      return byNamespace(all, namespaces);
    } catch (error) {
      // It may be allowed in some of the namespaces only.
      if (!(error instanceof KubeApiError && error.status === 403)) {
        for (const namespace of namespaces) errors[namespace] = messageOf(error);
        return new Map();
      }
    }
  }
  const entries = await Promise.all(
    namespaces.map(async (namespace) => {
      try {
        const path = kind.path.replace('{ns}', encodeURIComponent(namespace));
        return [namespace, await limit(() => listAll(client, { path, signal }))] as const;
      } catch (error) {
        errors[namespace] = messageOf(error);
        return undefined;
      }
    }),
  );
  return new Map(entries.filter((entry) => entry !== undefined));
}

function byNamespace(all: KubeList<KubeObject>, namespaces: readonly string[]): Map<string, KubeList<KubeObject>> {
  const lists = new Map(namespaces.map((name) => [name, { metadata: all.metadata, items: [] as KubeObject[] }]));
  for (const item of all.items) lists.get(item.metadata.namespace ?? '')?.items.push(item);
  return lists;
}

async function collectCluster(snapshot: Snapshot, kind: SnapshotKind): Promise<void> {
  const { reach, running, write, limit } = snapshot;
  const all = await failing(kind.file, snapshot, () =>
    limit(() => listAll(reach.client, { path: kind.path, signal: running.signal })),
  );
  if (all) await write(`${kind.file}.json`, typed(all, kind.apiVersion, kind.kind));
}

/** As troubleshoot counts it: all that neither runs with all containers ready nor has completed. */
function isUnhealthy({ status }: PodObject): boolean {
  const { phase = 'Unknown', reason, containerStatuses = [], initContainerStatuses = [] } = status ?? {};
  if (phase === 'Failed' || phase === 'Pending' || phase === 'Unknown' || reason !== undefined) return true;
  if (phase === 'Succeeded') return false;
  const waits = [...initContainerStatuses, ...containerStatuses].some(
    ({ state }) => state?.waiting?.reason !== undefined,
  );
  return waits || containerStatuses.some(({ ready }) => !ready);
}
