// The embedded provider: a real control plane as plain processes with simulated nodes; no Docker, no root.

import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Step } from '../../engine/step.ts';
import { CreationError, UsageError } from '../../base/errors.ts';
import { isClusterName } from '../../base/names.ts';
import { stopDaemon } from '../../host/daemon.ts';
import { endGroup } from '../../host/group.ts';
import { type OwnedFolder, findOwned, removeOwned } from '../../host/files/owned-folder.ts';
import { stateHome } from '../../host/paths.ts';
import type { Finding } from '../../host/preflight/finding.ts';
import type { ClusterPlan } from '../../plan/plan.ts';
import type { Argument } from '../../plan/tuning.ts';
import type {
  ClusterStatus,
  PlannedValue,
  PreparedCluster,
  Provider,
  Resumption,
  Situation,
  Snapshots,
  StepInputs,
  Stopped,
} from '../provider.ts';
import { SnapshotStore, noSuchSnapshot } from '../snapshots/store.ts';
import { refuseFixedFlags } from './processes/arguments.ts';
import { planDifferences } from './differences.ts';
import { type Layout, layoutOf } from './layout.ts';
import { checkMachine } from './preflight.ts';
import { deadProcesses, suspendedProcesses } from './processes/processes.ts';
import { readState } from './state.ts';
import { clusterStatus } from './status.ts';
import { embeddedSnapshots, plannedFrom } from './snapshot/snapshots.ts';
import { embeddedSteps } from './steps.ts';
import { processesBelow } from './processes/orphans.ts';
import type { EmbeddedDeps } from './run.ts';

/** Only etcd has data: the others may be ended at once, and kube-apiserver would take up to a minute. */
const GRACE_MS = 250;
/** Until etcd has written what it holds. */
const ETCD_GRACE_MS = 5_000;

type GivenDeps = Pick<EmbeddedDeps, 'exec' | 'tools'>;

export function embeddedProvider(deps: GivenDeps): Provider {
  return new EmbeddedProvider(deps);
}

class EmbeddedProvider implements Provider {
  readonly name = 'embedded';
  readonly #deps: EmbeddedDeps;
  /** One folder a cluster. */
  readonly #clusters: string;

  readonly snapshots: Snapshots;

  constructor({ exec, tools }: GivenDeps) {
    const home = stateHome(tools.env);
    const snapshots = new SnapshotStore(home);
    this.#deps = { exec, tools, snapshots, sharedPair: join(home, 'pki', 'serving.pem') };
    this.#clusters = join(home, 'clusters');
    this.snapshots = embeddedSnapshots({
      store: snapshots,
      layout: (name) => this.#layout(name),
      inspect: (plan) => this.#inspect(plan),
      steps: (plan, inputs) => this.#steps(plan, inputs),
    });
  }

  prepare(plan: ClusterPlan): Promise<PreparedCluster> {
    return Promise.resolve({
      inspect: () => this.#inspect(plan),
      describe: () => Promise.resolve({ title: 'Component arguments', values: argumentValues(plan), commands: [] }),
      steps: async (inputs) => {
        refuseFixedFlags(plan);
        const { plan: planned, from } = await this.#planned(plan, inputs);
        return this.#steps(planned, { ...inputs, from });
      },
    });
  }

