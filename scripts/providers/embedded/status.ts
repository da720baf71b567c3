// What an embedded cluster looks like now: processes, API, nodes.

import { readFile } from 'node:fs/promises';
import { cutText } from '../../base/terminal-text.ts';
import { isAlive, isSuspended, tail } from '../../host/daemon.ts';
import type { Node } from '../../kube/watch/verdict.ts';
import { askApi } from '../api-status.ts';
import { type ClusterStatus, type ComponentStatus, type NodeStatus, contextName } from '../provider.ts';
import type { Layout } from './layout.ts';
import { readTokens } from './pki.ts';
import { type ClusterState, processNames, readState } from './state.ts';

const SUSPENDED = 'suspended by a run that is at work, or that was killed: `hoist up` or `hoist start` continues it';

/** Characters of a component's last line that are shown. */
const LINE_MAX = 200;

export async function clusterStatus(
  name: string,
  layout: Layout,
  signal?: AbortSignal,
): Promise<ClusterStatus | undefined> {
  const state = await readState(layout.state);
  if (!state) return undefined;
  const all = await Promise.all(processNames.map((process) => processStatus(process, state, layout)));
  const stopped = all.every((c) => !c.ok && c.detail !== SUSPENDED);
  // Where all have ended, they were ended; of one alone its last words say why.
  const processes = all.map((one) => (stopped && one.detail.startsWith('ended') ? { ...one, detail: 'stopped' } : one));
  const server = `https://127.0.0.1:${state.ports.apiserver}`;
  // It would be waited for in vain.
  const suspended = all.some(({ name: of, detail }) => of === 'kube-apiserver' && detail === SUSPENDED);
  const [api, nodes] =
    stopped || suspended
      ? [{ name: 'api', ok: false, detail: suspended ? 'suspended' : 'stopped' }, []]
      : await askCluster(server, layout, signal);
  const components = [...processes, api];
  const ok = components.every((c) => c.ok) && nodes.every((n) => n.ready);
  return {
    name,
    provider: 'embedded',
    state: stopped ? 'stopped' : ok ? 'running' : 'degraded',
    server,
    context: contextName(name),
    createdAt: state.createdAt,
    components,
    nodes,
    ports: { ...state.ports },
    location: layout.root,
  };
}

async function processStatus(
  name: (typeof processNames)[number],
  state: ClusterState,
  layout: Layout,
): Promise<ComponentStatus> {
  const handle = state.processes[name];
  if (!handle) return { name, ok: false, detail: 'not started yet: the run that was to start it ended before' };
  if (await isAlive(handle)) {
    if (isSuspended(handle)) return { name, ok: false, detail: SUSPENDED, pid: handle.pid };
    return { name, ok: true, detail: 'running', pid: handle.pid, ageMs: Date.now() - Date.parse(handle.startedAt) };
  }
  const [last] = await tail(layout.log(name), 1);
  return { name, ok: false, detail: `ended${last === undefined ? '' : `: ${cutText(last, LINE_MAX)}`}` };
}

async function askCluster(
  server: string,
  layout: Layout,
  signal: AbortSignal | undefined,
): Promise<[ComponentStatus, NodeStatus[]]> {
  const tokens = await readTokens(layout);
  const ca = await readFile(layout.certificate, 'utf8').catch(() => undefined);
  if (!tokens || ca === undefined) return [{ name: 'api', ok: false, detail: 'has no credentials yet' }, []];
  return askApi({ server, ca, token: tokens['hoist-admin'] }, roleOf, signal);
}

function roleOf({ metadata: { labels } }: Node): string {
  return labels?.['role'] ?? 'agent';
}
