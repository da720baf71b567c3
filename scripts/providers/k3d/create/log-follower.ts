// Follows a cluster's nodes from the first line of their logs, keeps the last ones, and notices what ends k3s.

import { setTimeout as sleep } from 'node:timers/promises';
import { containerLog, inspectContainer, memoryKills } from '../../../docker/containers.ts';
import type { DockerClient } from '../../../docker/client.ts';
import { runsK3s } from '../nodes/k3s-process.ts';
import { isFatal, tellsKubeconfig } from './node-log.ts';

const KEPT = 400;
/** ms between looks at a container that is about to start. */
const START_POLL_MS = 20;
/** A node that ends so often while it is made will not do better: its engine starts it over and over. */
const MOST_ENDS = 3;
/**
 * ms in which a node that ran before may end and begin again after it has said that it ends. What it is started with was
 * right once, and kubelets have been seen to fail once while they start.
 */
const AGAIN_MS = 5_000;
/** ms that a process which the kernel kills may take to be gone. */
const DYING_MS = 300;

export interface NodeTrouble {
  node: string;
  /** k3s's own line, or how its container ended. */
  line: string;
  /** Where the kernel killed it for want of memory: the limit that it had, in bytes; 0 for none. */
  outgrown?: number;
}

export interface LogFollower {
  /** Follows one more node, from its first line on; asking for the same one again changes nothing. */
  follow(node: string): void;
  /** The last lines of each node. */
  readonly lines: ReadonlyMap<string, readonly string[]>;
  /** Resolves when a server has written its kubeconfig. */
  readonly kubeconfig: Promise<void>;
  /** Resolves with the first thing that ends k3s on a node. */
  readonly trouble: Promise<NodeTrouble>;
  stop(): void;
}

/** @param ranBefore the nodes have logs of an earlier life, which say nothing of this one. */
export function followLogs(engine: DockerClient, ranBefore: boolean, againMs = AGAIN_MS): LogFollower {
  return new NodeLogs(engine, ranBefore, againMs);
}

class NodeLogs implements LogFollower {
  readonly lines = new Map<string, string[]>();
  readonly kubeconfig: Promise<void>;
  readonly trouble: Promise<NodeTrouble>;
  readonly #engine: DockerClient;
  readonly #ranBefore: boolean;
  readonly #againMs: number;
  readonly #stop = new AbortController();
  /** Nodes in which the kernel has killed something. */
  readonly #killedIn = new Set<string>();
  #wrote!: () => void;
  #found!: (trouble: NodeTrouble) => void;

  constructor(engine: DockerClient, ranBefore: boolean, againMs: number) {
    this.#engine = engine;
    this.#ranBefore = ranBefore;
    this.#againMs = againMs;
    this.kubeconfig = new Promise((resolve) => (this.#wrote = resolve));
    this.trouble = new Promise((resolve) => (this.#found = resolve));
    // Without it a node that is killed is noticed when k3d gives up.
    this.#watchMemory().catch(() => undefined);
  }

  follow(node: string): void {
    if (this.lines.has(node)) return;
    const kept: string[] = [];
    this.lines.set(node, kept);
    // What cannot be followed, because it is gone or the run has stopped, is reported by others.
    this.#follow(node, kept).catch(() => undefined);
  }

  stop(): void {
    this.#stop.abort();
  }

  /** A log ends with its container, and at once before that has started. */
  async #follow(node: string, kept: string[]): Promise<void> {
    for (let ends = 0; ends < MOST_ENDS;) {
      await this.#readOnce(node, kept, this.#ranBefore ? await this.#nextStart(node) : undefined);
      const { State } = await inspectContainer(this.#engine, node, this.#stop.signal);
      if (State.Status === 'created') await sleep(START_POLL_MS, undefined, { signal: this.#stop.signal });
      else ends += 1;
      if (State.Status === 'exited' || State.Status === 'dead') break;
    }
    this.#failed(node, kept.findLast((line) => line.trim() !== '') ?? 'its container ends without a word');
  }

  async #readOnce(node: string, kept: string[], since: number | undefined): Promise<void> {
    kept.length = 0;
    const { signal } = this.#stop;
    const ended = new AbortController();
    try {
      for await (const line of containerLog(this.#engine, node, { follow: true, since, signal })) {
        kept.push(line);
        if (kept.length > KEPT) kept.shift();
        if (tellsKubeconfig(line)) this.#wrote();
        if (isFatal(line)) this.#suspect(node, line.trim(), ended.signal);
      }
    } finally {
      ended.abort();
    }
  }

  /** A node that ran before is given the time to begin again. */
  #suspect(node: string, line: string, ended: AbortSignal): void {
    if (!this.#ranBefore) {
      this.#failed(node, line);
      return;
    }
    const signal = AbortSignal.any([this.#stop.signal, ended]);
    sleep(this.#againMs, undefined, { signal }).then(
      () => this.#failed(node, line),
      () => undefined,
    );
  }

  /** When a stopped node is started, by the engine's own clock, in ms since the epoch. */
  async #nextStart(node: string): Promise<number> {
    for (;;) {
      const { State } = await inspectContainer(this.#engine, node, this.#stop.signal);
      if (State.Running) return Date.parse(State.StartedAt);
      await sleep(START_POLL_MS, undefined, { signal: this.#stop.signal });
    }
  }

  /** k3d waits on where k3s is gone and its container is not; a pod that is killed is none of its concern. */
  async #watchMemory(): Promise<void> {
    const { signal } = this.#stop;
    for await (const node of memoryKills(this.#engine, signal)) {
      if (!this.lines.has(node)) continue;
      this.#killedIn.add(node);
      await sleep(DYING_MS, undefined, { signal });
      if (!(await runsK3s(this.#engine, node, signal))) this.#failed(node, 'k3s was killed');
    }
  }

  /** The line alone would not show that the kernel did it; an inspection does for nodes that have ended. */
  #failed(node: string, line: string): void {
    inspectContainer(this.#engine, node, this.#stop.signal).then(
      ({ State, HostConfig }) => {
        const killed = State.OOMKilled || this.#killedIn.has(node);
        this.#found({ node, line, ...(killed ? { outgrown: HostConfig.Memory } : {}) });
      },
      () => this.#found({ node, line }),
    );
  }
}
