// How drift is shown: a line for each thing that differs, and below it what is live and what `up` would make of it. Pure.

import type { TreeDifference } from '../../../base/tree-diff.ts';
import { count } from '../../../base/units.ts';
import { type Drift, type ObjectDrift, isDrift } from '../../../cluster/diff.ts';

/** The last line is the summary. */
export function driftLines(drift: Drift, cluster: string): string[] {
  const { objects, releases } = drift.compared;
  const compared = `${count(objects, 'object')} and ${count(releases, 'release')} compared`;
  if (!isDrift(drift)) return [`cluster "${cluster}" is as \`up\` would make it: ${compared}`];
  const different = drift.cluster.length + drift.objects.length + drift.releases.length;
  return [
    ...drift.cluster.map(({ what, have, want }) => `~ cluster: ${what}: ${have} → ${want}`),
    ...drift.objects.flatMap(objectLines),
    ...drift.releases.flatMap(({ kind, namespace, name, changes }) => [
      `${kind === 'missing' ? '+' : '~'} release ${namespace}/${name}${kind === 'missing' ? ' does not exist' : ''}`,
      ...changes.map(changeLine),
    ]),
    `cluster "${cluster}": ${count(different, 'difference')}, ${compared}`,
  ];
}

function objectLines({ kind, title, where, changes, reason }: ObjectDrift): string[] {
  switch (kind) {
    case 'missing':
      return [`+ ${title} does not exist (${where})`];
    case 'refused':
      return [`! ${title} would be refused (${where}): ${reason ?? 'no reason is given'}`];
    case 'changed':
      return [`~ ${title} (${where})`, ...changes.map(changeLine)];
  }
}

function changeLine({ path, have, want }: TreeDifference): string {
  return `    ${path}: ${shown(have)} → ${shown(want)}`;
}

const LONGEST = 200;

function shown(value: unknown): string {
  if (value === undefined) return '(not there)';
  const text = JSON.stringify(value);
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}
