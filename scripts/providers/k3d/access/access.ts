// The steps that lead into a cluster: the API long before k3d has spoken, kubeconfig, nodes, DNS, limits.

import { setTimeout as sleep } from 'node:timers/promises';
import { makeFolder } from '../../../host/files/make-folder.ts';
import { GivenUpError } from '../../../engine/errors.ts';
import type { Step } from '../../../engine/step.ts';
import { CreationError, HealthError } from '../../../base/errors.ts';
import { inspectContainer, readContainerFile } from '../../../docker/containers.ts';
import { writeAtomic } from '../../../host/files/files.ts';
import { createNamespace } from '../../../kube/apply/create.ts';
import { waitNodesReady } from '../../../kube/watch/wait.ts';
import type { StepInputs } from '../../provider.ts';
import { K3D_STEP } from '../create/create.ts';
import type { Creation } from '../create/creation.ts';
import { waitDns } from './dns.ts';
import { kubeconfigText, KUBECONFIG_PATHS } from './kubeconfig.ts';
import { firstServer } from '../nodes/labels.ts';
import { limitNodes } from '../nodes/limits.ts';
import { markUnheard } from '../nodes/unheard.ts';
import { firstServing, type Routes, routesOf } from './routes.ts';
import type { K3dRun, Mode } from '../run.ts';

/** ms between looks for a kubeconfig whose line in the log was missed; each costs the engine some 50 ms of CPU. */
const LOOK_MS = 1_000;
/** ms between looks at a node that k3d is about to start. */
const START_LOOK_MS = 100;
const API_TIMEOUT_MS = 120_000;

/** How a cluster comes to run, as far as the steps that lead into it must know. */
export interface Making {
  mode: Mode;
  /** The step after which the server's container runs; none where it does already. */
  after: readonly string[];
  /** The run of k3d that is under way. */
  creation: () => Creation | undefined;
  /** When k3s was restarted in nodes whose containers go on, in ms since the epoch by their engine's clock. */
  restarted?: () => ReadonlyMap<string, number>;
}

type Inputs = Pick<StepInputs, 'access' | 'healthTimeoutMs'>;

export function accessSteps(run: K3dRun, inputs: Inputs, making: Making): Step[] {
  return [
    apiStep(run, inputs, making),
    kubeconfigStep(run, inputs, making),
    nodesStep(run, inputs, making),
    limitsStep(run, making),
    ...(runsDns(run) ? [dnsStep(run, inputs, making)] : []),
  ];
}

/** The end of k3d, where it is running. */
const made = ({ mode }: Making): string[] => (mode === 'keep' ? [] : [K3D_STEP]);

function apiStep(run: K3dRun, { access }: Inputs, making: Making): Step {
  return {
    name: 'api',
    needs: making.after,
    run: ({ signal }) =>
      unlessCreationFails(making, signal, async (until) => {
        const { published, direct } = await readRoutes(run, making, until);
        const routes = direct === undefined ? [published] : [direct, published];
        const client = await fromWhenMade(making, () => firstServing(routes, API_TIMEOUT_MS, until));
        access.open(client, published);
        await createNamespace(client, 'kube-system', until);
      }),
  };
}

function kubeconfigStep(run: K3dRun, { access }: Inputs, making: Making): Step {
  const { name, topology } = run.plan;
  return {
    name: 'kubeconfig',
    // k3d starts the load balancer last of all: what is for others to use waits for it, what the run does itself does not.
    needs: ['api', ...(topology.loadBalancer ? made(making) : [])],
    async run({ signal }) {
      if (access.client().server !== access.connection().server) {
        (await firstServing([access.connection()], API_TIMEOUT_MS, signal)).close();
      }
      // Of a cluster that was made from another machine there is no folder here yet.
      await makeFolder(run.layout.root, 0o700);
      await writeAtomic(run.layout.kubeconfig, kubeconfigText(name, access.connection()), { mode: 0o600 });
    },
  };
}

function nodesStep(run: K3dRun, { access, healthTimeoutMs }: Inputs, making: Making): Step {
  return {
    name: 'nodes',
    needs: ['api'],
    run: ({ signal, progress }) =>
      unlessCreationFails(making, signal, async (until) => {
        const names = run.plan.nodes;
        // A node that ran before is still called Ready in its name, until its kubelet speaks again.
        const fresh = making.mode === 'create';
        const options = { timeoutMs: healthTimeoutMs, onProgress: progress, signal: until };
        await fromWhenMade(making, async () => {
          if (fresh) return waitNodesReady(access.client(), { names }, options);
          const starts = await startTimes(run, healthTimeoutMs, until);
          const startedAt = new Map([...starts, ...(making.restarted?.() ?? [])]);
          await markUnheard(access.client(), startedAt, until);
          await waitNodesReady(access.client(), { names, startedAt }, options);
        });
      }),
  };
}

