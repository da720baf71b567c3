// Whether a snapshot can be restored here: pure.

import { UsageError } from '../../../base/errors.ts';
import type { ClusterPlan } from '../../../plan/plan.ts';
import type { SnapshotManifest } from '../../snapshots/manifest.ts';
import { planDifferences } from '../differences.ts';

/** What is stored by one minor version may not be read by another. */
function minorOf(version: string): string {
  return version.split('.').slice(0, 2).join('.');
}

/** @throws UsageError with the reason. */
export function assertReadable(snapshot: SnapshotManifest, kubernetes: string): void {
  if (snapshot.provider !== 'embedded')
    throw new UsageError(`the snapshot "${snapshot.name}" is of a cluster of the provider ${snapshot.provider}`, {
      hint: `It can be restored into that cluster alone: \`hoist snapshot restore ${snapshot.name}\`.`,
    });
  if (minorOf(snapshot.kubernetes) === minorOf(kubernetes)) return;
  const versions = `Kubernetes ${snapshot.kubernetes}, and this would be ${kubernetes}`;
  throw new UsageError(
    `the snapshot "${snapshot.name}" is of ${versions}: stored objects differ between minor versions`,
    {
      hint: 'Restore it with the version of hoist that saved it.',
    },
  );
}

/** @throws UsageError with every difference. */
export function assertSamePlan(snapshot: SnapshotManifest, plan: ClusterPlan, hint: string): void {
  const differences = planDifferences({ ...snapshot.plan, kubernetes: plan.kubernetes }, plan);
  if (differences.length === 0) return;
  const lines = differences.map(({ what, have, want }) => `  ${what}: ${have} in the snapshot, ${want} here`);
  throw new UsageError(`the snapshot "${snapshot.name}" is of a cluster with other settings:\n${lines.join('\n')}`, {
    hint,
  });
}

/** The plan of a new cluster that is like the one in the snapshot. */
export function planFrom(snapshot: SnapshotManifest, name: string, kubernetes: string): ClusterPlan {
  return { ...snapshot.plan, name, kubernetes };
}
