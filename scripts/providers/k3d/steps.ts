// The steps of one run, in the order in which they depend on each other: reads like a table of contents.

import type { Step } from '../../engine/step.ts';
import { stateHome } from '../../host/paths.ts';
import { locateTool } from '../../tools/locate.ts';
import { pinOf, type ToolOptions } from '../../tools/options.ts';
import { toolStepName, toolSteps } from '../../tools/tool-steps.ts';
import type { Situation, StepInputs } from '../provider.ts';
import { SnapshotStore } from '../snapshots/store.ts';
import { accessSteps } from './access/access.ts';
import { cacheSteps, JOIN_STEP } from './caches/cache-steps.ts';
import { CREATE_STEP, createSteps, K3D_STEP, START_STEP, startSteps } from './create/create.ts';
import { pullStepName, pullSteps } from './create/prepull.ts';
import { serviceImageSteps } from './create/service-images.ts';
import { HALF_MADE } from './inspect.ts';
import { assertFit, checkK3d } from './k3d-checks.ts';
import { healStep } from './nodes/heal.ts';
import { nodeImagesStep } from './offline/node-step.ts';
import { neededImages, type NeededImage } from './plan/images.ts';
import { removeCluster } from './remove.ts';
import type { K3dRun, Mode } from './run.ts';
import { imagesOfSnapshot, restartsWithin, restored, restoreStep } from './snapshot/restore.ts';
import { readK3dState } from './state.ts';

export function modeOf(situation: Situation): Mode {
  if (situation.kind === 'same') return 'keep';
  return situation.kind === 'damaged' && !situation.reasons.includes(HALF_MADE) ? 'start' : 'create';
}

export async function clusterSteps(run: K3dRun, inputs: StepInputs, tools: ToolOptions): Promise<Step[]> {
  const mode = modeOf(inputs.situation);
  const snapshot = inputs.from ?? (await readK3dState(run.layout))?.restoring;
  if (snapshot !== undefined && mode !== 'create') return stepsToRestore(run, inputs, tools, snapshot);
  switch (mode) {
    case 'create':
      return stepsToCreate(run, inputs, tools);
    case 'start':
      return stepsToStart(run, inputs, tools);
    case 'keep':
      return stepsToKeep(run, inputs, tools);
  }
}

/** Everything that k3d will need at once, k3d itself, and the API long before k3d has ended. */
async function stepsToCreate(run: K3dRun, inputs: StepInputs, tools: ToolOptions): Promise<Step[]> {
  const tool = await toolSteps(['k3d'], tools);
  const images = await imagesFor(run, tools);
  const pulls = await pullSteps(run.docker, images);
  const { forNodes, forCaches } = pullsBy(images, pulls);
  const checks = [preflightStep(run, { making: true })];
  const removal = inputs.situation.kind === 'absent' ? [] : [removeStep(run, checks)];
  const caches = await cacheSteps(run, { needs: [...forCaches, ...k3dOf(tool)], network: [CREATE_STEP] });
  const before = namesOf([...checks, ...removal, ...caches.steps]).filter((name) => name !== JOIN_STEP);
  const making = createSteps(run, { needs: [...before, ...forNodes, ...k3dOf(tool)], caches: caches.available });
  return [
    ...tool,
    ...checks,
    ...pulls,
    ...removal,
    ...caches.steps,
    ...making.steps,
    ...accessSteps(run, inputs, { mode: 'create', after: [CREATE_STEP], creation: making.creation }),
    ...(run.loadImages ? serviceImageSteps(run, inputs.images ?? []) : []),
    ...packedSteps(run, inputs, [CREATE_STEP]),
  ];
}

/** What ran before needs no images; k3d starts it, and what an engine's restart has broken is put right. */
async function stepsToStart(
  run: K3dRun,
  inputs: StepInputs,
  tools: ToolOptions,
  restores: readonly Step[] = [],
): Promise<Step[]> {
  const tool = await toolSteps(['k3d'], tools);
  const checks = [preflightStep(run, { making: false }), ...restores];
  const caches = await cacheSteps(run, { needs: k3dOf(tool), network: [START_STEP] });
  const before = namesOf([...checks, ...caches.steps]).filter((name) => name !== JOIN_STEP);
  const making = startSteps(run, [...before, ...k3dOf(tool)]);
  return [
    ...tool,
    ...checks,
    ...caches.steps,
    ...making.steps,
    ...accessSteps(run, inputs, { mode: 'start', after: [START_STEP], creation: making.creation }),
    healStep(run, inputs.access, [K3D_STEP]),
    ...packedSteps(run, inputs, [START_STEP]),
  ];
}

