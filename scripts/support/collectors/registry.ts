// All collectors by the key that they stand under in a spec, and those that are known but not supported.

import type { Item } from '../types.ts';
import { clusterInfo } from './cluster/cluster-info.ts';
import { clusterResources } from './cluster/cluster-resources.ts';
import { data } from './cluster/data.ts';
import { logs } from './cluster/logs.ts';
import type { Collector } from './collector.ts';

const cluster: Readonly<Record<string, Collector>> = { clusterInfo, clusterResources, logs, data };

const host: Readonly<Record<string, Collector>> = {};

/** undefined for what is not supported, or not known at all. */
export function collectorOf({ kind, host: ofHost }: Item): Collector | undefined {
  const table = ofHost ? host : cluster;
  return Object.hasOwn(table, kind) ? table[kind] : undefined;
}
