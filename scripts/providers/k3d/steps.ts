// The steps of one run, in the order in which they depend on each other: reads like a table of contents.

import type { Step } from '../../engine/step.ts';
import { locateTool } from '../../tools/locate.ts';
import { pinOf, type ToolOptions } from '../../tools/options.ts';
import { toolStepName, toolSteps } from '../../tools/steps.ts';
import type { Situation, StepInputs } from '../provider.ts';
import { accessSteps } from './access/access.ts';
import { cacheSteps, JOIN_STEP } from './caches/cache-steps.ts';
import { CREATE_STEP, createSteps, K3D_STEP, START_STEP, startSteps } from './create/create.ts';
import { healStep } from './nodes/heal.ts';
import { neededImages } from './plan/images.ts';
import { HALF_MADE } from './inspect.ts';
import { assertFit, checkK3d } from './preflight.ts';
import { pullStepName, pullSteps } from './create/prepull.ts';
import { removeCluster } from './remove.ts';
import type { K3dRun } from './run.ts';
import { serviceImageSteps } from './create/service-images.ts';

export async function clusterSteps(
  run: K3dRun,
  { access, situation, healthTimeoutMs, images: serviceImages = [] }: StepInputs,
  tools: ToolOptions,
): Promise<Step[]> {
  const begin = beginning(situation);
  const provided = begin === undefined && run.caches.length === 0 ? [] : await toolSteps(['k3d'], tools);
  const tool = provided.some(({ name }) => name === toolStepName('k3d')) ? [toolStepName('k3d')] : [];
  const version = (await locateTool('k3d', tools))?.version ?? pinOf('k3d', tools).version;
  const { plan, docker, caches } = run;
  const images = neededImages(
    version,
    { image: plan.image, loadBalancer: plan.topology.loadBalancer, caches: caches.length > 0 },
    tools.env,
  );
  const pulls = begin === 'create' ? await pullSteps(docker, images) : [];
  const needed = (purpose: 'create' | 'cache'): string[] => {
    const names = images.filter((image) => (image.purpose === 'registry caches') === (purpose === 'cache'));
    return names.map(pullStepName).filter((name) => pulls.some((pull) => pull.name === name));
  };
  const checks: Step[] =
    begin === undefined
      ? []
      : [
          {
            name: 'preflight',
            async run({ warn }) {
              for (const text of plan.warnings) warn(text);
              const findings = await checkK3d(plan, docker, { making: begin === 'create' });
              for (const { status, name, detail } of findings) if (status === 'warn') warn(`${name}: ${detail}`);
              assertFit(findings);
            },
          },
        ];
  const removal: Step[] = mustGo(situation)
    ? [
        {
          name: 'remove',
          needs: checks.map(({ name }) => name),
          async run({ signal }) {
            await removeCluster(docker.engine, plan.name, signal);
          },
        },
      ]
    : [];
  const begun = begin === 'create' ? [CREATE_STEP] : begin === 'start' ? [START_STEP] : [];
  const keeping = await cacheSteps(run, { needs: [...needed('cache'), ...tool], network: begun });
  const before = [...checks, ...removal, ...keeping].map(({ name }) => name).filter((name) => name !== JOIN_STEP);
  const making =
    begin === 'create'
      ? createSteps(run, [...before, ...needed('create'), ...tool])
      : begin === 'start'
        ? startSteps(run, [...before, ...tool])
        : [];
  return [
    ...provided,
    ...checks,
    ...pulls,
    ...removal,
    ...keeping,
    ...making,
    ...accessSteps(run, access, healthTimeoutMs, { begun, begin }),
    ...(begin === 'create' && run.loadImages ? serviceImageSteps(run, serviceImages) : []),
    ...(begin === 'create' ? [] : [healStep(run, access, begin === 'start' ? [K3D_STEP] : [])]),
  ];
}

/** What k3d has to do, if anything. */
function beginning(situation: Situation): 'create' | 'start' | undefined {
  if (situation.kind === 'same') return undefined;
  return situation.kind === 'damaged' && !situation.reasons.includes(HALF_MADE) ? 'start' : 'create';
}

function mustGo(situation: Situation): boolean {
  return situation.kind === 'different' || (situation.kind === 'damaged' && beginning(situation) === 'create');
}
