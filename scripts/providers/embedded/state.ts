// What is remembered of an embedded cluster: its plan, ports and processes.

import { readFile } from 'node:fs/promises';
import { CreationError, isErrno, messageOf } from '../../base/errors.ts';
import type { DaemonHandle } from '../../host/daemon.ts';
import { writeAtomic } from '../../host/files/files.ts';
import type { ClusterPlan } from '../../plan/plan.ts';

export const processNames = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kwok'] as const;
export type ProcessName = (typeof processNames)[number];

/** Ports of the loopback interface; etcd listens on a socket file only. */
export interface Ports {
  apiserver: number;
  controllerManager: number;
  scheduler: number;
}

export interface ClusterState {
  version: 1;
  /** ISO 8601. */
  createdAt: string;
  plan: ClusterPlan;
  ports: Ports;
  /** The snapshot that it began with. */
  from?: string | undefined;
  /** A snapshot that is being written into it: a run that was killed may have left half of it. */
  restoring?: string | undefined;
  processes: Partial<Record<ProcessName, DaemonHandle & { startedAt: string }>>;
}

/** undefined where there is no such cluster. @throws CreationError where the file is damaged. */
export async function readState(file: string): Promise<ClusterState | undefined> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (isErrno(error, 'ENOENT') || isErrno(error, 'ENOTDIR')) return undefined;
    throw new CreationError(`${file} cannot be read: ${messageOf(error)}`, { cause: error });
  }
  try {
    const state = JSON.parse(text) as ClusterState;
    // eslint-disable-next-line @typescript-eslint/no-unnecessary-condition -- a file may hold anything
    if (state.version === 1) return state;
  } catch {
    // Said below, together with a version that is not known.
  }
  throw new CreationError(`${file} is damaged or of another version of hoist`, {
    hint: 'Remove the cluster with `hoist down`, then make it again.',
  });
}

export async function writeState(file: string, state: ClusterState): Promise<void> {
  await writeAtomic(file, `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600 });
}
