// What a k3d cluster looks like now: containers, API, nodes, caches.

import { readFile } from 'node:fs/promises';
import { type Container, type ContainerDetails, inspectContainer, listContainers } from '../../docker/containers.ts';
import type { DockerClient } from '../../docker/client.ts';
import type { KubeConnection } from '../../kube/client/connection.ts';
import type { Node } from '../../kube/watch/verdict.ts';
import { bytesText } from '../../base/units.ts';
import { askApi } from '../api-status.ts';
import { type ClusterStatus, type ComponentStatus, contextName, type NodeStatus } from '../provider.ts';
import { cacheStatus } from './caches/cache-status.ts';
import { connectionFrom } from './access/kubeconfig.ts';
import { clusterLabels } from './nodes/labels.ts';
import { keepsDying } from './nodes/memory.ts';
import { type K3dLayout, type K3dState, readK3dState } from './state.ts';

export async function clusterStatus(
  engine: DockerClient,
  name: string,
  layout: K3dLayout,
  signal?: AbortSignal,
): Promise<ClusterStatus | undefined> {
  const [containers, state] = await Promise.all([
    listContainers(engine, clusterLabels(name), signal),
    readK3dState(layout),
  ]);
  if (containers.length === 0) return state && nothingLeft(name, state, layout);
  const details = await Promise.all(containers.map(({ id }) => inspectContainer(engine, id, signal)));
  const kubeconfig = await readFile(layout.kubeconfig, 'utf8').catch(() => undefined);
  const server = kubeconfig === undefined ? undefined : /server: "?([^"\n]+)/.exec(kubeconfig)?.[1];
  const [[api, nodes], caches] = await Promise.all([
    askCluster(kubeconfig, server, signal),
    cacheStatus(engine, state?.caches ?? [], signal),
  ]);
  const parts = containers.map((container, i) => containerStatus(container, details[i]));
  const running = parts.some(({ ok }) => ok);
  if (state?.restoring !== undefined) {
    const detail = `"${state.restoring}" was not restored to its end: \`hoist start ${name}\` ends it`;
    parts.push({ name: 'snapshot', ok: false, detail });
  }
  const well = state?.finished !== false && [...parts, api].every(({ ok }) => ok) && nodes.every(({ ready }) => ready);
  return {
    name,
    provider: 'k3d',
    state: !running ? 'stopped' : well ? 'running' : 'degraded',
    server,
    context: contextName(name),
    createdAt: state?.createdAt ?? details[0]?.Created ?? '',
    components: [...parts, api, ...caches],
    nodes,
    ports: publishedPorts(details),
    location: layout.root,
  };
}

/** A creation that failed removes its containers and keeps the evidence. */
function nothingLeft(name: string, { createdAt }: K3dState, { root, diagnostics }: K3dLayout): ClusterStatus {
  const detail = `none is left; their logs are in ${diagnostics}; \`hoist up --name ${name}\` recreates it`;
  return {
    ...{ name, provider: 'k3d', state: 'stopped', server: undefined, context: contextName(name), createdAt },
    ...{ components: [{ name: 'containers', ok: false, detail }], nodes: [], ports: {}, location: root },
  };
}

function containerStatus({ name, state }: Container, details: ContainerDetails | undefined): ComponentStatus {
  const dying = details !== undefined && keepsDying(details);
  const ok = state === 'running' && !dying;
  const memory = details?.HostConfig.Memory ?? 0;
  const cpus = (details?.HostConfig.NanoCpus ?? 0) / 1e9;
  const limits = [...(memory > 0 ? [bytesText(memory)] : []), ...(cpus > 0 ? [`${cpus} CPUs`] : [])];
  const restarts = (details?.RestartCount ?? 0) > 0 ? [`started ${details?.RestartCount ?? 0} times more`] : [];
  // The engine says the same of a node in which the kernel killed a pod.
  const oom = dying ? ['killed for want of memory'] : details?.State.OOMKilled === true ? ['short of memory once'] : [];
  const detail = [state, ...limits, ...restarts, ...oom].join(', ');
  const since = Date.parse(details?.State.StartedAt ?? '');
  return { name, ok, detail, ...(ok && !Number.isNaN(since) ? { ageMs: Date.now() - since } : {}) };
}

/** Ports on the engine's machine by what they lead to: `api`, `server-0 80/tcp`. */
function publishedPorts(details: readonly ContainerDetails[]): Record<string, number> {
  const ports: Record<string, number> = {};
  for (const { Name, NetworkSettings } of details) {
    for (const [inside, bindings] of Object.entries(NetworkSettings.Ports ?? {})) {
      const port = Number(bindings?.[0]?.HostPort);
      if (port > 0) ports[inside === '6443/tcp' ? 'api' : `${Name.replace(/^\//, '')} ${inside}`] = port;
    }
  }
  return ports;
}

async function askCluster(
  kubeconfig: string | undefined,
  server: string | undefined,
  signal: AbortSignal | undefined,
): Promise<[ComponentStatus, NodeStatus[]]> {
  if (kubeconfig === undefined || server === undefined) {
    return [{ name: 'api', ok: false, detail: 'has no kubeconfig here yet' }, []];
  }
  let connection: KubeConnection;
  try {
    connection = connectionFrom(kubeconfig, server);
  } catch {
    // Somebody has changed the file: the rest of the status is as good as ever.
    return [{ name: 'api', ok: false, detail: 'its kubeconfig here is damaged; `hoist start` writes it again' }, []];
  }
  return askApi(connection, roleOf, signal);
}

function roleOf({ metadata: { labels } }: Node): string {
  return labels?.['node-role.kubernetes.io/control-plane'] === 'true' ? 'server' : 'agent';
}
