// Compares the plan of a cluster that is there with a new one: pure.

import { bytesText } from '../../base/units.ts';
import type { ClusterPlan } from '../../plan/plan.ts';
import type { Component } from '../../plan/tuning.ts';
import type { ClusterDifference } from '../provider.ts';

export function planDifferences(have: ClusterPlan, want: ClusterPlan): ClusterDifference[] {
  // Their names are those of the cluster that they were made for: one from a snapshot has that of another.
  const nodes = (plan: ClusterPlan): string =>
    plan.nodes.map((n) => `${n.role} (${n.cpus} CPUs, ${bytesText(n.memoryBytes)})`).join(', ');
  return [
    ...difference('provider', have.provider, want.provider),
    ...difference('Kubernetes', have.kubernetes, want.kubernetes),
    ...difference('nodes', nodes(have), nodes(want)),
    ...difference('environment', environment(have), environment(want)),
    ...(Object.keys(want.components) as Component[]).flatMap((component) => argumentDifferences(component, have, want)),
  ];
}

function environment(plan: ClusterPlan): string {
  return (plan.environment ?? []).map((a) => `${a.flag}=${a.value}`).join(' ') || 'not set';
}

function argumentDifferences(component: Component, have: ClusterPlan, want: ClusterPlan): ClusterDifference[] {
  const values = (plan: ClusterPlan): Map<string, string> =>
    new Map(plan.components[component].map((a) => [a.flag, a.value]));
  const [before, after] = [values(have), values(want)];
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((flag) =>
    difference(`${component} --${flag}`, before.get(flag) ?? 'not set', after.get(flag) ?? 'not set'),
  );
}

function difference(what: string, have: string, want: string): ClusterDifference[] {
  return have === want ? [] : [{ what, have, want }];
}
