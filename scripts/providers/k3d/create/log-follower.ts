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

/** @param ranBefore the nodes have logs of an earlier life, which tell nothing of this one. */
export function followLogs(engine: DockerClient, ranBefore: boolean, againMs = AGAIN_MS): LogFollower {
  const stop = new AbortController();
  const lines = new Map<string, string[]>();
  let wrote!: () => void;
  let found!: (trouble: NodeTrouble) => void;
  const kubeconfig = new Promise<void>((resolve) => (wrote = resolve));
  const trouble = new Promise<NodeTrouble>((resolve) => (found = resolve));

  const killedIn = new Set<string>();

  /** The line alone would not tell that the kernel was it; an inspection tells it of nodes that have ended. */
  const failed = (node: string, line: string): void => {
    inspectContainer(engine, node, stop.signal).then(
      ({ State, HostConfig }) => {
        const killed = State.OOMKilled || killedIn.has(node);
        found({ node, line, ...(killed ? { outgrown: HostConfig.Memory } : {}) });
      },
      () => found({ node, line }),
    );
  };

  /** k3d waits on where k3s is gone and its container is not; a pod that is killed is none of its concern. */
  const watchMemory = async (): Promise<void> => {
    for await (const node of memoryKills(engine, stop.signal)) {
      if (!lines.has(node)) continue;
      killedIn.add(node);
      await sleep(DYING_MS, undefined, { signal: stop.signal });
      if (!(await runsK3s(engine, node, stop.signal))) failed(node, 'k3s was killed');
    }
  };

  /** When a stopped node is started, by the engine's own clock, in ms since the epoch. */
  const nextStart = async (node: string): Promise<number> => {
    for (;;) {
      const { State } = await inspectContainer(engine, node, stop.signal);
      if (State.Running) return Date.parse(State.StartedAt);
      await sleep(START_POLL_MS, undefined, { signal: stop.signal });
    }
  };

  const readOnce = async (node: string, kept: string[], since: number | undefined): Promise<void> => {
    kept.length = 0;
    const ended = new AbortController();
    const doubt = AbortSignal.any([stop.signal, ended.signal]);
    try {
      for await (const line of containerLog(engine, node, { follow: true, since, signal: stop.signal })) {
        kept.push(line);
        if (kept.length > KEPT) kept.shift();
        if (tellsKubeconfig(line)) wrote();
        if (!isFatal(line)) continue;
        const tell = (): void => failed(node, line.trim());
        if (ranBefore) sleep(againMs, undefined, { signal: doubt }).then(tell, () => undefined);
        else tell();
      }
    } finally {
      ended.abort();
    }
  };

  /** A log ends with its container, and at once before that has started. */
  const read = async (node: string, kept: string[]): Promise<void> => {
    for (let ends = 0; ends < MOST_ENDS;) {
      await readOnce(node, kept, ranBefore ? await nextStart(node) : undefined);
      const { State } = await inspectContainer(engine, node, stop.signal);
      if (State.Status === 'created') await sleep(START_POLL_MS, undefined, { signal: stop.signal });
      else ends += 1;
      if (State.Status === 'exited' || State.Status === 'dead') break;
    }
    failed(node, kept.findLast((line) => line.trim() !== '') ?? 'its container ends without a word');
  };

  // Without it a node that is killed is noticed when k3d gives up.
  watchMemory().catch(() => undefined);

  return {
    lines,
    kubeconfig,
    trouble,
    follow(node) {
      if (lines.has(node)) return;
      const kept: string[] = [];
      lines.set(node, kept);
      // What cannot be followed, because it is gone or the run has stopped, is told by others.
      read(node, kept).catch(() => undefined);
    },
    stop: () => stop.abort(),
  };
}
