// What a collector is: which files it writes, how long it may take, what it must be allowed to do, and its work.

import type { Exec } from '../../host/exec.ts';
import type { KubeClient, KubeConnection } from '../../kube/client/client.ts';
import type { Item, Sink } from '../types.ts';
import { type Machine, localMachine } from './host/machine.ts';
import type { PodObject } from './cluster/lists.ts';
import type { LogFetcher } from './cluster/log-fetcher.ts';

/** The cluster that is looked at. */
export interface Reach {
  client: KubeClient;
  /** What exec needs, which is no plain request. */
  connection: KubeConnection;
  /** For items that name none. */
  namespace: string;
  /** Only this namespace is looked at, where the user said so. */
  only: string | undefined;
  logs: LogFetcher;
  /** All items that want logs. */
  logItems: readonly Item[];
  /** Pods that the snapshot found not to be well. */
  unhealthy: PodObject[];
}

/** The machine that it runs on. */
export interface HostReach {
  exec: Exec;
  env: Readonly<Record<string, string | undefined>>;
  /** `/`, or another folder in tests. */
  root: string;
  /** Another machine than this one. */
  machine?: Machine;
}

export const machineOf = ({ machine, root }: HostReach): Machine => machine ?? localMachine(root);

/** What a running collector may use. */
export interface Running {
  item: Item;
  /** Set where another item writes to the same path: `-2`. */
  suffix: string;
  sink: Sink;
  /** Aborted when its time is over, or the run is. */
  signal: AbortSignal;
  /** @throws where the cluster cannot be reached. */
  cluster: () => Promise<Reach>;
  host: HostReach;
  now: () => Date;
  random: () => number;
  /** A remark for the result, like "no pods matched". */
  note: (text: string) => void;
  /** Something that is missing, while the rest goes on. */
  problem: (text: string) => void;
  progress: (done: number, total?: number) => void;
}

/** One thing that the API server must allow. */
export interface Right {
  verb: string;
  group?: string | undefined;
  resource: string;
  subresource?: string | undefined;
  /** Defaults to all namespaces. */
  namespace?: string | undefined;
  name?: string | undefined;
}

export interface Collector {
  /** The name that troubleshoot calls the kind by, where that is not its key. */
  title?: string;
  /** Stands for all paths that it writes; two items with the same one collide. undefined: it shares with others of its kind. */
  claim(item: Item, namespace: string): string | undefined;
  /** ms that it may take where the spec says nothing; see DEFAULT_MS. */
  timeoutMs?: number;
  /** Without which it gives nothing. */
  rights?(item: Item, namespace: string): Right[];
  /** `late` runs after all that may make what it fetches. */
  order?: 'late' | undefined;
  run(running: Running): Promise<void>;
}

export const DEFAULT_MS = 60_000;

/** `kind/name` as troubleshoot shows it, with the selector where there is no name. */
export function titleOf({ kind, spec, host }: Item, collector: Collector | undefined): string {
  const shown = collector?.title ?? kind;
  const selector = host ? '' : list(spec, 'selector').join(',');
  const name = firstText(spec, 'collectorName', 'name') ?? (selector === '' ? undefined : selector);
  return name === undefined ? shown : `${shown}/${name}`;
}

/** A text, number or boolean as text; undefined where it is not given. */
export function text(spec: Readonly<Record<string, unknown>>, key: string): string | undefined {
  const value = spec[key];
  return typeof value === 'string'
    ? value
    : typeof value === 'number' || typeof value === 'boolean'
      ? String(value)
      : undefined;
}

/** The first of the keys that is given and not empty. */
export function firstText(spec: Readonly<Record<string, unknown>>, ...keys: readonly string[]): string | undefined {
  return keys.map((key) => text(spec, key)).find((value) => value !== undefined && value !== '');
}

export function list(spec: Readonly<Record<string, unknown>>, key: string): string[] {
  const value = spec[key];
  return Array.isArray(value) ? value.map(String) : [];
}

export function mapping(spec: Readonly<Record<string, unknown>>, key: string): Record<string, unknown> {
  const value = spec[key];
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}

const UNITS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

/** ms of a duration as Go writes it: `1h30m`, `1.5s`; undefined for anything else. */
export function durationMs(value: string | undefined): number | undefined {
  if (value === undefined || !/^(\d+(\.\d+)?(ns|us|µs|ms|s|m|h))+$/.test(value)) return undefined;
  let sum = 0;
  for (const [, number, , unit] of value.matchAll(/(\d+(\.\d+)?)(ns|us|µs|ms|s|m|h)/g))
    sum += Number(number) * (UNITS[unit ?? ''] ?? 0);
  return sum;
}

/** JSON as Go indents it. */
export function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value, null, 2));
}
