// A control plane for looking at objects: its folder, its two processes, and who may read. It ends with the process that started it.

import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeFolder } from '../../host/files/make-folder.ts';
import { CreationError } from '../../base/errors.ts';
import {
  type DaemonHandle,
  type DaemonOptions,
  type StartedDaemon,
  isAlive,
  startDaemon,
  stopDaemon,
  tail,
} from '../../host/daemon.ts';
import type { Exec } from '../../host/exec.ts';
import { startTimeOf } from '../../host/incarnation.ts';
import { freePorts } from '../../host/ports.ts';
import type { KubeConnection } from '../../kube/client/client.ts';
import { kubeconfigText, provideCertificate } from '../embedded/pki.ts';
import { FILES, apiServerCommand, egressText, etcdCommand, policyText } from './commands.ts';
import { Etcd } from './etcd.ts';

const ETCD_MS = 30_000;
const GRACE_MS = 500;
const LAST_LINES = 6;
/** What the context in the kubeconfig is called. */
const CONTEXT = 'bundle';

type ProcessName = 'etcd' | 'kube-apiserver';

interface State {
  version: 1;
  owner: DaemonHandle;
  processes: DaemonHandle[];
}

export interface ViewerInputs {
  /** All viewers of this user: one folder for each. */
  parent: string;
  /** The certificate that all of the user's embedded clusters serve with. */
  sharedPair: string;
  exec: Exec;
}

export class Viewer {
  readonly folder: string;
  readonly etcd: Etcd;
  readonly #processes: (StartedDaemon & { name: ProcessName })[] = [];
  readonly #owner: DaemonHandle;
  readonly #admin = randomBytes(24).toString('base64url');
  readonly #reader = randomBytes(24).toString('base64url');
  #port = 0;

  private constructor(folder: string, owner: DaemonHandle) {
    this.folder = folder;
    this.#owner = owner;
    this.etcd = new Etcd(shortest(join(folder, FILES.etcdSocket)));
  }

