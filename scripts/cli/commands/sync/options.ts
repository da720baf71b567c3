// What the flags of `hoist sync` mean, checked.

import { UsageError } from '../../../base/errors.ts';
import { nearest } from '../../../base/suggest.ts';
import type { DeletionPolicy } from '../../../fleet/deletion/guards.ts';
import type { Arguments } from '../../command.ts';

export interface SyncOptions {
  contexts: readonly ContextFlag[];
  kubeconfig: string | undefined;
  parameters: Readonly<Record<string, string>>;
  dryRun: boolean;
  strict: boolean;
  workers: number;
  attempts: number;
  policy: DeletionPolicy;
  /** Context of the hub, or `in-cluster`; undefined where sets and clusters come from files. */
  hub: string | undefined;
  watch: boolean;
  intervalMs: number;
  /** Where metrics, health and the page are served; undefined for nowhere. */
  listen: { host: string; port: number } | undefined;
  tokenFile: string | undefined;
  labels: Readonly<Record<string, string>>;
  name: string | undefined;
  namespace: string;
  copies: number;
  /** Identity of this shard; undefined where one process keeps the whole fleet. */
  shard: string | undefined;
}

export interface ContextFlag {
  name: string;
  labels: Readonly<Record<string, string>>;
}

const KINDS = ['Namespace', 'CustomResourceDefinition', 'PersistentVolume', 'PersistentVolumeClaim', 'Project'];

/** @throws UsageError */
export function syncOptions(args: Arguments): SyncOptions {
  const { values, all, switches } = args;
  return {
    contexts: (all['context'] ?? []).map(contextFlag),
    kubeconfig: values['kubeconfig'],
    parameters: Object.fromEntries((all['param'] ?? []).map((text) => pair(text, '--param'))),
    dryRun: switches['dry-run'] ?? false,
    strict: switches['strict'] ?? false,
    workers: positive(values['workers'] ?? '32', '--workers'),
    attempts: positive(values['attempts'] ?? '3', '--attempts'),
    policy: {
      max: maxDeletes(values['max-deletes'] ?? '50%'),
      confirmed: switches['confirm-deletes'] ?? false,
      kinds: new Set((all['allow-delete'] ?? []).map(protectedKind)),
    },
    hub: values['hub'],
    watch: switches['watch'] ?? false,
    intervalMs: interval(values['interval'] ?? '2h'),
    listen: values['listen'] === undefined ? undefined : address(values['listen']),
    tokenFile: values['token-file'],
    labels: Object.fromEntries((all['label'] ?? []).map((text) => pair(text, '--label'))),
    name: values['name'],
    namespace: values['namespace'] ?? 'hoist-sync',
    copies: positive(values['copies'] ?? '1', '--copies'),
    shard: values['shard'],
  };
}

function contextFlag(text: string): ContextFlag {
  const [name = '', ...labels] = text.split(',');
  if (name === '') throw new UsageError(`--context needs a name, not "${text}"`);
  return { name, labels: Object.fromEntries(labels.map((label) => pair(label, `--context ${name}`))) };
}

function pair(text: string, flag: string): [string, string] {
  const at = text.indexOf('=');
  if (at < 1) throw new UsageError(`${flag}: "${text}" is not NAME=VALUE`);
  return [text.slice(0, at), text.slice(at + 1)];
}

export function positive(text: string, flag: string): number {
  if (!/^[1-9]\d{0,6}$/.test(text)) throw new UsageError(`${flag} must be a whole number above 0, not "${text}"`);
  return Number(text);
}

function interval(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(s|m|h)$/.exec(text);
  const ms = Number(match?.[1]) * ({ s: 1_000, m: 60_000, h: 3_600_000 }[match?.[2] ?? ''] ?? NaN);
  if (ms >= 1_000 && ms <= 7 * 86_400_000) return ms;
  throw new UsageError(`--interval must be between 1s and 168h, like 30s, 10m or 2h, not "${text}"`);
}

function address(text: string): { host: string; port: number } {
  const match = /^(?:(\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]+):)?(\d{1,5})$/.exec(text);
  const port = Number(match?.[2]);
  if (match !== null && port <= 65_535) return { host: (match[1] ?? '127.0.0.1').replace(/^\[|\]$/g, ''), port };
  throw new UsageError(`--listen must be [HOST:]PORT, not "${text}"`);
}

function maxDeletes(text: string): DeletionPolicy['max'] {
  const share = /^(\d+(?:\.\d+)?)%$/.exec(text)?.[1];
  if (share !== undefined && Number(share) <= 100) return { share: Number(share) / 100 };
  if (/^\d+$/.test(text)) return { count: Number(text) };
  throw new UsageError(`--max-deletes must be a number or a share like 20%, not "${text}"`);
}

function protectedKind(text: string): string {
  if (KINDS.includes(text)) return text;
  const near = nearest(text, KINDS);
  throw new UsageError(
    `--allow-delete: ${text} needs no permission; ${near === undefined ? `these do: ${KINDS.join(', ')}` : `did you mean ${near}?`}`,
  );
}
