// The steps that make an embedded cluster, or heal one: reads like its table of contents.

import type { Step } from '../../engine/step.ts';
import { toolSteps } from '../../tools/tool-steps.ts';
import {
  apiStep,
  controllerManagerStep,
  etcdStep,
  kubeconfigStep,
  nodeSteps,
  processStep,
} from './control-plane-steps.ts';
import { argumentSteps, certificateStep, credentialsStep, prepareStep } from './prepare-steps.ts';
import { seedSteps } from './seed/seed-steps.ts';
import { EmbeddedRun, type RunInputs } from './run.ts';
import { RESTORE_STEP, restoreStep } from './snapshot/snapshot-steps.ts';
import { processNames } from './state.ts';

/** @param removeOld removes a cluster of this name that differs from the plan. */
export async function embeddedSteps(
  inputs: Omit<RunInputs, 'provided'>,
  removeOld: (signal: AbortSignal) => Promise<void>,
): Promise<Step[]> {
  const provisioning = await toolSteps(processNames, inputs.deps.tools);
  const run = new EmbeddedRun({ ...inputs, provided: namesOf(provisioning) });
  const checks = argumentSteps(run);
  const { from } = inputs.inputs;
  const seed = from === undefined ? seedSteps(run) : [restoreStep(run, from)];
  const restored = from === undefined ? [] : [RESTORE_STEP];
  const removal = inputs.inputs.situation.kind === 'different' ? [removeStep(namesOf(checks), removeOld)] : [];
  return [
    ...provisioning,
    ...checks,
    ...removal,
    prepareStep(run, namesOf([...checks, ...removal])),
    etcdStep(run),
    ...seed,
    certificateStep(run),
    processStep(run, 'kube-apiserver', 'certificate', ...restored),
    apiStep(run, namesOf(seed.slice(0, 1))),
    credentialsStep(run),
    controllerManagerStep(run),
    processStep(run, 'kube-scheduler', 'api', 'credentials'),
    processStep(run, 'kwok', 'api', 'credentials'),
    kubeconfigStep(run),
    ...nodeSteps(run),
  ];
}

const namesOf = (steps: readonly Step[]): string[] => steps.map(({ name }) => name);

function removeStep(needs: readonly string[], removeOld: (signal: AbortSignal) => Promise<void>): Step {
  return { name: 'remove', needs, run: ({ signal }) => removeOld(signal) };
}
