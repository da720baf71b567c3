// Whether the cluster's DNS answers: a ready endpoint, and then a real question asked inside the server node.

import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { StepContext } from '../../../engine/step.ts';
import { HealthError } from '../../../base/errors.ts';
import type { DockerClient } from '../../../docker/client.ts';
import { type ContainerExecResult, execInContainer } from '../../../docker/exec-in.ts';
import type { KubeClient } from '../../../kube/client/client.ts';
import type { KubeList, KubeObject } from '../../../kube/object.ts';
import { isPulling } from '../../../kube/watch/pulls.ts';
import { waitEndpoints } from '../../../kube/watch/wait.ts';

const QUESTION = 'kubernetes.default.svc.cluster.local';
/** The shell's codes for a command that cannot be run or is not there. */
const NO_TOOL = [126, 127];
/**
 * A question that comes before kube-proxy has its rules is lost, and nslookup asks again only after 2.5 s. So several
 * ask in turn, each with the patience of nslookup.
 */
const ASKERS = 10;
const EVERY_MS = 250;

const SERVICE = { namespace: 'kube-system', name: 'kube-dns' };
/** Selects the pods behind it, whatever serves it. */
const PODS = 'k8s-app=kube-dns';

/** The container in which questions are asked. */
export interface Asker {
  engine: DockerClient;
  container: string;
}

interface DnsWait extends Pick<StepContext, 'signal' | 'note'> {
  client: KubeClient;
  /** ms; they begin again while the image of CoreDNS is being pulled. */
  timeoutMs: number;
}

/** @throws HealthError where no pod stands behind the service in time, or the answer is wrong until then. */
export async function waitDns(server: Asker, { client, timeoutMs, signal, note }: DnsWait): Promise<void> {
  await waitForEndpoints(client, timeoutMs, signal);
  const deadline = Date.now() + timeoutMs;
  const { spec } = await client.json<{ spec: { clusterIP: string } }>({
    path: '/api/v1/namespaces/kube-system/services/kube-dns',
    signal,
  });
  const result = await askDns(server, spec.clusterIP, deadline, signal);
  if (isWithoutTool(result)) {
    note('the node has no nslookup: a ready endpoint has to do');
  } else if (result.exitCode !== 0) {
    throw new HealthError(`the cluster's DNS does not answer: ${result.output.trim().split('\n').at(-1) ?? ''}`, {
      hint: 'See `kubectl -n kube-system logs deployment/coredns`.',
    });
  }
}

/** @throws HealthError where no pod stands behind the service in time, and none is pulling its image. */
export async function waitForEndpoints(client: KubeClient, timeoutMs: number, signal: AbortSignal): Promise<void> {
  for (;;) {
    try {
      await waitEndpoints(client, SERVICE, { timeoutMs, signal });
      return;
    } catch (error) {
      if (!(error instanceof HealthError)) throw error;
      const pods = await podsOfDns(client, signal).catch(() => new Set<string>());
      if (!(await isPulling(client, SERVICE.namespace, pods))) throw error;
    }
  }
}

async function podsOfDns(client: KubeClient, signal: AbortSignal): Promise<Set<string>> {
  const path = `/api/v1/namespaces/${SERVICE.namespace}/pods`;
  const { items } = await client.json<KubeList<KubeObject>>({ path, query: { labelSelector: PODS }, signal });
  return new Set(items.flatMap(({ metadata: { uid } }) => uid ?? []));
}

/** Asks the DNS at `address` for the API's service, in a node, as `firstAnswer` does. */
export function askDns(
  { engine, container }: Asker,
  address: string,
  deadline: number,
  signal: AbortSignal,
): Promise<ContainerExecResult> {
  const question = ['nslookup', QUESTION, address];
  return firstAnswer((until) => execInContainer(engine, container, question, until), deadline, signal);
}

/**
 * Asks every 250 ms, whether or not the questions before were answered. Resolves with the first good answer, with the
 * first that says that DNS cannot be asked, or with a bad one after the deadline (ms since the epoch).
 */
export async function firstAnswer(
  ask: (signal: AbortSignal) => Promise<ContainerExecResult>,
  deadline: number,
  signal: AbortSignal,
): Promise<ContainerExecResult> {
  const settled = new AbortController();
  const until = AbortSignal.any([signal, settled.signal]);
  setMaxListeners(4 * ASKERS, until);
  const asker = async (turn: number): Promise<ContainerExecResult> => {
    await sleep(turn * EVERY_MS, undefined, { signal: until });
    for (;;) {
      const next = Date.now() + ASKERS * EVERY_MS;
      const result = await ask(until);
      if (result.exitCode === 0 || isWithoutTool(result) || Date.now() > deadline) return result;
      await sleep(Math.max(0, next - Date.now()), undefined, { signal: until });
    }
  };
  try {
    return await Promise.race(Array.from({ length: ASKERS }, (_, turn) => asker(turn)));
  } finally {
    settled.abort();
  }
}

function isWithoutTool({ exitCode, output }: ContainerExecResult): boolean {
  return NO_TOOL.includes(exitCode) || output.includes('executable file not found');
}
