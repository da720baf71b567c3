// From a spec to what will be run: who writes which path, in which order, and how long each may take.

import type { Item } from '../types.ts';
import { type Collector, DEFAULT_MS, durationMs, firstText, list, titleOf } from '../collectors/collector.ts';
import { hostInPods, type NodeItem, ON_NODES } from '../collectors/pods/host-in-pods.ts';
import { collectorOf } from '../collectors/registry.ts';
import type { Problem } from '../spec/parse.ts';
import type { Spec } from '../spec/merge.ts';
import { parseBool } from '../spec/schema.ts';

/** `first`: the snapshot; `late`: after all others of the cluster; `host`: apart from them. */
export type Lane = 'first' | 'cluster' | 'late' | 'host';

export interface PlannedItem {
  /** Unique. */
  step: string;
  title: string;
  item: Item;
  collector: Collector;
  lane: Lane;
  suffix: string;
  timeoutMs: number;
  /** Steps that must have ended before, whatever came of them. */
  needs: readonly string[];
}

/** An item that will not be run, and why. */
export interface SkippedItem {
  title: string;
  item: Item;
  reason: 'excluded' | 'unsupported';
  message: string;
}

export interface CollectPlan {
  items: readonly PlannedItem[];
  skipped: readonly SkippedItem[];
  problems: readonly Problem[];
}

const NOT_SUPPORTED = new Set(
  'ceph longhorn collectd sonobuoy supportBundleMetadata networkNamespaceConnectivity kubernetes'.split(' '),
);

/** @param namespace for items that name none */
export function planOf(
  spec: Spec,
  { namespace, timeoutMs }: { namespace: string; timeoutMs?: number | undefined },
): CollectPlan {
  const skipped: SkippedItem[] = [];
  const problems: Problem[] = [];
  const items: PlannedItem[] = [];
  const steps = new Set<string>();
  const claims = new Map<string, { item: Item; count: number }>();
  for (const item of [...spec.collectors, ...spec.hostCollectors]) {
    const collector = collectorOf(item);
    const title = titleOf(item, collector);
    const skip = skipped.length;
    if (parseBool(item.spec['exclude']) === true) {
      skipped.push({ title, item, reason: 'excluded', message: 'the spec excludes it' });
    } else if (!collector) skipped.push({ title, item, reason: 'unsupported', message: whyNot(item.kind) });
    if (!collector || skipped.length > skip) continue;
    const suffix = suffixOf(collector, item, { namespace, claims, problems });
    const step = unique(item.host ? `host/${title}` : title, steps);
    items.push({
      step,
      title,
      item,
      collector,
      lane: laneOf(item, collector),
      suffix,
      timeoutMs: timeoutOf(item, collector, timeoutMs),
      needs: [],
    });
  }
  const inPods = onNodes(spec.remoteCollectors, skipped, { namespace, claims, problems });
  const [first] = inPods;
  if (first) {
    const collector = hostInPods(inPods);
    const { place, placeOf } = first.item;
    const item: Item = { kind: 'hostCollectorsInPods', host: false, spec: {}, place, placeOf };
    const step = unique(titleOf(item, collector), steps);
    const ms = timeoutOf(item, collector, timeoutMs);
    items.push({ step, title: step, item, collector, lane: 'cluster', suffix: '', timeoutMs: ms, needs: [] });
  }
  return { items: ordered(items, problems), skipped, problems };
}

/** Those that can look at a node through a pod; the others are named. */
function onNodes(items: readonly Item[], skipped: SkippedItem[], inputs: Parameters<typeof suffixOf>[2]): NodeItem[] {
  return items.flatMap((item): NodeItem[] => {
    const collector = collectorOf(item);
    const title = titleOf(item, collector);
    if (parseBool(item.spec['exclude']) === true) {
      skipped.push({ title, item, reason: 'excluded', message: 'the spec excludes it' });
      return [];
    }
    // What a command is given lies on the machine that hoist runs on.
    const local = item.kind === 'run' ? ['input', 'outputDir'].filter((key) => item.spec[key] !== undefined) : [];
    if (collector && local.length > 0) {
      const what = `"run" with ${local.join(' and ')} cannot be collected in pods`;
      skipped.push({ title, item, reason: 'unsupported', message: what });
      return [];
    }
    if (collector && ON_NODES.has(item.kind)) return [{ item, collector, suffix: suffixOf(collector, item, inputs) }];
    const message = collector ? `"${item.kind}" cannot be collected in pods` : whyNot(item.kind);
    skipped.push({ title, item, reason: 'unsupported', message });
    return [];
  });
}

/** The spec's own counts first, then the user's, then the kind's. */
function timeoutOf({ spec }: Item, collector: Collector, timeoutMs: number | undefined): number {
  const own = durationMs(firstText(spec, 'timeout')) ?? 0;
  return own > 0 ? own : (timeoutMs ?? collector.timeoutMs ?? DEFAULT_MS);
}

function whyNot(kind: string): string {
  return NOT_SUPPORTED.has(kind) ? `hoist does not support "${kind}"` : `"${kind}" is no collector that hoist knows`;
}

function laneOf(item: Item, { order }: Collector): Lane {
  if (item.host) return 'host';
  if (item.kind === 'clusterInfo' || item.kind === 'clusterResources') return 'first';
  return order === 'late' ? 'late' : 'cluster';
}

/** `-2` for the second item that writes to a path, and a warning that names both. */
function suffixOf(
  collector: Collector,
  item: Item,
  {
    namespace,
    claims,
    problems,
  }: { namespace: string; claims: Map<string, { item: Item; count: number }>; problems: Problem[] },
): string {
  const claim = collector.claim(item, namespace);
  if (claim === undefined) return '';
  const owner = claims.get(claim);
  if (!owner) {
    claims.set(claim, { item, count: 1 });
    return '';
  }
  owner.count++;
  const { file, line, column } = owner.item.place;
  problems.push({
    place: item.place,
    severity: 'warning',
    message: `writes to ${claim} as the item at ${file}:${line}:${column} does: this one gets "-${owner.count}"`,
  });
  return `-${owner.count}`;
}

function unique(name: string, taken: Set<string>): string {
  let own = name;
  for (let number = 2; taken.has(own); number++) own = `${name} (${number})`;
  taken.add(own);
  return own;
}

/** Snapshot, then all others, then those that fetch what others have made; and what `needs` says. */
function ordered(items: readonly PlannedItem[], problems: Problem[]): PlannedItem[] {
  const of = (lane: Lane): string[] => items.filter((one) => one.lane === lane).map(({ step }) => step);
  const [first, main] = [of('first'), of('cluster')];
  const byName = new Map<string, string[]>();
  for (const { item, step } of items) {
    for (const name of new Set([firstText(item.spec, 'collectorName'), firstText(item.spec, 'name')])) {
      if (name !== undefined) byName.set(name, [...(byName.get(name) ?? []), step]);
    }
  }
  return items.map((one) => {
    const lanes = { first: [], host: [], cluster: first, late: [...first, ...main] };
    const own = list(one.item.spec, 'needs').flatMap((name, i) => {
      const found = byName.get(name)?.filter((step) => step !== one.step) ?? [];
      if (found.length === 0) {
        const message = `needs "${name}", but no other collector has that name`;
        problems.push({ place: one.item.placeOf(['needs', i]), message, severity: 'error' });
      }
      return found;
    });
    return { ...one, needs: [...new Set([...lanes[one.lane], ...own])] };
  });
}