  /** Makes its folder with all that its processes read; those of viewers that were killed are removed. */
  static async prepare({ parent, sharedPair, exec }: ViewerInputs, signal: AbortSignal): Promise<Viewer> {
    await makeFolder(parent, 0o700);
    await removeOrphans(parent);
    const folder = join(parent, `${process.pid}-${randomBytes(3).toString('hex')}`);
    await mkdir(folder, { mode: 0o700 });
    const viewer = new Viewer(folder, { pid: process.pid, startTime: (await startTimeOf(process.pid)) ?? '' });
    await viewer.#save();
    [viewer.#port = 0] = await freePorts(1);
    const files = { certificate: viewer.path('certificate'), key: viewer.path('key') };
    if (!(await provideCertificate(exec, sharedPair, files, signal)))
      throw new CreationError('openssl is missing: without it there is no certificate', { hint: 'Install openssl.' });
    const tokens = `${viewer.#admin},admin,admin,"system:masters"\n${viewer.#reader},viewer,viewer\n`;
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const write = (file: keyof typeof FILES, text: string): Promise<void> =>
      writeFile(viewer.path(file), text, { mode: 0o600 });
    await Promise.all([
      write('tokens', tokens),
      write('policy', policyText()),
      write('egress', egressText()),
      write('accountKey', privateKey.export({ type: 'sec1', format: 'pem' }).toString()),
    ]);
    return viewer;
  }

  path(file: keyof typeof FILES): string {
    return join(this.folder, FILES[file]);
  }

  /** Where the API server asks for connections to anything. */
  get egressSocket(): string {
    return shortest(this.path('egressSocket'));
  }

  /** PEM. */
  async pair(): Promise<{ certificate: string; key: string }> {
    const [certificate, key] = await Promise.all([
      readFile(this.path('certificate'), 'utf8'),
      readFile(this.path('key'), 'utf8'),
    ]);
    return { certificate, key };
  }

  get server(): string {
    return `https://127.0.0.1:${this.#port}`;
  }

  /** As a user who may do everything; only for hoist itself. */
  async connection(): Promise<KubeConnection> {
    return { server: this.server, ca: (await this.pair()).certificate, token: this.#admin };
  }

  /** Resolves when it takes writes. @throws CreationError where it ends before, or takes too long */
  async startEtcd(file: string, signal: AbortSignal): Promise<void> {
    await this.#start('etcd', etcdCommand(file));
    await this.guard(async (s) => {
      const deadline = performance.now() + ETCD_MS;
      for (;;) {
        if (existsSync(this.path('etcdSocket'))) {
          const answers = await this.etcd.keys('/hoist/', s).catch(() => undefined);
          if (answers) return;
        }
        s.throwIfAborted();
        if (performance.now() > deadline)
          throw new CreationError(`etcd answers nothing after ${ETCD_MS / 1000} s`, {
            hint: `Its log: ${this.#log('etcd')}`,
          });
        await sleep(10, undefined, { signal: s });
      }
    }, signal);
  }

  async startApiServer(file: string): Promise<void> {
    await this.#start('kube-apiserver', apiServerCommand(file, this.#port));
  }

  /** A kubeconfig with which everything can be read and nothing written. @returns its path */
  async writeKubeconfig(): Promise<string> {
    const { certificate } = await this.pair();
    const text = kubeconfigText({ name: CONTEXT, server: this.server, token: this.#reader, certificate });
    await writeFile(this.path('kubeconfig'), text, { mode: 0o600 });
    return this.path('kubeconfig');
  }

  /** Resolves like `work`. @throws CreationError with the end of its log where a process ends before */
  async guard<T>(work: (signal: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<T> {
    const stop = new AbortController();
    try {
      const deaths = this.#processes.map(({ name, exited }) => exited.then(() => this.#died(name)));
      return await Promise.race([work(AbortSignal.any([signal, stop.signal])), ...deaths]);
    } finally {
      stop.abort();
    }
  }

  /** Ends both processes and removes the folder. */
  async close(): Promise<void> {
    await Promise.all(this.#processes.map((one) => stopDaemon(one, { graceMs: GRACE_MS })));
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  async #start(name: ProcessName, command: Pick<DaemonOptions, 'file' | 'args'>): Promise<void> {
    const daemon = await startDaemon({ ...command, cwd: this.folder, logFile: this.#log(name) });
    this.#processes.push({ ...daemon, name });
    await this.#save();
  }

  #save(): Promise<void> {
    const processes = this.#processes.map(({ pid, startTime }) => ({ pid, startTime }));
    const state: State = { version: 1, owner: this.#owner, processes };
    return writeFile(this.path('state'), JSON.stringify(state), { mode: 0o600 });
  }

  #log(name: ProcessName): string {
    return join(this.folder, `${name}.log`);
  }

  async #died(name: ProcessName): Promise<never> {
    const lines = await tail(this.#log(name), LAST_LINES);
    throw new CreationError(`${name} ended unexpectedly:\n${lines.map((line) => `  ${line}`).join('\n')}`);
  }
}

/** A socket's path is limited to 107 bytes: relative to the working directory it may be shorter. */
function shortest(path: string): string {
  const near = relative(process.cwd(), path);
  return near.length < path.length ? near : path;
}

/** What is left of viewers whose process was killed: their servers are ended and their folders removed. */
async function removeOrphans(parent: string): Promise<void> {
  const folders = await readdir(parent, { withFileTypes: true });
  await Promise.all(
    folders
      .filter((entry) => entry.isDirectory() && /^\d+-[0-9a-f]{6}$/.test(entry.name))
      .map(async ({ name }) => {
        const folder = join(parent, name);
        const state = await readState(join(folder, FILES.state));
        // One without a state is just being made, or was never more than a folder.
        if (!state || (await isAlive(state.owner))) return;
        await Promise.all(state.processes.map((one) => stopDaemon(one, { graceMs: GRACE_MS })));
        await rm(folder, { recursive: true, force: true, maxRetries: 5 });
      }),
  );
}

async function readState(file: string): Promise<State | undefined> {
  try {
    const state = JSON.parse(await readFile(file, 'utf8')) as State;
    // eslint-disable-next-line @typescript-eslint/no-unnecessary-condition -- a file may hold anything
    return state.version === 1 && Array.isArray(state.processes) ? state : undefined;
  } catch {
    return undefined;
  }
}