/**
 * In nodes that run, k3s alone is restarted. Others are started by the engine itself, as after its own restart, which is much
 * faster than k3d; behind a load balancer k3d starts them, since that one remembers their addresses.
 */
async function stepsToRestore(run: K3dRun, inputs: StepInputs, tools: ToolOptions, snapshot: string): Promise<Step[]> {
  const store = new SnapshotStore(stateHome(tools.env));
  const manifest = await restored(store, snapshot);
  const withImages = { ...inputs, nodeImages: imagesOfSnapshot(store, manifest) };
  const within = await restartsWithin(run);
  const byK3d = run.plan.topology.loadBalancer && !within;
  const { step, restarted } = restoreStep(run, { store, manifest, within, start: !byK3d });
  if (byK3d) return stepsToStart(run, withImages, tools, [step]);
  return [
    step,
    ...accessSteps(run, inputs, { mode: 'keep', after: [step.name], creation: () => undefined, restarted }),
    healStep(run, inputs.access, []),
    ...packedSteps(run, withImages, [step.name]),
  ];
}

/** k3d is needed for nothing but caches that have gone. */
async function stepsToKeep(run: K3dRun, inputs: StepInputs, tools: ToolOptions): Promise<Step[]> {
  const tool = run.caches.length === 0 ? [] : await toolSteps(['k3d'], tools);
  const caches = await cacheSteps(run, { needs: k3dOf(tool), network: [] });
  return [
    ...tool,
    ...caches.steps,
    ...accessSteps(run, inputs, { mode: 'keep', after: [], creation: () => undefined }),
    healStep(run, inputs.access, []),
    ...packedSteps(run, inputs, []),
  ];
}

const packedSteps = (run: K3dRun, { nodeImages = [] }: StepInputs, needs: readonly string[]): Step[] =>
  nodeImages.length === 0 ? [] : [nodeImagesStep(run, nodeImages, needs)];

const namesOf = (steps: readonly Step[]): string[] => steps.map(({ name }) => name);

/** The step that fetches k3d, where it is one of them. */
const k3dOf = (steps: readonly Step[]): string[] => namesOf(steps).filter((name) => name === toolStepName('k3d'));

/** All that the cluster is made from, whether or not the engine has it. */
export async function imagesFor({ plan, caches }: K3dRun, tools: ToolOptions): Promise<NeededImage[]> {
  const version = (await locateTool('k3d', tools))?.version ?? pinOf('k3d', tools).version;
  const choice = { image: plan.image, loadBalancer: plan.topology.loadBalancer, caches: caches.length > 0 };
  return neededImages(version, choice, tools.env);
}

/** Names of the pulls that nodes wait for, and of those that caches do. */
function pullsBy(images: readonly NeededImage[], pulls: readonly Step[]): { forNodes: string[]; forCaches: string[] } {
  const pulled = namesOf(pulls);
  const of = (wanted: readonly NeededImage[]): string[] =>
    wanted.map(pullStepName).filter((name) => pulled.includes(name));
  return {
    forNodes: of(images.filter(({ purpose }) => purpose !== 'registry caches')),
    forCaches: of(images.filter(({ purpose }) => purpose === 'registry caches')),
  };
}

function preflightStep(run: K3dRun, { making }: { making: boolean }): Step {
  return {
    name: 'preflight',
    async run({ warn }) {
      for (const text of run.plan.warnings) warn(text);
      const findings = await checkK3d(run.plan, run.docker, { making });
      for (const { status, name, detail } of findings) if (status === 'warn') warn(`${name}: ${detail}`);
      assertFit(findings);
    },
  };
}

function removeStep({ docker: { engine }, plan }: K3dRun, checks: readonly Step[]): Step {
  return {
    name: 'remove',
    needs: namesOf(checks),
    async run({ signal }) {
      await removeCluster(engine, plan.name, signal);
    },
  };
}
