// The steps that make a cluster, or start one that is there: k3d runs on while others use the API.

import type { Step, StepContext } from '../../../engine/step.ts';
import { CreationError, HoistError, messageOf } from '../../../base/errors.ts';
import { type Container, unpauseContainer } from '../../../docker/containers.ts';
import type { Command } from '../../../host/exec.ts';
import { writeAtomic } from '../../../host/files/files.ts';
import type { Cache } from '../caches/caches.ts';
import { k3dCreate, k3dStart } from '../plan/k3d-commands.ts';
import { configText } from '../plan/config-text.ts';
import { type Creation, type CreationInputs, startCreation } from './creation.ts';
import { collectDiagnostics } from './diagnostics.ts';
import { fingerprint, PLAN_LABEL } from '../plan/identity.ts';
import { nodesOf } from '../nodes/labels.ts';
import { restartDying } from '../nodes/limits.ts';
import { fixedPorts } from '../k3d-checks.ts';
import { removeCluster } from '../remove.ts';
import type { K3dRun } from '../run.ts';
import { readK3dState, writeK3dState } from '../state.ts';
import { explainPort, takenPort } from './taken-port.ts';

/** Between two words of k3d at most 4.5 s were seen, until the first server runs; a machine forty times as slow makes it. */
const SILENCE_MS = 180_000;

/** Names of the steps: the first ends when the server starts, the second when k3d does. */
export const CREATE_STEP = 'create';
export const START_STEP = 'start';
export const K3D_STEP = 'k3d';

export interface MakingSteps {
  steps: Step[];
  /** The run of k3d, from when the first of the steps has begun it. */
  creation: () => Creation | undefined;
}

/**
 * @param needs what must be there before: images, checks, the removal of what is in the way.
 * @param caches those that run when k3d begins.
 */
export function createSteps(
  run: K3dRun,
  { needs, caches }: { needs: readonly string[]; caches: () => readonly Cache[] },
): MakingSteps {
  const since = Date.now();
  let creation: Creation | undefined;
  const cleanUp = (context: StepContext, act: () => Promise<void>): Promise<void> =>
    keepingEvidence(run, context, act, () => ({ output: creation?.output ?? [], since }));
  return {
    creation: () => creation,
    steps: [
      {
        name: CREATE_STEP,
        needs,
        run: (context) =>
          cleanUp(context, async () => {
            creation = await beginCreation(run, caches(), context);
            await creation.serverStarted;
          }),
      },
      {
        name: K3D_STEP,
        needs: [CREATE_STEP],
        run: (context) =>
          cleanUp(context, async () => {
            await creation?.done;
            await rememberFinished(run);
          }),
      },
    ],
  };
}

export function startSteps(run: K3dRun, needs: readonly string[]): MakingSteps {
  let creation: Creation | undefined;
  return {
    creation: () => creation,
    steps: [
      {
        name: START_STEP,
        needs,
        async run(context) {
          // A snapshot whose making was killed leaves them frozen.
          const frozen = (await nodesOf(run.docker.engine, run.plan.name, context.signal)).filter(isPaused);
          await Promise.all(frozen.map(({ id }) => unpauseContainer(run.docker.engine, id, context.signal)));
          await restartDying(run, context.signal);
          const command = k3dStart(await run.k3d(), run.plan.name, SILENCE_MS / 1000);
          creation = begin(run, context, { command, input: undefined, restart: true });
          await creation.serverStarted;
        },
      },
      {
        name: K3D_STEP,
        needs: [START_STEP],
        async run() {
          await creation?.done.catch(async (error: unknown) => {
            throw await explainPort(error, run.docker);
          });
          // What is remembered of its making stays true; of a cluster that was made elsewhere nothing is.
          if ((await readK3dState(run.layout)) === undefined) await rememberFinished(run);
        },
      },
    ],
  };
}

/** The command lines that make this cluster or start it, as `up --plan` shows them. */
export async function makingCommands(run: K3dRun, mode: 'create' | 'start'): Promise<Command[]> {
  if (mode === 'start') return [k3dStart('k3d', run.plan.name, SILENCE_MS / 1000)];
  return [creationCommand('k3d', run, await run.registries(run.caches), await configFor(run))];
}

