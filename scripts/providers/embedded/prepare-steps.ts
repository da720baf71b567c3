// The steps before any process runs: arguments, folder, ports, keys, certificate, kubeconfigs of the components.

import { existsSync } from 'node:fs';
import { makeFolder } from '../../host/files/make-folder.ts';

import type { Step } from '../../engine/step.ts';
import { writeAtomic } from '../../host/files/files.ts';
import { freePorts, isFree } from '../../host/ports.ts';
import type { ClusterPlan } from '../../plan/plan.ts';
import { checkUserFlags, processesWithUserFlags } from './processes/arguments.ts';
import type { Layout } from './layout.ts';
import { ensureCredentials, provideCertificate, writeComponentKubeconfigs } from './pki.ts';
import { deadProcesses, Processes } from './processes/processes.ts';
import type { EmbeddedRun } from './run.ts';
import { stagesText } from './stages.ts';
import { type ClusterState, type Ports, type ProcessName, processNames, readState } from './state.ts';

/** Asks the binaries whether they know the user's arguments; nothing where there are none. */
export function argumentSteps(run: EmbeddedRun): Step[] {
  const flagged = processesWithUserFlags(run.plan);
  if (flagged.length === 0) return [];
  return [
    {
      name: 'arguments',
      needs: flagged.flatMap((name) => run.tool(name)),
      async run({ signal }) {
        const files = await Promise.all(processNames.map(async (name) => [name, await run.file(name)] as const));
        const byName = Object.fromEntries(files) as Record<ProcessName, string>;
        await checkUserFlags(run.plan, byName, run.deps.exec, signal);
      },
    },
  ];
}

export function prepareStep(run: EmbeddedRun, needs: readonly string[]): Step {
  const { plan, layout } = run;
  return {
    name: 'prepare',
    needs,
    async run() {
      await makeFolder(layout.root, 0o700);
      const state = await prepareState(plan, layout);
      const { from } = run.inputs;
      // From the first moment: a run that is killed leaves a cluster which is known to have no content yet.
      if (from !== undefined && run.inputs.situation.kind === 'absent') Object.assign(state, { from, restoring: from });
      const processes = new Processes(layout, state);
      const server = `https://127.0.0.1:${state.ports.apiserver}`;
      // First of all: by this file the folder is known as hoist's.
      await processes.save();
      const tokens = await ensureCredentials(layout);
      run.begin({ state, processes, tokens, server });
    },
  };
}

export function certificateStep({ layout, deps: { exec, sharedPair } }: EmbeddedRun): Step {
  return {
    name: 'certificate',
    needs: ['prepare'],
    async run({ signal, note }) {
      if (existsSync(layout.certificate)) note('kept');
      else if (!(await provideCertificate(exec, sharedPair, layout, signal)))
        note('openssl is missing: kube-apiserver makes its own');
    },
  };
}

export function credentialsStep(run: EmbeddedRun): Step {
  return {
    name: 'credentials',
    needs: ['prepare'],
    async run() {
      const { server, tokens } = run.started;
      const stages = writeAtomic(run.layout.stages, stagesText());
      await Promise.all([writeComponentKubeconfigs(run.layout, server, tokens), stages]);
    },
  };
}

/** The state that is there, with ports of dead processes chosen again where another process has them; else a new one. */
async function prepareState(plan: ClusterPlan, layout: Layout): Promise<ClusterState> {
  const known = await readState(layout.state);
  if (!known) {
    const [apiserver = 0, controllerManager = 0, scheduler = 0] = await freePorts(3);
    const ports = { apiserver, controllerManager, scheduler };
    return { version: 1, createdAt: new Date().toISOString(), plan, ports, processes: {} };
  }
  const dead = await deadProcesses(known);
  const owners: Record<keyof Ports, ProcessName> = {
    apiserver: 'kube-apiserver',
    controllerManager: 'kube-controller-manager',
    scheduler: 'kube-scheduler',
  };
  for (const port of Object.keys(owners) as (keyof Ports)[]) {
    if (!dead.includes(owners[port]) || (await isFree(known.ports[port]))) continue;
    [known.ports[port] = 0] = await freePorts(1);
  }
  return { ...known, plan };
}
