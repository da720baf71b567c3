// The steps that open a bundle: its objects are written while the API server starts.

import { HoistError } from '../../base/errors.ts';
import type { Step } from '../../engine/step.ts';
import { type KubeConnection, connect } from '../../kube/client/client.ts';
import { waitApiServes } from '../../kube/watch/health.ts';
import { readArchive } from '../bundle/archive.ts';
import type { FileStore, LeftOut } from '../bundle/store.ts';
import { startKubelet } from './kubelet.ts';
import { BundleLogs } from './logs.ts';
import { type Mended, type ObjectStore, mend, removeForeign } from './mend.ts';
import { BundleObjects } from './objects.ts';

/** The control plane that shows the objects. */
export interface Server {
  readonly etcd: ObjectStore & {
    putAll(
      entries: AsyncIterable<{ key: string; value: string }>,
      onWritten: (count: number) => void,
      signal: AbortSignal,
    ): Promise<void>;
  };
  readonly egressSocket: string;
  pair(): Promise<{ certificate: string; key: string }>;
  connection(): Promise<KubeConnection>;
  startEtcd(file: string, signal: AbortSignal): Promise<void>;
  startApiServer(file: string): Promise<void>;
  guard<T>(work: (signal: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<T>;
}

export interface OpenInputs {
  /** Path of the bundle. */
  file: string;
  /** Of its files, unpacked; defaults to 2 GiB. */
  mostBytes?: number | undefined;
  server: Server;
  /** Steps that bring the binaries. */
  needs: readonly string[];
  binaries: () => Promise<Record<'etcd' | 'kube-apiserver', string>>;
  /** Called with what ends that which goes on after the steps. */
  onStop: (stop: () => void) => void;
}

export interface OpenedBundle {
  objects: number;
  /** What is not shown: how many, by reason. */
  leftOut: ReadonlyMap<string, number>;
  /** Links that lead out of the bundle, and what is no file. */
  filesLeftOut: readonly LeftOut[];
  placeholders: number;
  mended: Mended;
}

const API_MS = 120_000;

export function openSteps(inputs: OpenInputs): { steps: Step[]; opened: () => OpenedBundle } {
  const run = new Opening(inputs);
  const step = (name: string, needs: readonly string[], work: Step['run']): Step => ({ name, needs, run: work });
  return {
    steps: [
      step('bundle', [], () => run.read()),
      step('etcd', inputs.needs, ({ signal }) => run.startEtcd(signal)),
      step('api', ['etcd'], ({ signal }) => run.startApi(signal)),
      step('objects', ['bundle', 'etcd'], (context) => run.write(context)),
      step('check', ['api', 'objects'], ({ signal }) => run.check(signal)),
    ],
    opened: () => run.opened,
  };
}

class Opening {
  readonly inputs: OpenInputs;
  #store: FileStore | undefined;
  #objects: BundleObjects | undefined;
  #mended: Mended | undefined;
  readonly #logs: Promise<BundleLogs>;
  #giveLogs: (logs: BundleLogs) => void = () => undefined;

  constructor(inputs: OpenInputs) {
    this.inputs = inputs;
    this.#logs = new Promise((resolve) => (this.#giveLogs = resolve));
  }

  get opened(): OpenedBundle {
    if (!this.#objects || !this.#mended) throw new Error('the bundle is not open yet');
    const { count: objects, leftOut, placeholders } = this.#objects;
    return {
      objects: objects - this.#mended.removed,
      leftOut,
      placeholders,
      filesLeftOut: this.#store?.leftOut ?? [],
      mended: this.#mended,
    };
  }

  async read(): Promise<void> {
    const store = await readArchive(this.inputs.file, this.inputs.mostBytes);
    this.inputs.onStop(() => void store.close());
    if (!store.list().some((path) => path.startsWith('cluster-resources/'))) {
      throw new HoistError(`${this.inputs.file} has no objects: there is no folder "cluster-resources" in it`, {
        hint: 'A bundle of the host alone cannot be opened as a cluster.',
      });
    }
    this.#store = store;
    this.#giveLogs(new BundleLogs(store));
  }

  async startEtcd(signal: AbortSignal): Promise<void> {
    const { etcd } = await this.inputs.binaries();
    await this.inputs.server.startEtcd(etcd, signal);
  }

  async startApi(signal: AbortSignal): Promise<void> {
    const { server, binaries, onStop } = this.inputs;
    const { certificate, key } = await server.pair();
    const socket = server.egressSocket;
    onStop(await startKubelet({ socket, certificate, key, logs: this.#logs, now: () => new Date() }));
    await server.startApiServer((await binaries())['kube-apiserver']);
    const client = connect(await server.connection());
    try {
      await server.guard((s) => waitApiServes(client, { timeoutMs: API_MS, signal: s }), signal);
    } finally {
      client.close();
    }
  }

  async write({ signal, progress, note }: Parameters<Step['run']>[0]): Promise<void> {
    if (!this.#store) throw new Error('the bundle is not read yet');
    const objects = new BundleObjects(this.#store);
    this.#objects = objects;
    const onWritten = (done: number): void => progress({ done, unit: 'items' });
    await this.inputs.server.guard((s) => this.inputs.server.etcd.putAll(objects.read(), onWritten, s), signal);
    note(`${objects.count} objects`);
  }

  async check(signal: AbortSignal): Promise<void> {
    const { server } = this.inputs;
    const objects = this.#objects;
    if (!objects) throw new Error('the objects are not written yet');
    const client = connect(await server.connection());
    try {
      await server.guard(async (s) => {
        this.#mended = await mend(client, server.etcd, { kinds: objects.kinds.values(), signal: s });
        await removeForeign(client, server.etcd, { isOwn: (key) => objects.has(key), signal: s });
      }, signal);
    } finally {
      client.close();
    }
  }
}
