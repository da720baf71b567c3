// The flags of `collect` and `preflight`, and which of them each of collect's verbs reads.

import { parseBytes } from '../../../settings/units.ts';
import { UsageError } from '../../../base/errors.ts';
import { didYouMean } from '../../../base/suggest.ts';
import { type Flag, type FlagValues, outputFlags } from '../../command.ts';

export const clusterFlags = [
  { name: 'kubeconfig', metavar: 'FILE', help: 'where the context is looked for [KUBECONFIG]' },
  {
    name: 'context',
    metavar: 'NAME',
    names: 'contexts',
    help: 'the cluster to look at; defaults to the current context',
  },
  { name: 'namespace', short: 'n', metavar: 'NAME', help: 'look at this namespace only' },
] as const satisfies readonly Flag[];

export const specFlags = [
  { name: 'values', metavar: 'FILE', many: true, help: 'values of templates in the specs; later files win' },
  { name: 'set', metavar: 'KEY=VALUE', many: true, help: 'one value of a template, like image.tag=v1' },
  { name: 'follow-uri', help: "read a spec's `uri` in its place; by itself nothing is fetched" },
  { name: 'strict', help: 'unknown kinds and keys are errors' },
] as const satisfies readonly Flag[];

export const clusterSpecFlags = [
  { name: 'load-cluster-specs', help: 'also the specs that Secrets and ConfigMaps of the cluster hold' },
  { name: 'selector', short: 'l', metavar: 'LABELS', help: 'which of those; all with the labels of troubleshoot.sh' },
] as const satisfies readonly Flag[];

export const runFlags = [
  { name: 'dry-run', help: 'only check the specs, and show what would be run' },
  { name: 'tokenize', help: 'hide each secret behind a token, the same for the same value, instead of ***HIDDEN***' },
  { name: 'concurrency', metavar: 'N', help: 'most collectors of the cluster at once [10]' },
  { name: 'timeout', metavar: 'DURATION', help: 'of all collectors together, like 5m [10m]' },
  { name: 'collector-timeout', metavar: 'DURATION', help: 'of one collector whose spec names none [60s for most]' },
] as const satisfies readonly Flag[];

export const contentFlags = [
  {
    name: 'redactors',
    metavar: 'SPEC',
    many: true,
    help: 'also the Redactors of this spec; its other documents are left out',
  },
  { name: 'since', metavar: 'DURATION', help: 'logs of that last time, like 2h, whatever the spec says' },
  { name: 'since-time', metavar: 'TIME', help: 'logs from this moment on, like 2026-01-02T03:04:05Z' },
] as const satisfies readonly Flag[];

const checkOutputFlag = {
  name: 'output',
  short: 'o',
  metavar: 'text|json|yaml|junit',
  help: 'json: one object per line on stdout, the rest on stderr; yaml, junit: the checks on stdout',
} as const satisfies Flag;

/** As `outputFlags`, with the formats that checks have beside. */
export const checkOutputFlags = [checkOutputFlag, outputFlags[1], outputFlags[2]] as const;

export const archiveFlag = {
  name: 'archive',
  metavar: 'FILE',
  help: 'the bundle to write; defaults to support-bundle-TIME.tar.gz',
} as const satisfies Flag;

const maxUnpackedFlag = {
  name: 'max-unpacked',
  metavar: 'SIZE',
  help: 'most bytes of a bundle that is read, unpacked, like 8GiB [2GiB]',
} as const satisfies Flag;

const failOnFlag = {
  name: 'fail-on',
  metavar: 'fail|warn',
  help: 'end with 3 or 4 where a check does not pass',
} as const satisfies Flag;

export const collectFlags = [
  archiveFlag,
  ...clusterFlags,
  ...specFlags,
  ...clusterSpecFlags,
  ...runFlags,
  ...contentFlags,
  { name: 'metadata', metavar: 'KEY=VALUE', many: true, help: 'goes into the bundle as metadata/user.json' },
  failOnFlag,
  maxUnpackedFlag,
  ...checkOutputFlags,
] as const;

export type ClusterFlags = FlagValues<typeof clusterFlags>;
export type SpecFlags = FlagValues<typeof specFlags>;
export type ClusterSpecFlags = FlagValues<typeof clusterSpecFlags>;
export type RunFlags = FlagValues<typeof runFlags>;
export type ContentFlags = FlagValues<typeof contentFlags>;
export type CollectFlags = FlagValues<typeof collectFlags>;

/** What is done with existing bundles, and the flags that it reads. */
const verbs = {
  analyze: [...clusterFlags, ...specFlags, failOnFlag, maxUnpackedFlag, ...checkOutputFlags],
  redact: [archiveFlag, ...clusterFlags, ...specFlags, runFlags[1], maxUnpackedFlag, ...outputFlags],
  diff: [maxUnpackedFlag, ...outputFlags],
  open: [maxUnpackedFlag, ...outputFlags],
} as const satisfies Record<string, readonly Flag[]>;
export type Verb = keyof typeof verbs;

export function verbOf(operand: string | undefined): Verb | undefined {
  return (Object.keys(verbs) as Verb[]).find((verb) => verb === operand);
}

/** @throws UsageError for each given flag that the verb does not read. */
export function checkFlags(
  verb: Verb,
  flags: Readonly<Record<string, boolean | string | undefined | readonly string[]>>,
): void {
  const read = new Set<string>(verbs[verb].map(({ name }) => name));
  const given = Object.entries(flags).filter(
    ([, value]) => value !== undefined && value !== false && !(Array.isArray(value) && value.length === 0),
  );
  const problems = given
    .filter(([name]) => !read.has(name))
    .map(([name]) => `\`collect ${verb}\` does not take --${name}${didYouMean(name, read, '--')}`);
  if (problems.length > 0) {
    const taken = verbs[verb].map(({ name }) => `--${name}`).join(', ');
    throw new UsageError(problems.join('\n'), { hint: `It takes ${taken}.` });
  }
}

/** @throws UsageError for another value of --fail-on. */
export function failOn({ 'fail-on': value }: Pick<CollectFlags, 'fail-on'>): 'fail' | 'warn' | undefined {
  if (value !== undefined && value !== 'fail' && value !== 'warn')
    throw new UsageError(`--fail-on must be fail or warn, not "${value}"`);
  return value;
}

/** Bytes that a bundle may have, unpacked; undefined where the flag is not given. @throws UsageError for what is no size */
export function maxUnpacked({ 'max-unpacked': value }: Pick<CollectFlags, 'max-unpacked'>): number | undefined {
  if (value === undefined) return undefined;
  const bytes = parseBytes(value);
  if (bytes === undefined) throw new UsageError(`--max-unpacked must be a size like 8GiB, not "${value}"`);
  return bytes;
}
