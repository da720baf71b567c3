// The embedded provider: a real control plane as plain processes with simulated nodes; no Docker, no root.

import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Step } from '../../engine/step.ts';
import { CreationError } from '../../base/errors.ts';
import { isClusterName } from '../../base/names.ts';
import { stopDaemon } from '../../host/daemon.ts';
import { endGroup } from '../../host/group.ts';
import { type OwnedFolder, findOwned, removeOwned } from '../../host/owned-folder.ts';
import { stateHome } from '../../host/paths.ts';
import type { ClusterPlan } from '../../plan/plan.ts';
import type { Provider, Situation, StepInputs } from '../provider.ts';
import { refuseFixedFlags } from './arguments.ts';
import { planDifferences } from './differences.ts';
import { type Layout, layoutOf } from './layout.ts';
import { checkMachine } from './preflight.ts';
import { deadProcesses } from './processes.ts';
import { readState } from './state.ts';
import { clusterStatus } from './status.ts';
import { type EmbeddedDeps, embeddedSteps } from './steps.ts';
import { processesBelow } from './strays.ts';

/** Nobody but etcd has data, so nobody needs long to say goodbye; kube-apiserver would take up to a minute. */
const GRACE_MS = 250;
/** Until etcd has written what it holds. */
const ETCD_GRACE_MS = 5_000;

export function embeddedProvider({ exec, tools }: Omit<EmbeddedDeps, 'sharedPair'>): Provider {
  const home = stateHome(tools.env);
  const deps = { exec, tools, sharedPair: join(home, 'pki', 'serving.pem') };
  const clusters = join(home, 'clusters');
  const layout = (name: string): Layout => layoutOf(clusters, name);

  const remove = async (name: string): Promise<boolean> => {
    const { root, state: stateFile } = layout(name);
    const owned: OwnedFolder = { parent: clusters, name, records: [basename(stateFile)] };
    // Before anything ends: what is not a cluster of hoist's has no processes of hoist's.
    await findOwned(owned);
    const state = await readState(stateFile).catch((error: unknown) => {
      // A damaged state must not keep its cluster from being removed: the strays below are all of it then.
      if (error instanceof CreationError) return undefined;
      throw error;
    });
    const known = Object.values(state?.processes ?? {});
    await Promise.all(known.map((handle) => stopDaemon(handle, { graceMs: GRACE_MS })));
    await Promise.all((await processesBelow(root)).map((pid) => endGroup(pid, GRACE_MS)));
    return removeOwned(owned);
  };

  const inspect = async (plan: ClusterPlan): Promise<Situation> => {
    const state = await readState(layout(plan.name).state);
    if (!state) return { kind: 'absent' };
    const differences = planDifferences(state.plan, plan);
    if (differences.length > 0) return { kind: 'different', differences };
    const dead = await deadProcesses(state);
    if (dead.length === 0) return { kind: 'same' };
    return { kind: 'damaged', reasons: dead.map((name) => `${name} does not run`) };
  };

  const stepsOf = (plan: ClusterPlan, inputs: StepInputs): Promise<Step[]> =>
    embeddedSteps(plan, layout(plan.name), inputs, deps, async () => {
      await remove(plan.name);
    });

  return {
    name: 'embedded',
    inspect,
    preflight: async (plan, signal) => checkMachine(plan, await inspect(plan), tools, signal),
    async steps(plan, inputs) {
      refuseFixedFlags(plan);
      return stepsOf(plan, inputs);
    },
    remove,
    async stop(name) {
      const { root, state: stateFile } = layout(name);
      const state = await readState(stateFile);
      if (!state) return undefined;
      const { etcd, ...others } = state.processes;
      const ended = await Promise.all(Object.values(others).map((handle) => stopDaemon(handle, { graceMs: GRACE_MS })));
      // Last, since the others write into it.
      if (etcd) ended.push(await stopDaemon(etcd, { graceMs: ETCD_GRACE_MS }));
      const strays = await processesBelow(root);
      await Promise.all(strays.map((pid) => endGroup(pid, GRACE_MS)));
      return strays.length > 0 || ended.some(Boolean) ? 'stopped' : 'already';
    },
    async resume(name) {
      const state = await readState(layout(name).state);
      if (!state) return undefined;
      const situation = await inspect(state.plan);
      return { situation, steps: (inputs) => stepsOf(state.plan, { ...inputs, situation }) };
    },
    async list() {
      const entries = await readdir(clusters, { withFileTypes: true }).catch(() => []);
      return entries.filter((e) => e.isDirectory() && isClusterName(e.name)).map((e) => e.name);
    },
    status: (name, signal) => clusterStatus(name, layout(name), signal),
    kubeconfigFile: (name) => layout(name).kubeconfig,
  };
}
