// Which flags each Kubernetes component knows, minor version by minor version.

import { readFileSync } from 'node:fs';

export type K3sComponent = 'kube-apiserver' | 'kube-controller-manager' | 'kube-scheduler' | 'kubelet' | 'kube-proxy';

interface Flags {
  names: ReadonlySet<string>;
  since: Readonly<Record<string, number>>;
  until: Readonly<Record<string, number>>;
}

interface Table {
  minors: readonly [number, number];
  components: Readonly<Record<K3sComponent, { flags: string; since: Flags['since']; until: Flags['until'] }>>;
}

let table: Table | undefined;
const parsed = new Map<K3sComponent, Flags>();

function load(): Table {
  table ??= JSON.parse(readFileSync(new URL('component-flags.json', import.meta.url), 'utf8')) as Table;
  return table;
}

function flagsOf(component: K3sComponent): Flags {
  let flags = parsed.get(component);
  if (!flags) {
    const entry = load().components[component];
    flags = { names: new Set(entry.flags.split(' ')), since: entry.since, until: entry.until };
    parsed.set(component, flags);
  }
  return flags;
}

/** Whether the table covers Kubernetes 1.`minor`. */
export function coversMinor(minor: number): boolean {
  const [first, last] = load().minors;
  return minor >= first && minor <= last;
}

/** `known`, `unknown` in every version, or from/until which minor it is known. */
export type FlagVerdict = 'known' | 'unknown' | { since: number } | { until: number };

/** What Kubernetes 1.`minor` makes of a flag, written exactly so: k3s does not take `_` for `-`. */
export function flagVerdict(component: K3sComponent, flag: string, minor: number): FlagVerdict {
  const { names, since, until } = flagsOf(component);
  if (!names.has(flag)) return 'unknown';
  const first = since[flag];
  const last = until[flag];
  if (first !== undefined && minor < first) return { since: first };
  if (last !== undefined && minor > last) return { until: last };
  return 'known';
}

/** All names that any version knows, for suggestions. */
export function flagNames(component: K3sComponent): Iterable<string> {
  return flagsOf(component).names;
}
