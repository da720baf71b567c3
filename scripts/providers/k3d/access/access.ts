// The steps that lead into a cluster: the API long before k3d has spoken, kubeconfig, nodes, DNS, limits.

import { mkdir } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Step } from '../../../engine/step.ts';
import { CreationError, HealthError } from '../../../base/errors.ts';
import { inspectContainer, readContainerFile } from '../../../docker/containers.ts';
import { writeAtomic } from '../../../host/files.ts';
import { createNamespace } from '../../../kube/apply/create.ts';
import { waitNodesReady } from '../../../kube/watch/wait.ts';
import type { Access } from '../../provider.ts';
import { K3D_STEP } from '../create/create.ts';
import { waitDns } from './dns.ts';
import { kubeconfigText, KUBECONFIG_PATHS } from './kubeconfig.ts';
import { firstServer } from '../nodes/labels.ts';
import { limitNodes } from '../nodes/limits.ts';
import { firstServing, type Routes, routesOf } from './routes.ts';
import type { K3dRun } from '../run.ts';

/** ms between looks for a kubeconfig whose line in the log was missed; each costs the engine some 50 ms of CPU. */
const LOOK_MS = 1_000;
/** ms between looks at a node that k3d is about to start. */
const START_LOOK_MS = 100;
const API_TIMEOUT_MS = 120_000;

/**
 * @param begun the step after which the server's container runs; none where it does already.
 * @param begin what k3d is at work for, so that its end is one of the steps; undefined where it has nothing to do.
 */
export function accessSteps(
  run: K3dRun,
  access: Access,
  healthTimeoutMs: number,
  { begun, begin }: { begun: readonly string[]; begin: 'create' | 'start' | undefined },
): Step[] {
  const { engine } = run.docker;
  const { name, topology } = run.plan;
  const made = begin === undefined ? [] : [K3D_STEP];
  // k3d starts the load balancer last of all: what is for others to use waits for it, what the run does itself does not.
  const balanced = topology.loadBalancer ? made : [];
  return [
    {
      name: 'api',
      needs: begun,
      async run({ signal }) {
        await unlessCreationFails(run, signal, async (s) => {
          const { published, direct } = await readRoutes(run, s);
          const routes = direct === undefined ? [published] : [direct, published];
          const client = await firstServing(routes, API_TIMEOUT_MS, s);
          access.open(client, published);
          await createNamespace(client, 'kube-system', s);
        });
      },
    },
    {
      name: 'kubeconfig',
      needs: ['api', ...balanced],
      async run({ signal }) {
        if (access.client().server !== access.connection().server) {
          (await firstServing([access.connection()], API_TIMEOUT_MS, signal)).close();
        }
        // Of a cluster that was made from another machine there is no folder here yet.
        await mkdir(run.layout.root, { recursive: true, mode: 0o700 });
        await writeAtomic(run.layout.kubeconfig, kubeconfigText(name, access.connection()), { mode: 0o600 });
      },
    },
    {
      name: 'nodes',
      needs: ['api'],
      async run({ signal, progress }) {
        const names = [
          ...Array.from({ length: topology.servers }, (_, i) => `k3d-${name}-server-${i}`),
          ...Array.from({ length: topology.agents }, (_, i) => `k3d-${name}-agent-${i}`),
        ];
        const options = { timeoutMs: healthTimeoutMs, onProgress: progress };
        await unlessCreationFails(run, signal, async (s) => {
          // A node that ran before is still called Ready in its name, until its kubelet speaks again.
          const wanted =
            begin === 'create' ? { names } : { names, startedAt: await startTimes(run, names, healthTimeoutMs, s) };
          await waitNodesReady(access.client(), wanted, { ...options, signal: s });
        });
      },
    },
    {
      name: 'limits',
      needs: [...made, 'api'],
      run: ({ signal, note }) => limitNodes(run, begin === 'create', signal, note),
    },
    ...(runsDns(run)
      ? [
          {
            name: 'dns',
            needs: ['api'],
            run: ({ signal, note }) =>
              unlessCreationFails(run, signal, (s) =>
                waitDns(engine, access.client(), firstServer(name), healthTimeoutMs, { signal: s, note }),
              ),
          } satisfies Step,
        ]
      : []),
  ];
}

/** CoreDNS may be switched off. */
function runsDns({ plan }: K3dRun): boolean {
  const native = plan.native?.tree.options?.k3s?.extraArgs ?? [];
  return ![...plan.k3sArgs, ...native].some(({ arg }) => /^--disable=.*\bcoredns\b/.test(arg));
}

/**
 * What waits for a cluster ends as soon as there is no hope; the failure itself is told by the creation.
 * The wait is cancelled then, since one that goes on would keep hoist running.
 */
async function unlessCreationFails<T>(
  { creation }: K3dRun,
  signal: AbortSignal,
  wait: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  if (creation === undefined) return wait(signal);
  const hopeless = new AbortController();
  creation.done.catch((error: unknown) =>
    hopeless.abort(new CreationError('the cluster was not made', { cause: error })),
  );
  try {
    return await wait(AbortSignal.any([signal, hopeless.signal]));
  } catch (error) {
    signal.throwIfAborted();
    if (hopeless.signal.aborted) throw hopeless.signal.reason;
    throw error;
  }
}

async function readRoutes(run: K3dRun, signal: AbortSignal): Promise<Routes> {
  const { engine, endpoint } = run.docker;
  const server = firstServer(run.plan.name);
  let told = run.creation?.logs.kubeconfig;
  void told?.then(() => (told = undefined));
  for (;;) {
    for (const path of KUBECONFIG_PATHS) {
      const text = await readContainerFile(engine, server, path, signal);
      if (text === undefined || text.length === 0) continue;
      const details = await inspectContainer(engine, server, signal);
      return routesOf(text.toString('utf8'), details, endpoint);
    }
    // The server's line in the log cuts the wait short, once: the file may still take its moment.
    await Promise.race([...(told === undefined ? [] : [told]), sleep(LOOK_MS, undefined, { signal })]);
  }
}

/**
 * When the nodes' containers were started, by their engine's clock; those that k3d is about to start are waited for.
 * @throws HealthError where one does not run in time
 */
async function startTimes(
  { docker: { engine } }: K3dRun,
  names: readonly string[],
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
  return new Map(await Promise.all(names.map(startOf)));
}
