// Snapshots of embedded clusters: everything that the API stores, read from etcd at one revision.

import { UsageError } from '../../../base/errors.ts';
import { isAlive } from '../../../host/daemon.ts';
import { PINS } from '../../../tools/pins.ts';
import type { ClusterPlan } from '../../../plan/plan.ts';
import type { Resumption, Situation, Snapshots, StepInputs } from '../../provider.ts';
import type { Step } from '../../../engine/step.ts';
import type { SnapshotManifest } from '../../snapshots/manifest.ts';
import type { Entry } from '../../snapshots/records.ts';
import type { SnapshotStore } from '../../snapshots/store.ts';
import { EtcdClient } from '../etcd/etcd-client.ts';
import type { Layout } from '../layout.ts';
import { readState } from '../state.ts';
import { ROOT, isContent } from './content.ts';
import { assertReadable, assertSamePlan, planFrom } from './fit.ts';
import { identityOf } from './snapshot-steps.ts';

/** What snapshots need of the provider. */
interface Clusters {
  store: SnapshotStore;
  layout: (name: string) => Layout;
  inspect: (plan: ClusterPlan) => Promise<Situation>;
  steps: (plan: ClusterPlan, inputs: StepInputs) => Promise<Step[]>;
}

export function embeddedSnapshots({ store, layout: layoutOf, inspect, steps }: Clusters): Snapshots {
  return {
    forNew: true,
    async save(name, snapshot, signal) {
      const layout = layoutOf(name);
      const state = await readState(layout.state);
      if (!state) return undefined;
      const { etcd } = state.processes;
      if (!etcd || !(await isAlive(etcd))) throw notRunning(name);
      if (state.restoring !== undefined) throw halfRestored(name, state.restoring);
      const { plan } = state;
      const described = {
        cluster: name,
        provider: 'embedded' as const,
        kubernetes: plan.kubernetes,
        identity: await identityOf(layout),
        plan,
      };
      return store.save(snapshot, described, contentOf(layout.root, signal));
    },
    async restore(name, snapshot): Promise<Resumption> {
      const state = await readState(layoutOf(name).state);
      const kubernetes = state?.plan.kubernetes ?? PINS['kube-apiserver'].version;
      assertReadable(snapshot, kubernetes);
      if (state) assertSamePlan(snapshot, state.plan, 'Restore it beside this cluster: `--name` names a new one.');
      await store.verifyFirst(snapshot);
      const plan = state?.plan ?? planFrom(snapshot, name, kubernetes);
      const situation = await inspect(plan);
      return { situation, steps: (inputs) => steps(plan, { ...inputs, situation, from: snapshot.name }) };
    },
  };
}

/** What a cluster that `up` makes from a snapshot has of it: the nodes, whose names are in other objects. */
export function plannedFrom(snapshot: SnapshotManifest, plan: ClusterPlan): ClusterPlan {
  assertReadable(snapshot, plan.kubernetes);
  assertSamePlan(snapshot, plan, 'Change the settings, or restore it as it is: `hoist snapshot restore`.');
  return { ...plan, nodes: snapshot.plan.nodes };
}

/** All pages are of the revision of the first one. */
async function* contentOf(folder: string, signal: AbortSignal): AsyncGenerator<Entry[]> {
  const etcd = new EtcdClient(folder);
  try {
    for await (const page of etcd.keys(ROOT, { signal })) {
      signal.throwIfAborted();
      yield page.filter(isContent);
    }
  } finally {
    await etcd.close();
  }
}

function notRunning(name: string): UsageError {
  return new UsageError(`cluster "${name}" is stopped, and a snapshot is taken of one that runs`, {
    hint: `\`hoist start ${name}\` starts it.`,
  });
}

function halfRestored(name: string, snapshot: string): UsageError {
  return new UsageError(`cluster "${name}" may have half of the snapshot "${snapshot}": its restore did not end`, {
    hint: `\`hoist start ${name}\` ends it.`,
  });
}
