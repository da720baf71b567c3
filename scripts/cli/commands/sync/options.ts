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

function positive(text: string, flag: string): number {
  if (!/^[1-9]\d{0,6}$/.test(text)) throw new UsageError(`${flag} must be a whole number above 0, not "${text}"`);
  return Number(text);
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
