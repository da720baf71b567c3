// The steps that lead into a cluster: the API long before k3d has spoken, kubeconfig, nodes, DNS, limits.

import { mkdir } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Step } from '../../engine/step.ts';
import { CreationError } from '../../errors.ts';
import {
  type ContainerDetails,
  inspectContainer,
  type Limits,
  limitContainer,
  listContainers,
  readContainerFile,
} from '../../host/docker/containers.ts';
import { publishedHost } from '../../host/docker/endpoint.ts';
import { writeAtomic } from '../../host/files.ts';
import { connect } from '../../kube/client.ts';
import type { KubeConnection } from '../../kube/connection.ts';
import { createNamespace } from '../../kube/create.ts';
import { waitApiServes } from '../../kube/health.ts';
import { waitNodesReady } from '../../kube/wait.ts';
import type { Access } from '../provider.ts';
import { K3D_STEP } from './create-steps.ts';
import { waitDns } from './dns.ts';
import { connectionFrom, kubeconfigText, KUBECONFIG_PATHS } from './kubeconfig.ts';
import { API_PORT, clusterLabels, firstServer, isK3sNode, roleOf } from './labels.ts';
import type { K3dRun } from './run.ts';

/** ms between looks for a kubeconfig whose line in the log was missed; each costs the engine some 50 ms of CPU. */
const LOOK_MS = 1_000;
const API_TIMEOUT_MS = 120_000;

/**
 * @param begun the step after which the server's container runs; none where it does already.
 * @param creating whether k3d is at work, so that its end is one of the steps.
 */
export function accessSteps(
  run: K3dRun,
  access: Access,
  healthTimeoutMs: number,
  { begun, creating }: { begun: readonly string[]; creating: boolean },
): Step[] {
  const { engine } = run.docker;
  const { name, topology } = run.plan;
  const made = creating ? [K3D_STEP] : [];
  return [
    {
      name: 'api',
      needs: begun,
      async run({ signal }) {
        const connection = await unlessCreationFails(run, signal, (s) => readConnection(run, s));
        const client = connect(connection);
        await unlessCreationFails(run, signal, async (s) => {
          await waitApiServes(client, { timeoutMs: API_TIMEOUT_MS, signal: s });
          await createNamespace(client, 'kube-system', s);
        });
        access.open(client, connection);
      },
    },
    {
      name: 'kubeconfig',
      needs: ['api'],
      async run() {
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
        await unlessCreationFails(run, signal, (s) =>
          waitNodesReady(access.client(), { names }, { timeoutMs: healthTimeoutMs, signal: s, onProgress: progress }),
        );
      },
    },
    {
      name: 'limits',
      needs: [...made, 'api'],
      run: ({ signal, note }) => limitNodes(run, signal, note),
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

async function readConnection(run: K3dRun, signal: AbortSignal): Promise<KubeConnection> {
  const { engine, endpoint } = run.docker;
  const server = firstServer(run.plan.name);
  let told = run.creation?.logs.kubeconfig;
  void told?.then(() => (told = undefined));
  for (;;) {
    for (const path of KUBECONFIG_PATHS) {
      const text = await readContainerFile(engine, server, path, signal);
      if (text === undefined || text.length === 0) continue;
      const port = apiPort(await inspectContainer(engine, server, signal));
      return connectionFrom(text.toString('utf8'), `https://${publishedHost(endpoint)}:${port}`);
    }
    // The server's line in the log cuts the wait short, once: the file may still take its moment.
    await Promise.race([...(told === undefined ? [] : [told]), sleep(LOOK_MS, undefined, { signal })]);
  }
}

/** The port of the API on the engine's machine: the server's own, or the one that the load balancer has for it. */
function apiPort({ NetworkSettings, Config }: ContainerDetails): string {
  const own = NetworkSettings.Ports?.['6443/tcp']?.[0]?.HostPort;
  const port = own ?? Config.Labels[API_PORT];
  if (port === undefined) throw new CreationError('the server publishes no port for its API');
  return port;
}

/** Brings the limits of all nodes to the plan's; those that are right are left alone. */
async function limitNodes(run: K3dRun, signal: AbortSignal, note: (text: string) => void): Promise<void> {
  const { engine } = run.docker;
  const { limits, name } = run.plan;
  const nodes = (await listContainers(engine, clusterLabels(name), signal)).filter(isK3sNode);
  const changed = await Promise.all(
    nodes.map(async (node) => {
      const wanted = roleOf(node) === 'server' ? limits.server : limits.agent;
      const { HostConfig } = await inspectContainer(engine, node.id, signal);
      if (isLimited(HostConfig, wanted)) return false;
      await limitContainer(engine, node.id, wanted, signal);
      return true;
    }),
  );
  note(changed.some(Boolean) ? `${changed.filter(Boolean).length} of ${nodes.length} nodes` : 'unchanged');
}

function isLimited({ Memory, NanoCpus }: ContainerDetails['HostConfig'], { memoryBytes, cpus }: Limits): boolean {
  const cpusRight = cpus === undefined || NanoCpus === Math.round(cpus * 1e9);
  return cpusRight && (memoryBytes === undefined || Memory === memoryBytes);
}