const configFor = ({ plan }: K3dRun): Promise<string | undefined> => configText(plan.native, plan.additions);

/**
 * @param registries text of the nodes' registries.yaml.
 * @param config what k3d reads on its stdin.
 */
function creationCommand(
  k3d: string,
  { plan, identity, layout }: K3dRun,
  registries: string | undefined,
  config: string | undefined,
): Command {
  return k3dCreate(k3d, plan, {
    configOnStdin: config !== undefined,
    registryConfig: registries === undefined ? undefined : layout.registries,
    labels: { [PLAN_LABEL]: fingerprint(identity) },
  });
}

async function beginCreation(run: K3dRun, caches: readonly Cache[], context: StepContext): Promise<Creation> {
  const { layout } = run;
  // First of all: by this file the folder is known as hoist's.
  await remember(run, { createdAt: new Date().toISOString(), finished: false });
  const registries = await run.registries(caches);
  if (registries !== undefined) await writeAtomic(layout.registries, registries, { mode: 0o600 });
  const input = await configFor(run);
  const command = creationCommand(await run.k3d(), run, registries, input);
  const retry = (failure: HoistError): Promise<boolean> => retryOnPortConflict(run, failure, context);
  return begin(run, context, { command, input, restart: false, retry });
}

/** A port that k3d chose itself may be taken before the engine binds it: another one will do. */
async function retryOnPortConflict(
  run: K3dRun,
  failure: HoistError,
  { signal, output }: StepContext,
): Promise<boolean> {
  const taken = takenPort(failure.message);
  if (taken === undefined || fixedPorts(run.plan).some(({ port }) => port === taken.port)) return false;
  output(`port ${taken.port}, which was free, is taken by now: once more with another one`);
  await removeCluster(run.docker.engine, run.plan.name, signal);
  return true;
}

function begin(
  run: K3dRun,
  context: StepContext,
  inputs: Pick<CreationInputs, 'command' | 'input' | 'restart' | 'retry'>,
): Creation {
  return startCreation(run.docker.engine, run.exec, {
    ...inputs,
    env: run.env,
    silenceMs: SILENCE_MS,
    signal: context.signal,
    onLine: (line) => context.output(line),
  });
}

async function rememberFinished(run: K3dRun): Promise<void> {
  const known = await readK3dState(run.layout);
  await remember(run, { createdAt: known?.createdAt ?? new Date().toISOString(), finished: true });
}

async function remember(
  { layout, identity, caches }: K3dRun,
  { createdAt, finished }: { createdAt: string; finished: boolean },
): Promise<void> {
  const names = caches.map(({ container }) => container);
  await writeK3dState(layout, { version: 1, createdAt, identity, finished, caches: names });
}

/** A creation that fails leaves nothing but the evidence; one that is cancelled stays, for `status` and the next run. */
async function keepingEvidence(
  run: K3dRun,
  { signal, warn }: StepContext,
  act: () => Promise<void>,
  evidence: () => { output: readonly string[]; since: number },
): Promise<void> {
  try {
    await act();
  } catch (thrown) {
    signal.throwIfAborted();
    const { engine } = run.docker;
    const error = await explainPort(thrown, run.docker).catch(() => thrown);
    const folder = `${run.layout.diagnostics}/${new Date().toISOString().replace(/[:.]/g, '-')}`;
    await collectDiagnostics(engine, run.plan.name, folder, { ...evidence(), until: Date.now() });
    try {
      await removeCluster(engine, run.plan.name);
    } catch (cause) {
      warn(`the partial cluster could not be removed: ${messageOf(cause)}`);
    }
    const hint = error instanceof HoistError ? error.hint : undefined;
    throw new CreationError(messageOf(error), {
      hint: `${hint === undefined ? '' : `${hint} `}All logs: ${folder}`,
      cause: error,
    });
  }
}

function isPaused({ state }: Container): boolean {
  return state === 'paused';
}
