// The steps that make a cluster, or start one that is there: k3d runs on while others use the API.

import type { Step, StepContext } from '../../../engine/step.ts';
import { CreationError, HoistError } from '../../../base/errors.ts';
import { writeAtomic } from '../../../host/files.ts';
import { k3dCreate, k3dStart } from '../plan/commands.ts';
import { configText } from '../plan/config-text.ts';
import { createSpec } from '../plan/create-spec.ts';
import { type CreationInputs, startCreation } from './creation.ts';
import { collectDiagnostics } from './diagnostics.ts';
import { fingerprint, PLAN_LABEL } from '../plan/identity.ts';
import { revive } from '../nodes/limits.ts';
import { fixedPorts } from '../preflight.ts';
import { removeCluster } from '../remove.ts';
import type { K3dRun } from '../run.ts';
import { readK3dState, writeK3dState } from '../state.ts';
import { explainPort, takenPort } from './taken-port.ts';

/** k3d alone, with all images there: 7 to 16 s were seen; a machine ten times as slow may still make it. */
const CREATE_TIMEOUT_MS = 180_000;

/** Names of the steps: the first ends when the server starts, the second when k3d does. */
export const CREATE_STEP = 'create';
export const START_STEP = 'start';
export const K3D_STEP = 'k3d';

/** @param needs what must be there before: images, checks, the removal of what is in the way. */
export function createSteps(run: K3dRun, needs: readonly string[]): Step[] {
  const since = Date.now();
  return [
    {
      name: CREATE_STEP,
      needs,
      run: (context) => failing(run, since, context, () => beginCreation(run, context)),
    },
    {
      name: K3D_STEP,
      needs: [CREATE_STEP],
      run: (context) => failing(run, since, context, () => finishCreation(run)),
    },
  ];
}

export function startSteps(run: K3dRun, needs: readonly string[]): Step[] {
  return [
    {
      name: START_STEP,
      needs,
      async run(context) {
        await revive(run, context.signal);
        const command = k3dStart(await run.k3d(), run.plan.name, CREATE_TIMEOUT_MS / 1000);
        await begin(run, context, { command, input: undefined, restart: true });
      },
    },
    {
      name: K3D_STEP,
      needs: [START_STEP],
      async run() {
        await run.creation?.done.catch(async (error: unknown) => {
          throw await explainPort(error, run.docker);
        });
        // What is remembered of its making stays true; of a cluster that was made elsewhere nothing is.
        if ((await readK3dState(run.layout)) === undefined) await rememberFinished(run);
      },
    },
  ];
}

async function beginCreation(run: K3dRun, context: StepContext): Promise<void> {
  const { plan, layout, identity } = run;
  const createdAt = new Date().toISOString();
  const caches = run.caches.map(({ container }) => container);
  // First of all: by this file the folder is known as hoist's.
  await writeK3dState(layout, { version: 1, createdAt, identity, finished: false, caches });
  const registries = await run.registries(run.available);
  if (registries !== undefined) await writeAtomic(layout.registries, registries, { mode: 0o600 });
  const input = await configText(plan.native?.text, plan.additions);
  const spec = createSpec(plan, {
    configOnStdin: input !== undefined,
    registryConfig: registries === undefined ? undefined : layout.registries,
    labels: { [PLAN_LABEL]: fingerprint(identity) },
  });
  const command = k3dCreate(await run.k3d(), spec);
  const mended = (failure: HoistError): Promise<boolean> => givesWay(run, failure, context);
  await begin(run, context, { command, input, restart: false, mended });
}

/** A port that k3d chose itself may be taken before the engine binds it: another one will do. */
async function givesWay(run: K3dRun, failure: HoistError, { signal, output }: StepContext): Promise<boolean> {
  const taken = takenPort(failure.message);
  if (taken === undefined || fixedPorts(run.plan).some(({ port }) => port === taken.port)) return false;
  output(`port ${taken.port}, which was free, is taken by now: once more with another one`);
  await removeCluster(run.docker.engine, run.plan.name, signal);
  return true;
}

async function begin(
  run: K3dRun,
  context: StepContext,
  inputs: Pick<CreationInputs, 'command' | 'input' | 'restart' | 'mended'>,
): Promise<void> {
  run.creation = startCreation(run.docker.engine, run.exec, {
    ...inputs,
    env: run.env,
    timeoutMs: CREATE_TIMEOUT_MS,
    signal: context.signal,
    onLine: (line) => context.output(line),
  });
  await run.creation.serverStarted;
}

async function finishCreation(run: K3dRun): Promise<void> {
  await run.creation?.done;
  await rememberFinished(run);
}

async function rememberFinished(run: K3dRun): Promise<void> {
  await writeK3dState(run.layout, {
    version: 1,
    createdAt: (await readK3dState(run.layout))?.createdAt ?? new Date().toISOString(),
    identity: run.identity,
    finished: true,
    caches: run.caches.map(({ container }) => container),
  });
}

/** A creation that fails leaves nothing but what tells why; one that is cancelled stays, for `status` and the next run. */
async function failing(
  run: K3dRun,
  since: number,
  { signal, warn }: StepContext,
  act: () => Promise<void>,
): Promise<void> {
  try {
    await act();
  } catch (thrown) {
    signal.throwIfAborted();
    const { engine } = run.docker;
    const error = await explainPort(thrown, run.docker).catch(() => thrown);
    const folder = `${run.layout.diagnostics}/${new Date().toISOString().replace(/[:.]/g, '-')}`;
    const output = run.creation?.output ?? [];
    await collectDiagnostics(engine, run.plan.name, folder, { output, since, until: Date.now() });
    try {
      await removeCluster(engine, run.plan.name);
    } catch (cause) {
      warn(
        `what was made of the cluster could not be removed: ${cause instanceof Error ? cause.message : String(cause)}`,
      );
    }
    const hint = error instanceof HoistError ? error.hint : undefined;
    const message = error instanceof Error ? error.message : String(error);
    throw new CreationError(message, {
      hint: `${hint === undefined ? '' : `${hint} `}All logs: ${folder}`,
      cause: error,
    });
  }
}