function limitsStep(run: K3dRun, making: Making): Step {
  return {
    name: 'limits',
    needs: [...made(making), 'api'],
    run: ({ signal, note }) => limitNodes(run, making.mode === 'create', signal, note),
  };
}

function dnsStep(run: K3dRun, { access, healthTimeoutMs }: Inputs, making: Making): Step {
  return {
    name: 'dns',
    needs: ['api'],
    run: ({ signal, note }) =>
      unlessCreationFails(making, signal, (until) => {
        const server = { engine: run.docker.engine, container: firstServer(run.plan.name) };
        const wait = { client: access.client(), timeoutMs: healthTimeoutMs, signal: until, note };
        return fromWhenMade(making, () => waitDns(server, wait));
      }),
  };
}

/**
 * The time for the API, nodes and DNS begins when k3d is done: until then it starts one node after another, slowly on a slow machine,
 * and has a limit of its own. A wait that ends in that time is no verdict, and begins once more.
 */
async function fromWhenMade<T>({ creation }: Making, wait: () => Promise<T>): Promise<T> {
  let isMade = creation() === undefined;
  void creation()?.done.then(
    () => (isMade = true),
    () => undefined,
  );
  for (;;) {
    const early = !isMade;
    try {
      return await wait();
    } catch (error) {
      if (!early || !(error instanceof HealthError || error instanceof CreationError)) throw error;
    }
  }
}

/** CoreDNS may be switched off. */
function runsDns({ plan }: K3dRun): boolean {
  const native = plan.native?.tree.options?.k3s?.extraArgs ?? [];
  return ![...plan.k3sArgs, ...native].some(({ arg }) => /^--disable=.*\bcoredns\b/.test(arg));
}

/**
 * What waits for a cluster gives up as soon as there is no hope: a wait that goes on would keep hoist running. The step that
 * runs k3d has the reason, and fails with it when it has collected logs and removed containers.
 */
async function unlessCreationFails<T>(
  making: Making,
  signal: AbortSignal,
  wait: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const creation = making.creation();
  if (creation === undefined) return wait(signal);
  const hopeless = new AbortController();
  creation.done.catch(() => hopeless.abort());
  try {
    return await wait(AbortSignal.any([signal, hopeless.signal]));
  } catch (error) {
    signal.throwIfAborted();
    if (!hopeless.signal.aborted) throw error;
    throw new GivenUpError('the cluster was not made', K3D_STEP);
  }
}

async function readRoutes(run: K3dRun, { creation }: Making, signal: AbortSignal): Promise<Routes> {
  const { engine, endpoint } = run.docker;
  const server = firstServer(run.plan.name);
  let logged = creation()?.logs.kubeconfig;
  void logged?.then(() => (logged = undefined));
  for (;;) {
    for (const path of KUBECONFIG_PATHS) {
      const text = await readContainerFile(engine, server, path, signal);
      if (text === undefined || text.length === 0) continue;
      const details = await inspectContainer(engine, server, signal);
      return routesOf(text.toString('utf8'), details, endpoint);
    }
    // The server's line in the log cuts the wait short, once: the file may still take its moment.
    await Promise.race([...(logged === undefined ? [] : [logged]), sleep(LOOK_MS, undefined, { signal })]);
  }
}

/**
 * When the nodes' containers were started, by their engine's clock; those that k3d is about to start are waited for.
 * @throws HealthError where one does not run in time
 */
async function startTimes(
  { docker: { engine }, plan }: K3dRun,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<Map<string, number>> {
  const deadline = Date.now() + timeoutMs;
  const startOf = async (name: string): Promise<[string, number]> => {
    for (;;) {
      const { State } = await inspectContainer(engine, name, signal);
      if (State.Running) return [name, Date.parse(State.StartedAt)];
      if (Date.now() > deadline)
        throw new HealthError(`the node ${name} was not started: its container is ${State.Status}`);
      await sleep(START_LOOK_MS, undefined, { signal });
    }
  };
  return new Map(await Promise.all(plan.nodes.map(startOf)));
}
