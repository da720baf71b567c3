// What is remembered of a k3d cluster on this machine: what it was made from, and whether it was finished.

import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { makeFolder } from '../../host/files/make-folder.ts';
import { writeAtomic } from '../../host/files/files.ts';
import { removeOwned } from '../../host/files/owned-folder.ts';
import type { Identity } from './plan/identity.ts';

export interface K3dState {
  version: 1;
  /** ISO 8601. */
  createdAt: string;
  identity: Identity;
  /** k3d came to its end; without it the cluster is half made, whatever its containers say. */
  finished: boolean;
  /** Containers that the network was made for besides the nodes. */
  caches: readonly string[];
  /** The snapshot that the nodes may have half of: its restore did not end. */
  restoring?: string | undefined;
}

export interface K3dLayout {
  root: string;
  state: string;
  /** The cluster's own kubeconfig, for people. */
  kubeconfig: string;
  registries: string;
  /** What is collected when a creation fails. */
  diagnostics: string;
}

export function layoutOf(clusters: string, name: string): K3dLayout {
  const root = join(clusters, name);
  return {
    root,
    state: join(root, 'state.json'),
    kubeconfig: join(root, 'kubeconfig'),
    registries: join(root, 'registries.yaml'),
    diagnostics: join(root, 'diagnostics'),
  };
}

/** undefined where nothing is remembered, or nothing that can be understood: the containers hold the rest. */
export async function readK3dState({ state }: K3dLayout): Promise<K3dState | undefined> {
  const text = await readFile(state, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    const found = JSON.parse(text) as Partial<K3dState>;
    return found.version === 1 ? (found as K3dState) : undefined;
  } catch {
    return undefined;
  }
}

export async function writeK3dState({ root, state }: K3dLayout, value: K3dState): Promise<void> {
  await makeFolder(root, 0o700);
  await writeAtomic(state, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });
}

/** @throws HoistError where the folder is not one that hoist made. */
export async function removeK3dState({ root, state, diagnostics }: K3dLayout): Promise<void> {
  // A creation of an older hoist that failed may have left nothing but the evidence.
  const records = [basename(state), basename(diagnostics)];
  await removeOwned({ parent: dirname(root), name: basename(root), records });
}
