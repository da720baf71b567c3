// What the flags of `hoist sync` mean, checked.

import { UsageError } from '../../../base/errors.ts';
import { nearest } from '../../../base/suggest.ts';
import type { DeletionPolicy } from '../../../fleet/deletion/guards.ts';
import { checkName } from '../../../fleet/hub/adopt.ts';
import type { SyncFlags } from './flags.ts';

/** Where a fleet of files is. */
export interface FleetOptions {
  contexts: readonly ContextFlag[];
  kubeconfig: string | undefined;
  parameters: Readonly<Record<string, string>>;
}

/** How clusters are worked on. */
export interface PassFlags {
  dryRun: boolean;
  strict: boolean;
  workers: number;
  attempts: number;
  policy: DeletionPolicy;
  intervalMs: number;
}

/** Where metrics, health and the page are served; the address is undefined for nowhere. */
export interface PageFlags {
  listen: { host: string; port: number } | undefined;
  tokenFile: string | undefined;
}

export interface ContextFlag {
  name: string;
  labels: Readonly<Record<string, string>>;
}

const KINDS = ['Namespace', 'CustomResourceDefinition', 'PersistentVolume', 'PersistentVolumeClaim', 'Project'];

/** @throws UsageError */
export function fleetOptions(flags: Pick<SyncFlags, 'context' | 'kubeconfig' | 'param'>): FleetOptions {
  return {
    contexts: flags.context.map(contextFlag),
    kubeconfig: flags.kubeconfig,
    parameters: parameters(flags),
  };
}

/** @throws UsageError */
export function parameters({ param }: Pick<SyncFlags, 'param'>): Record<string, string> {
  return pairs(param, '--param');
}

/** `interval` and `attempts` are read by one form each: a fleet that is kept, and a run that ends. */
type PassFlagValues = Pick<
  SyncFlags,
  'dry-run' | 'strict' | 'workers' | 'max-deletes' | 'confirm-deletes' | 'allow-delete'
> &
  Partial<Pick<SyncFlags, 'attempts' | 'interval'>>;

/** @throws UsageError */
export function passFlags(flags: PassFlagValues): PassFlags {
  return {
    dryRun: flags['dry-run'],
    strict: flags.strict,
    workers: positive(flags.workers ?? '32', '--workers'),
    attempts: positive(flags.attempts ?? '3', '--attempts'),
    policy: {
      max: countOrShare(flags['max-deletes'] ?? '50%', '--max-deletes'),
      confirmed: flags['confirm-deletes'],
      kinds: new Set(flags['allow-delete'].map(protectedKind)),
    },
    intervalMs: duration(flags.interval ?? '2h', '--interval'),
  };
}

/** @throws UsageError */
export function pageFlags(flags: Pick<SyncFlags, 'listen' | 'token-file'>): PageFlags {
  return { listen: flags.listen === undefined ? undefined : address(flags.listen), tokenFile: flags['token-file'] };
}

/** Where `adopt` and `deploy` write, and where shards have their Leases. @throws UsageError */
export function namespaceOf({ namespace }: Pick<SyncFlags, 'namespace'>): string {
  return checkName('--namespace', namespace ?? 'hoist-sync');
}

/** @throws UsageError */
export function pairs(texts: readonly string[], flag: string): Record<string, string> {
  return Object.fromEntries(texts.map((text) => pair(text, flag)));
}

function contextFlag(text: string): ContextFlag {
  const [name = '', ...labels] = text.split(',');
  if (name === '') throw new UsageError(`--context needs a name, not "${text}"`);
  return { name, labels: pairs(labels, `--context ${name}`) };
}

/** @throws UsageError */
export function pair(text: string, flag: string): [string, string] {
  const at = text.indexOf('=');
  if (at < 1) throw new UsageError(`${flag}: "${text}" is not NAME=VALUE`);
  return [text.slice(0, at), text.slice(at + 1)];
}

export function positive(text: string, flag: string): number {
  if (!/^[1-9]\d{0,6}$/.test(text)) throw new UsageError(`${flag} must be a whole number above 0, not "${text}"`);
  return Number(text);
}

/** In ms. @throws UsageError */
export function duration(text: string, flag: string): number {
  const match = /^(\d+(?:\.\d+)?)(s|m|h)$/.exec(text);
  const ms = Number(match?.[1]) * ({ s: 1_000, m: 60_000, h: 3_600_000 }[match?.[2] ?? ''] ?? NaN);
  if (ms >= 1_000 && ms <= 7 * 86_400_000) return ms;
  throw new UsageError(`${flag} must be between 1s and 168h, like 30s, 10m or 2h, not "${text}"`);
}

function address(text: string): { host: string; port: number } {
  const match = /^(?:(\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]+):)?(\d{1,5})$/.exec(text);
  const port = Number(match?.[2]);
  if (match !== null && port <= 65_535) return { host: (match[1] ?? '127.0.0.1').replace(/^\[|\]$/g, ''), port };
  throw new UsageError(`--listen must be [HOST:]PORT, not "${text}"`);
}

/** @throws UsageError */
export function countOrShare(text: string, flag: string): { count: number } | { share: number } {
  const share = /^(\d+(?:\.\d+)?)%$/.exec(text)?.[1];
  if (share !== undefined && Number(share) <= 100) return { share: Number(share) / 100 };
  if (/^\d+$/.test(text)) return { count: Number(text) };
  throw new UsageError(`${flag} must be a number or a share like 20%, not "${text}"`);
}

function protectedKind(text: string): string {
  if (KINDS.includes(text)) return text;
  const near = nearest(text, KINDS);
  throw new UsageError(
    `--allow-delete: ${text} needs no permission; ${near === undefined ? `these do: ${KINDS.join(', ')}` : `did you mean ${near}?`}`,
  );
}