  async preflight(plan: ClusterPlan, signal: AbortSignal): Promise<Finding[]> {
    return checkMachine(plan, await this.#inspect(plan), this.#deps.tools, signal);
  }

  async remove(name: string): Promise<boolean> {
    const { root, state: stateFile } = this.#layout(name);
    const owned: OwnedFolder = { parent: this.#clusters, name, records: [basename(stateFile)] };
    // Before anything ends: what is not a cluster of hoist's has no processes of hoist's.
    await findOwned(owned);
    const state = await readState(stateFile).catch((error: unknown) => {
      // A damaged state must not keep its cluster from being removed: the processes below its folder are all of it then.
      if (error instanceof CreationError) return undefined;
      throw error;
    });
    const known = Object.values(state?.processes ?? {});
    await Promise.all(known.map((handle) => stopDaemon(handle, { graceMs: GRACE_MS })));
    await Promise.all((await processesBelow(root)).map((pid) => endGroup(pid, GRACE_MS)));
    return removeOwned(owned);
  }

  async stop(name: string): Promise<Stopped | undefined> {
    const { root, state: stateFile } = this.#layout(name);
    const state = await readState(stateFile);
    if (!state) return undefined;
    const { etcd, ...others } = state.processes;
    const ended = await Promise.all(Object.values(others).map((handle) => stopDaemon(handle, { graceMs: GRACE_MS })));
    // Last, since the others write into it.
    if (etcd) ended.push(await stopDaemon(etcd, { graceMs: ETCD_GRACE_MS }));
    const orphans = await processesBelow(root);
    await Promise.all(orphans.map((pid) => endGroup(pid, GRACE_MS)));
    return orphans.length > 0 || ended.some(Boolean) ? 'stopped' : 'already';
  }

  async resume(name: string): Promise<Resumption | undefined> {
    const state = await readState(this.#layout(name).state);
    if (!state) return undefined;
    const situation = await this.#inspect(state.plan);
    return {
      situation,
      steps: (inputs) => this.#steps(state.plan, { ...inputs, situation, from: state.restoring }),
    };
  }

  async list(): Promise<string[]> {
    const entries = await readdir(this.#clusters, { withFileTypes: true }).catch(() => []);
    return entries.filter((e) => e.isDirectory() && isClusterName(e.name)).map((e) => e.name);
  }

  status(name: string, signal?: AbortSignal): Promise<ClusterStatus | undefined> {
    return clusterStatus(name, this.#layout(name), signal);
  }

  kubeconfigFile(name: string): string {
    return this.#layout(name).kubeconfig;
  }

  logsFolder(name: string): string {
    return this.#layout(name).logs;
  }

  #layout(name: string): Layout {
    return layoutOf(this.#clusters, name);
  }

  /** The plan with the nodes that the cluster has, or that the snapshot has which it begins with. */
  async #planned(
    plan: ClusterPlan,
    { situation, from }: StepInputs,
  ): Promise<Pick<StepInputs, 'from'> & { plan: ClusterPlan }> {
    const known = situation.kind === 'different' ? undefined : await readState(this.#layout(plan.name).state);
    if (known && from !== undefined && known.from !== from) throw madeOtherwise(plan.name, from);
    if (known) return { plan: { ...plan, nodes: known.plan.nodes }, from: known.restoring };
    const snapshot = from === undefined ? undefined : await this.#deps.snapshots.read(from);
    if (from !== undefined && !snapshot) throw noSuchSnapshot(from, await this.#deps.snapshots.names());
    if (!snapshot) return { plan, from };
    const planned = plannedFrom(snapshot, plan);
    await this.#deps.snapshots.verifyFirst(snapshot);
    return { plan: planned, from };
  }

  #steps(plan: ClusterPlan, inputs: StepInputs): Promise<Step[]> {
    const run = { plan, layout: this.#layout(plan.name), inputs, deps: this.#deps };
    return embeddedSteps(run, async () => {
      await this.remove(plan.name);
    });
  }

  async #inspect(plan: ClusterPlan): Promise<Situation> {
    const state = await readState(this.#layout(plan.name).state);
    if (!state) return { kind: 'absent' };
    const differences = planDifferences(state.plan, plan);
    if (differences.length > 0) return { kind: 'different', differences };
    const dead = await deadProcesses(state);
    const { restoring } = state;
    const reasons = [
      ...dead.map((name) => `${name} does not run`),
      ...suspendedProcesses(state)
        .filter((name) => !dead.includes(name))
        .map((name) => `${name} is suspended`),
      ...(restoring === undefined ? [] : [`the snapshot "${restoring}" was not restored to its end`]),
    ];
    return reasons.length === 0 ? { kind: 'same' } : { kind: 'damaged', reasons };
  }
}

function madeOtherwise(name: string, snapshot: string): UsageError {
  return new UsageError(`cluster "${name}" exists, and was not made from the snapshot "${snapshot}"`, {
    hint: `\`hoist snapshot restore ${snapshot} --name ${name}\` replaces its content.`,
  });
}

/** The arguments and variables of the plan; those that hoist itself needs are not among them. */
function argumentValues({ components, environment = [] }: ClusterPlan): PlannedValue[] {
  const value = (name: string, { value: text, source, reason }: Argument): PlannedValue => ({
    name,
    value: text,
    source: `${source}: ${reason}`,
  });
  return [
    ...environment.map((one) => value(`all, environment ${one.flag}`, one)),
    ...Object.entries(components).flatMap(([component, list]) =>
      list.map((one) => value(`${component} --${one.flag}`, one)),
    ),
  ];
}
