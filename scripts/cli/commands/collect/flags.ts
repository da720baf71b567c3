// The flags that `collect` and `preflight` share.

import type { Flag } from '../../command.ts';

export const clusterFlags: readonly Flag[] = [
  { name: 'kubeconfig', metavar: 'FILE', help: 'where the context is looked for [KUBECONFIG]' },
  { name: 'context', metavar: 'NAME', help: 'the cluster to look at; the current context where not given' },
  { name: 'namespace', short: 'n', metavar: 'NAME', help: 'look at this namespace only' },
];

export const specFlags: readonly Flag[] = [
  { name: 'values', metavar: 'FILE', help: 'values of templates in the specs; more than once, later ones win' },
  { name: 'set', metavar: 'KEY=VALUE', help: 'one value of a template, like image.tag=v1' },
  { name: 'follow-uri', help: "read a spec's `uri` in its place; by itself nothing is fetched" },
  { name: 'strict', help: 'unknown kinds and keys are errors' },
  { name: 'dry-run', help: 'only check the specs, and show what would be run' },
];

export const runFlags: readonly Flag[] = [
  { name: 'tokenize', help: 'hide each secret behind a token, the same for the same value, instead of ***HIDDEN***' },
  { name: 'concurrency', metavar: 'N', help: 'most collectors of the cluster at once [10]' },
  { name: 'timeout', metavar: 'DURATION', help: 'of all collectors together, like 5m [10m]' },
  { name: 'collector-timeout', metavar: 'DURATION', help: 'of one collector whose spec names none [60s for most]' },
];

/** What is done with existing bundles. */
export const verbs = ['analyze', 'redact', 'diff'] as const;
export type Verb = (typeof verbs)[number];
