// The steps that make an embedded cluster, or heal one: reads like its table of contents.

import { existsSync, watch } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import type { Step } from '../../engine/step.ts';
import type { Exec } from '../../host/exec.ts';
import { writeAtomic } from '../../host/files.ts';
import { freePorts, isFree } from '../../host/ports.ts';
import { type ToolOptions, toolFile, pinOf } from '../../tools/options.ts';
import { locateTool } from '../../tools/locate.ts';
import { toolStepName, toolSteps } from '../../tools/steps.ts';
import { connect } from '../../kube/client/client.ts';
import { createNamespace } from '../../kube/apply/create.ts';
import { waitApiReady, waitApiServes } from '../../kube/watch/health.ts';
import { waitNodesReady } from '../../kube/watch/wait.ts';
import type { ClusterPlan } from '../../plan/plan.ts';
import type { StepInputs } from '../provider.ts';
import { checkUserFlags, processesWithUserFlags } from './arguments.ts';
import { componentCommand } from './commands.ts';
import type { Layout } from './layout.ts';
import { createNodes } from './nodes.ts';
import {
  type Tokens,
  adminKubeconfig,
  ensureCredentials,
  provideCertificate,
  writeComponentKubeconfigs,
} from './pki.ts';
import { Processes, deadProcesses } from './processes.ts';
import { type ClusterState, type Ports, type ProcessName, processNames, readState } from './state.ts';

/** A control plane that answers nothing for so long never will. */
const API_TIMEOUT_MS = 60_000;
/** ms in which the controller manager reads its files and asks for the first time. */
const AWAKE_MS = 700;

export interface EmbeddedDeps {
  exec: Exec;
  /** File with the certificate and key that all clusters serve with. */
  sharedPair: string;
  tools: ToolOptions;
}

/** What one step of the run leaves for the next. */
interface Shared {
  state: ClusterState;
  processes: Processes;
  tokens: Tokens;
  server: string;
}

