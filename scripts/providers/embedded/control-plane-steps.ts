// The steps that start the control plane and lead into it: each process as soon as what it needs is there.

import { existsSync, watch } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { Step } from '../../engine/step.ts';
import { writeAtomic } from '../../host/files/files.ts';
import { createNamespace } from '../../kube/apply/create.ts';
import { connect } from '../../kube/client/client.ts';
import { waitApiReady, waitApiServes } from '../../kube/watch/health.ts';
import { waitNodesReady } from '../../kube/watch/wait.ts';
import { createNodes } from './nodes.ts';
import { adminKubeconfig } from './pki.ts';
import type { EmbeddedRun } from './run.ts';
import { type ProcessName, processNames } from './state.ts';

/** A control plane that answers nothing for so long never will. */
const API_TIMEOUT_MS = 180_000;
/** ms in which the controller manager has read its files, whatever it writes. */
const AWAKE_MS = 700;

/** Starts a process for which nothing waits. */
export function processStep(run: EmbeddedRun, name: ProcessName, ...needs: string[]): Step {
  return {
    name,
    needs: [...needs, ...run.tool(name)],
    async run({ note }) {
      if ((await run.start(name)) === 'running') note('runs already');
    },
  };
}

export function etcdStep(run: EmbeddedRun): Step {
  return {
    name: 'etcd',
    needs: ['prepare', ...run.tool('etcd')],
    async run({ signal, note }) {
      if ((await run.start('etcd')) === 'running') note('runs already');
      await run.started.processes.guard(['etcd'], (s) => waitForFile(run.layout.root, 'etcd.sock', s), signal);
    },
  };
}

/** @param after what else must have ended, well or not, before anything is written by way of the API. */
export function apiStep(run: EmbeddedRun, after: readonly string[] = []): Step {
  const { layout, inputs } = run;
  return {
    name: 'api',
    needs: ['etcd', 'kube-apiserver'],
    after,
    async run({ signal }) {
      const { processes, server, tokens } = run.started;
      const serve = async (s: AbortSignal): Promise<void> => {
        await waitForFile(layout.pki, 'apiserver.crt', s);
        const connection = { server, ca: await readFile(layout.certificate, 'utf8'), token: tokens['hoist-admin'] };
        const client = connect(connection);
        await waitApiServes(client, { timeoutMs: API_TIMEOUT_MS, signal: s });
        await createNamespace(client, 'kube-system', s);
        inputs.access.open(client, connection);
      };
      await processes.guard(['etcd', 'kube-apiserver'], serve, signal);
    },
  };
}

export function controllerManagerStep(run: EmbeddedRun): Step {
  const name = 'kube-controller-manager';
  return {
    name,
    needs: ['api', 'credentials', ...run.tool(name)],
    async run({ signal, note }) {
      // It asks /healthz once a second and does nothing before the answer is yes; kube-apiserver says yes when it has
      // made its roles. Its first lines come some milliseconds before it asks for the first time: asleep from then on it
      // leaves the CPU to that, and asks at the right moment.
      const { processes } = run.started;
      const client = run.inputs.access.client();
      const outcome = await processes.startAsleep(name, {
        start: () => run.start(name),
        mostMs: AWAKE_MS,
        work: () =>
          processes.guard([name], (s) => waitApiReady(client, { timeoutMs: API_TIMEOUT_MS, signal: s }), signal),
      });
      if (outcome === 'running') note('runs already');
    },
  };
}

export function kubeconfigStep(run: EmbeddedRun): Step {
  const { plan, layout } = run;
  return {
    name: 'kubeconfig',
    needs: ['api'],
    async run() {
      const { server, tokens } = run.started;
      const certificate = await readFile(layout.certificate, 'utf8');
      const text = adminKubeconfig(plan.name, server, tokens['hoist-admin'], certificate);
      await writeAtomic(layout.kubeconfig, text, { mode: 0o600 });
    },
  };
}

export function nodeSteps(run: EmbeddedRun): Step[] {
  const { nodes } = run.plan;
  const { access, healthTimeoutMs: timeoutMs } = run.inputs;
  const names = nodes.map(({ name }) => name);
  return [
    {
      name: 'nodes/create',
      needs: ['api'],
      run: ({ signal }) => createNodes(access.client(), nodes, signal),
    },
    {
      name: 'nodes',
      needs: ['nodes/create', 'kwok', 'kube-controller-manager', 'kube-scheduler'],
      run: ({ signal, progress: onProgress }) =>
        run.started.processes.guard(
          processNames,
          (s) => waitNodesReady(access.client(), { names }, { timeoutMs, signal: s, onProgress }),
          signal,
        ),
    },
  ];
}

/** Resolves when a folder has a file of this name and it is not empty, or is a socket. */
async function waitForFile(folder: string, name: string, signal: AbortSignal): Promise<void> {
  const path = `${folder}/${name}`;
  if (existsSync(path)) return;
  await new Promise<void>((resolve, reject) => {
    const watcher = watch(folder);
    const end = (settle: () => void): void => {
      watcher.close();
      signal.removeEventListener('abort', onAbort);
      settle();
    };
    const onAbort = (): void => end(() => reject(signal.reason as Error));
    signal.addEventListener('abort', onAbort);
    watcher.on('error', (error) => end(() => reject(error)));
    const check = (): void => {
      if (existsSync(path)) end(resolve);
    };
    watcher.on('change', check);
    check();
  });
}
