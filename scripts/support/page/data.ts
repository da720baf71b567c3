// Reads out of a bundle what its page shows: within bounds, and redacted already.

import { messageOf } from '../../base/errors.ts';
import type { FileStore } from '../bundle/store.ts';
import type { LeftOut } from '../bundle/store.ts';
import { clusterKinds, namespacedKinds } from '../collectors/cluster/kinds.ts';
import type { CollectorReport } from '../run/collect.ts';
import type { AnalyzeResult } from '../types.ts';
import type { PageData, PageEvent, PageLog, PageObject } from './model.ts';
import { stateOf } from './states.ts';

export interface PageInputs {
  name: string;
  madeAt: Date;
  wallMs: number;
  stopped: unknown;
  results: readonly AnalyzeResult[];
  collectors: readonly CollectorReport[];
  leftOut: readonly LeftOut[];
  store: Pick<FileStore, 'list' | 'read' | 'sizeOf' | 'targetOf' | 'stream'>;
}

const ROOT = 'cluster-resources/';
/** Kinds that people look at first; all others are in the bundle. */
const SHOWN = new Set([
  ...['Pod', 'Service', 'Deployment', 'StatefulSet', 'DaemonSet', 'Job', 'CronJob', 'Ingress'],
  ...['PersistentVolumeClaim', 'PersistentVolume', 'StorageClass', 'Node', 'PodDisruptionBudget'],
]);
/** Bytes of a list that is still read for the page. */
const MOST_LIST = 16 << 20;
const MOST_ROWS = 5_000;
/** Bytes of one log's end, and of all of them. */
const LOG_END = 16 << 10;
const MOST_LOGS = 2 << 20;

export async function pageData(inputs: PageInputs): Promise<PageData> {
  const { store, results, collectors, leftOut, stopped } = inputs;
  const notes = leftOut.map(({ path, reason }) => `${path} was left out: ${reason}`);
  const kinds = [...namespacedKinds, ...clusterKinds].filter(({ kind }) => SHOWN.has(kind));
  const objects: PageObject[] = [];
  for (const { file, kind } of kinds) {
    for (const item of await itemsOf(store, file, notes)) objects.push(objectOf(kind, item));
  }
  const events = (await itemsOf(store, 'events', notes)).map(eventOf).sort((a, b) => (a.at < b.at ? 1 : -1));
  const bad = objects.sort((a, b) => Number(b.bad) - Number(a.bad));
  return {
    name: inputs.name,
    madeAt: inputs.madeAt.toISOString(),
    wallMs: Math.round(inputs.wallMs),
    stopped: stopped === undefined ? '' : messageOf(stopped),
    checks: results
      .map(({ outcome, title, message, uri = '' }) => ({ outcome, title, message, uri }))
      .sort((a, b) => RANK[a.outcome] - RANK[b.outcome]),
    collectors: collectors.map(({ title, outcome, startedMs, endedMs, files, notes: words, problems }) => ({
      title,
      outcome,
      startedMs: startedMs === undefined ? undefined : Math.round(startedMs),
      endedMs: endedMs === undefined ? undefined : Math.round(endedMs),
      files,
      words: [...words, ...problems],
    })),
    objects: first(bad, 'objects', notes),
    events: first(events, 'events', notes),
    logs: await logsOf(store, notes),
    notes,
  };
}

const RANK = { fail: 0, warn: 1, pass: 2 } as const;

function first<T>(rows: readonly T[], what: string, notes: string[]): readonly T[] {
  if (rows.length > MOST_ROWS) notes.push(`${rows.length - MOST_ROWS} more ${what} are in the bundle's files`);
  return rows.slice(0, MOST_ROWS);
}

interface Item {
  metadata?: { name?: unknown; namespace?: unknown; creationTimestamp?: unknown };
}

/** Of the one file of a kind, or of those of its namespaces. */
async function itemsOf(store: PageInputs['store'], file: string, notes: string[]): Promise<Item[]> {
  const found: Item[] = [];
  for (const path of store.list()) {
    if (path !== `${ROOT}${file}.json` && !(path.startsWith(`${ROOT}${file}/`) && path.endsWith('.json'))) continue;
    if (store.sizeOf(path) > MOST_LIST) {
      notes.push(`${path} is too long for this page`);
      continue;
    }
    try {
      const parsed = JSON.parse((await store.read(path))?.toString('utf8') ?? '') as { items?: unknown } | unknown[];
      const items = Array.isArray(parsed) ? parsed : parsed.items;
      if (Array.isArray(items)) found.push(...(items as (Item | null)[]).filter((item) => item !== null));
    } catch {
      notes.push(`${path} is no JSON`);
    }
  }
  return found;
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

function objectOf(kind: string, item: Item): PageObject {
  const { name, namespace, creationTimestamp } = item.metadata ?? {};
  return {
    kind,
    namespace: text(namespace),
    name: text(name),
    created: text(creationTimestamp),
    ...stateOf(kind, item),
  };
}

interface EventItem extends Item {
  type?: unknown;
  reason?: unknown;
  message?: unknown;
  count?: unknown;
  lastTimestamp?: unknown;
  eventTime?: unknown;
  involvedObject?: { kind?: unknown; name?: unknown };
}

function eventOf(item: EventItem): PageEvent {
  const { metadata = {}, involvedObject = {}, count } = item;
  return {
    at: text(item.lastTimestamp) || text(item.eventTime) || text(metadata.creationTimestamp),
    type: text(item.type),
    namespace: text(metadata.namespace),
    object: `${text(involvedObject.kind)}/${text(involvedObject.name)}`,
    reason: text(item.reason),
    message: text(item.message),
    count: typeof count === 'number' ? count : 1,
  };
}

/** The ends of the logs, as many as there is room for. */
async function logsOf(store: PageInputs['store'], notes: string[]): Promise<PageLog[]> {
  const paths = store.list().filter((path) => path.endsWith('.log') && store.targetOf(path) === undefined);
  const shown: PageLog[] = [];
  let room = MOST_LOGS;
  for (const path of paths) {
    const size = store.sizeOf(path);
    if (size === 0) continue;
    if (room <= 0) break;
    const end = await endOf(store, path);
    room -= end.length;
    shown.push({ path, size, end });
  }
  if (shown.length < paths.length) notes.push(`${paths.length - shown.length} more logs are in the bundle's files`);
  return shown;
}

async function endOf(store: PageInputs['store'], path: string): Promise<string> {
  let end = Buffer.alloc(0);
  for await (const chunk of (store.stream(path) ?? []) as AsyncIterable<Buffer>) {
    end = Buffer.concat([end, chunk]).subarray(-LOG_END);
  }
  if (store.sizeOf(path) <= LOG_END) return end.toString('utf8');
  return end.subarray(end.indexOf(10) + 1).toString('utf8');
}