export async function embeddedSteps(
  plan: ClusterPlan,
  layout: Layout,
  { access, situation, healthTimeoutMs }: StepInputs,
  { exec, tools, sharedPair }: EmbeddedDeps,
  removeOld: (signal: AbortSignal) => Promise<void>,
): Promise<Step[]> {
  const provisioning = await toolSteps(processNames, tools);
  const provided = new Set(provisioning.map((step) => step.name));
  const tool = (name: ProcessName): string[] => [toolStepName(name)].filter((step) => provided.has(step));
  let shared: Shared | undefined;
  const use = (): Shared => {
    if (!shared) throw new Error('a step runs before "prepare"');
    return shared;
  };
  const file = async (name: ProcessName): Promise<string> =>
    (await locateTool(name, tools))?.path ?? toolFile(pinOf(name, tools), tools);
  const start = async (name: ProcessName): Promise<string> => {
    const { processes, state } = use();
    return processes.start(name, componentCommand(name, await file(name), plan, layout, state.ports));
  };
  const process = (name: ProcessName, ...needs: string[]): Step => ({
    name,
    needs: [...needs, ...tool(name)],
    async run({ note }) {
      if ((await start(name)) === 'running') note('runs already');
    },
  });

  const flagged = processesWithUserFlags(plan);
  const checks: Step[] =
    flagged.length === 0
      ? []
      : [
          {
            name: 'arguments',
            needs: flagged.flatMap(tool),
            async run({ signal }) {
              const files = await Promise.all(processNames.map(async (name) => [name, await file(name)] as const));
              await checkUserFlags(plan, Object.fromEntries(files) as Record<ProcessName, string>, exec, signal);
            },
          },
        ];
  const removal: Step[] =
    situation.kind === 'different'
      ? [{ name: 'remove', needs: checks.map((s) => s.name), run: ({ signal }) => removeOld(signal) }]
      : [];

  return [
    ...provisioning,
    ...checks,
    ...removal,
    {
      name: 'prepare',
      needs: [...checks, ...removal].map((s) => s.name),
      async run() {
        await mkdir(layout.root, { recursive: true, mode: 0o700 });
        const state = await prepareState(plan, layout);
        const processes = new Processes(layout, state);
        const server = `https://127.0.0.1:${state.ports.apiserver}`;
        // First of all: by this file the folder is known as hoist's.
        await processes.save();
        const tokens = await ensureCredentials(layout);
        shared = { state, processes, tokens, server };
      },
    },
    {
      name: 'etcd',
      needs: ['prepare', ...tool('etcd')],
      async run({ signal, note }) {
        if ((await start('etcd')) === 'running') note('runs already');
        await use().processes.guard(['etcd'], (s) => waitForFile(layout.root, 'etcd.sock', s), signal);
      },
    },
    {
      name: 'certificate',
      needs: ['prepare'],
      async run({ signal, note }) {
        if (existsSync(layout.certificate)) note('kept');
        else if (!(await provideCertificate(exec, sharedPair, layout, signal)))
          note('openssl is missing: kube-apiserver makes its own');
      },
    },
    process('kube-apiserver', 'certificate'),
    {
      name: 'api',
      needs: ['etcd', 'kube-apiserver'],
      async run({ signal }) {
        const { processes, server, tokens } = use();
        await processes.guard(
          ['etcd', 'kube-apiserver'],
          async (s) => {
            await waitForFile(layout.pki, 'apiserver.crt', s);
            const connection = { server, ca: await readFile(layout.certificate, 'utf8'), token: tokens['hoist-admin'] };
            const client = connect(connection);
            await waitApiServes(client, { timeoutMs: API_TIMEOUT_MS, signal: s });
            await createNamespace(client, 'kube-system', s);
            access.open(client, connection);
          },
          signal,
        );
      },
    },
    {
      name: 'credentials',
      needs: ['prepare'],
      run: () => writeComponentKubeconfigs(layout, use().server, use().tokens),
    },
    {
      name: 'kube-controller-manager',
      needs: ['api', 'credentials', ...tool('kube-controller-manager')],
      async run({ signal, note }) {
        const name = 'kube-controller-manager';
        if ((await start(name)) === 'running') {
          note('runs already');
          return;
        }
        // It asks /healthz once a second and does nothing before the answer is yes; kube-apiserver says yes when it has
        // made its roles. Asleep until then it leaves the CPU to that, and asks again at the right moment.
        const { processes } = use();
        const ready = (s: AbortSignal): Promise<void> =>
          waitApiReady(access.client(), { timeoutMs: API_TIMEOUT_MS, signal: s });
        await processes.guard([name], (s) => processes.asleepDuring(name, AWAKE_MS, ready(s)), signal);
      },
    },
    process('kube-scheduler', 'api', 'credentials'),
    process('kwok', 'api', 'credentials'),
    {
      name: 'kubeconfig',
      needs: ['api'],
      async run() {
        const { server, tokens } = use();
        const certificate = await readFile(layout.certificate, 'utf8');
        const text = adminKubeconfig(plan.name, server, tokens['hoist-admin'], certificate);
        await writeAtomic(layout.kubeconfig, text, { mode: 0o600 });
      },
    },
    {
      name: 'nodes/create',
      needs: ['api'],
      run: ({ signal }) => createNodes(access.client(), plan.nodes, signal),
    },
    {
      name: 'nodes',
      needs: ['nodes/create', 'kwok', 'kube-controller-manager', 'kube-scheduler'],
      async run({ signal, progress }) {
        const names = plan.nodes.map((node) => node.name);
        await use().processes.guard(
          processNames,
          (s) =>
            waitNodesReady(access.client(), { names }, { timeoutMs: healthTimeoutMs, signal: s, onProgress: progress }),
          signal,
        );
      },
    },
  ];
}

/** The state that is there, with ports of dead processes chosen anew where somebody else has them; else a new one. */
async function prepareState(plan: ClusterPlan, layout: Layout): Promise<ClusterState> {
  const known = await readState(layout.state);
  if (!known) {
    const [apiserver = 0, controllerManager = 0, scheduler = 0, kwok = 0] = await freePorts(4);
    const ports = { apiserver, controllerManager, scheduler, kwok };
    return { version: 1, createdAt: new Date().toISOString(), plan, ports, processes: {} };
  }
  const dead = await deadProcesses(known);
  const owners: Record<keyof Ports, ProcessName> = {
    apiserver: 'kube-apiserver',
    controllerManager: 'kube-controller-manager',
    scheduler: 'kube-scheduler',
    kwok: 'kwok',
  };
  for (const port of Object.keys(owners) as (keyof Ports)[]) {
    if (!dead.includes(owners[port]) || (await isFree(known.ports[port]))) continue;
    [known.ports[port] = 0] = await freePorts(1);
  }
  return { ...known, plan };
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
