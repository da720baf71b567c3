// Several specs as one, the way troubleshoot merges them: lists in order, the same item only once.

import type { Analyzer, Item } from '../types.ts';
import type { Problem, SpecDocument } from './parse.ts';
import { parseBool } from './schema.ts';

/** All that is to be collected and looked at. */
export interface Spec {
  collectors: readonly Item[];
  hostCollectors: readonly Item[];
  /** Host collectors that run in pods, one for each node. */
  remoteCollectors: readonly Item[];
  analyzers: readonly Analyzer[];
  redactors: readonly Item[];
  /** Most collectors at once; undefined where no spec says so. */
  concurrencyLimit: number | undefined;
  /** `uri` of specs, which is followed only where asked for; and uploads, which never happen by themselves. */
  notFollowed: readonly string[];
  /** Kinds of the documents that it was made of. */
  kinds: readonly string[];
}

/** Kinds of documents that are about machines alone. */
const OF_HOSTS = ['HostPreflight', 'HostCollector', 'RemoteCollector'];

/** @param purpose `collect` and `preflight` leave the other's documents out. */
export function mergeSpecs(
  documents: readonly SpecDocument[],
  purpose: 'collect' | 'preflight',
): { spec: Spec; problems: Problem[] } {
  const other = purpose === 'collect' ? 'preflight' : 'collect';
  const left = purpose === 'collect' ? ['Preflight', 'HostPreflight'] : ['SupportBundle'];
  const used = documents.filter(({ kind }) => !left.includes(kind));
  const all = (list: keyof SpecDocument['lists']): Item[] =>
    distinct(used.flatMap(({ lists, keys }) => lists[list].map((item) => onNodes(item, keys['nodeSelector']))));
  const bundle = used.filter(({ kind }) => kind === 'SupportBundle');
  const inPods = bundle.filter(({ keys }) => parseBool(keys['runHostCollectorsInPod']) === true).length > 0;
  const limits = used.map(({ keys }) => Number(keys['concurrencyLimit'] ?? NaN)).filter((limit) => limit >= 1);
  const host = all('host');
  return {
    spec: {
      // A spec of the machine alone asks nothing of a cluster, also where it only has checks.
      collectors: withStandard(
        all('cluster'),
        host.length + all('remote').length > 0 || used.every(({ kind }) => OF_HOSTS.includes(kind)),
      ),
      hostCollectors: inPods ? [] : host,
      remoteCollectors: [...all('remote'), ...(inPods ? host : [])],
      analyzers: [...all('clusterChecks'), ...all('hostChecks')],
      redactors: all('redactors'),
      concurrencyLimit: limits.length > 0 ? Math.min(...limits) : undefined,
      notFollowed: used.flatMap(notFollowed),
      kinds: used.map(({ kind }) => kind),
    },
    problems: documents
      .filter(({ kind }) => left.includes(kind))
      .map(({ kind, place }): Problem => ({
        place,
        message: `${purpose} leaves a ${kind} out; \`hoist ${other}\` takes it`,
        severity: 'warning',
      })),
  };
}

/** A RemoteCollector says which nodes its collectors are for. */
function onNodes(item: Item, selector: unknown): Item {
  if (typeof selector !== 'object' || selector === null) return item;
  const pairs = Object.entries(selector).map(([key, value]) => [key, String(value)] as const);
  return pairs.length === 0 ? item : { ...item, nodeSelector: Object.fromEntries(pairs) };
}

function distinct(items: readonly Item[]): Item[] {
  const seen = new Set<string>();
  return items.filter((item) => {
    const key = JSON.stringify([item.kind, item.host, item.spec, item.nodeSelector]);
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

/** One collector of the whole cluster's objects and one of its version come first; a spec of the host alone gets none. */
function withStandard(collectors: readonly Item[], hasHost: boolean): Item[] {
  if (collectors.length === 0 && hasHost) return [];
  const info = collectors.find(({ kind }) => kind === 'clusterInfo') ?? standard('clusterInfo', {});
  const all = collectors.filter(({ kind }) => kind === 'clusterResources');
  const snapshots = all.filter(({ spec }) => parseBool(spec['exclude']) !== true);
  const others = collectors.filter(({ kind }) => kind !== 'clusterInfo' && kind !== 'clusterResources');
  const snapshot = snapshots[0] ? merged(snapshots) : (all[0] ?? standard('clusterResources', {}));
  return [info, snapshot, ...others];
}

/** The union of the namespaces; one without any stands for all. */
function merged(snapshots: readonly Item[]): Item {
  const [first] = snapshots as [Item, ...Item[]];
  const lists = snapshots.map(({ spec }) => (spec['namespaces'] ?? []) as string[]);
  const namespaces = lists.some((list) => list.length === 0) ? [] : [...new Set(lists.flat())];
  const ignoreRBAC = snapshots.some(({ spec }) => parseBool(spec['ignoreRBAC']) === true);
  return { ...first, spec: { ...first.spec, namespaces, ignoreRBAC } };
}

function standard(kind: string, spec: Record<string, unknown>): Item {
  const place = { file: 'built in', line: 1, column: 1 };
  return { kind, host: false, spec, place, placeOf: () => place };
}

function notFollowed({ keys, place }: SpecDocument): string[] {
  const where = `${place.file}:${place.line}`;
  const after = Array.isArray(keys['afterCollection']) ? keys['afterCollection'].length : 0;
  return [
    ...(typeof keys['uri'] === 'string' && keys['uri'] !== '' ? [`${where}: uri ${keys['uri']} was not followed`] : []),
    ...(after > 0 || (typeof keys['uploadResultsTo'] === 'string' && keys['uploadResultsTo'] !== '')
      ? [`${where}: nothing was uploaded or called back`]
      : []),
  ];
}
