// The steps that give the nodes of a cluster what a snapshot has: its datastores and volumes while k3s does not run, then its images.

import { CreationError } from '../../../base/errors.ts';
import type { Step } from '../../../engine/step.ts';
import {
  type Container,
  inspectContainer,
  listContainers,
  runOnVolumes,
  startContainer,
  stopContainer,
  unpauseContainer,
} from '../../../docker/containers.ts';
import type { DockerClient } from '../../../docker/client.ts';
import { putContainerArchive } from '../../../docker/upload.ts';
import type { SnapshotManifest } from '../../snapshots/manifest.ts';
import type { SnapshotStore } from '../../snapshots/store.ts';
import type { PackedImages } from '../../provider.ts';
import { missingIn } from '../create/service-images.ts';
import { clusterLabels, nodesOf, roleOf } from '../nodes/labels.ts';
import type { K3dRun } from '../run.ts';
import { readK3dState, writeK3dState } from '../state.ts';
import { type EndedK3s, endK3s } from './k3s-restart.ts';

const DATA = '/var/lib/rancher/k3s';
export const DATASTORE = `${DATA}/server/db`;
/** Where k3s keeps the volumes of its storage class. */
export const STORAGE = `${DATA}/storage`;
const FOLDERS = { datastore: `${DATA}/server`, storage: DATA } as const;

/** ms in which containerd lists its images; one that is busy with something else has all of them read from the snapshot. */
const ANSWER_MS = 10_000;

/** @throws CreationError where the snapshot does not exist any more */
export async function restored(store: SnapshotStore, snapshot: string): Promise<SnapshotManifest> {
  const manifest = await store.read(snapshot);
  if (manifest) return manifest;
  throw new CreationError(`the snapshot "${snapshot}", of which this cluster may have half, does not exist any more`, {
    hint: 'Remove the cluster with `hoist down`, then create it again.',
  });
}

/** Whether all nodes run, and none was left by a restore that did not end: k3s can be restarted in them then. */
export async function restartsWithin({ docker: { engine }, layout, plan }: K3dRun): Promise<boolean> {
  const [nodes, state] = await Promise.all([nodesOf(engine, plan.name), readK3dState(layout)]);
  return state?.restoring === undefined && nodes.every((node) => node.state === 'running');
}

interface Restore {
  store: SnapshotStore;
  manifest: SnapshotManifest;
  /** Whether k3s is restarted within the nodes, where it can be. */
  within: boolean;
  /** Whether the nodes are started here, servers first. */
  start: boolean;
}

/** @returns also when k3s was restarted in nodes whose containers went on, which is known once the step has run. */
export function restoreStep(
  run: K3dRun,
  { store, manifest, within, start }: Restore,
): { step: Step; restarted: () => ReadonlyMap<string, number> } {
  const { engine } = run.docker;
  const restarted = new Map<string, number>();
  const step: Step = {
    name: 'restore',
    async run({ signal, note }) {
      const nodes = await nodesOf(engine, run.plan.name, signal);
      const state = await readK3dState(run.layout);
      if (!state) throw new CreationError(`there is no record of the cluster in ${run.layout.root}`);
      // The nodes of a restore that was cut off may stand still.
      const needsImages = state.restoring !== undefined || (await lackImages(engine, nodes, manifest, signal));
      await store.verify(manifest, ({ of }) => of !== 'images' || needsImages);
      await writeK3dState(run.layout, { ...state, restoring: manifest.name });
      const replaced = await Promise.all(
        nodes.map(async (node) => ({
          node,
          ended: await replaceContent(engine, node, { store, manifest, within }, signal),
        })),
      );
      if (start) await startNodes(run, replaced, signal);
      for (const { node, ended } of replaced) if (ended) restarted.set(node.name, ended.endedAt);
      await writeK3dState(run.layout, { ...state, restoring: undefined });
      note(`${manifest.archives?.length ?? 0} archives`);
    },
  };
  return { step, restarted: () => restarted };
}

interface Replaced {
  node: Container;
  /** undefined where the container was ended. */
  ended: EndedK3s | undefined;
}

/** Servers first, whose API the agents look for. */
async function startNodes(run: K3dRun, replaced: readonly Replaced[], signal: AbortSignal): Promise<void> {
  const { engine } = run.docker;
  const rank = ({ node }: Replaced): number => (roleOf(node) === 'server' ? 0 : 1);
  for (const { node, ended } of [...replaced].sort((a, b) => rank(a) - rank(b)))
    await (ended ? ended.start(signal) : startContainer(engine, node.id, signal));
  if (!run.plan.topology.loadBalancer || replaced.every(({ ended }) => ended)) return;
  // It remembers the addresses that nodes had.
  const all = await listContainers(engine, clusterLabels(run.plan.name), signal);
  for (const { id } of all.filter((one) => roleOf(one) === 'loadbalancer')) {
    await stopContainer(engine, id, 0, signal);
    await startContainer(engine, id, signal);
  }
}

/** Whether a node has lost images of the snapshot since, or cannot be asked: their archives are read only then. */
async function lackImages(
  engine: DockerClient,
  nodes: readonly Container[],
  { archives = [] }: SnapshotManifest,
  signal: AbortSignal,
): Promise<boolean> {
  const names = archives.flatMap(({ images = [] }) => images.map(({ name }) => name));
  const lacking = await Promise.all(
    nodes.map(async (node) => {
      if (node.state !== 'running') return true;
      const within = AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]);
      return (await missingIn(engine, node, names, within).catch(() => names)).length > 0;
    }),
  );
  return names.length > 0 && lacking.some(Boolean);
}

/** Ends k3s in a node, or the node, and gives it what the snapshot has of it in the place of what it held. */
async function replaceContent(
  engine: DockerClient,
  node: Container,
  { store, manifest, within }: Pick<Restore, 'store' | 'manifest' | 'within'>,
  signal: AbortSignal,
): Promise<EndedK3s | undefined> {
  const ended = within ? await endK3s(engine, node.id, [DATASTORE, STORAGE], signal) : undefined;
  if (ended === undefined) {
    await unpauseContainer(engine, node.id, signal);
    // What it would still write is thrown away.
    await stopContainer(engine, node.id, 0, signal);
    await empty(engine, node, signal);
  }
  for (const archive of manifest.archives ?? []) {
    if (archive.node !== node.name || archive.of === 'images') continue;
    const content = store.archive(manifest, archive);
    await putContainerArchive(engine, node.id, { content, bytes: archive.bytes, folder: FOLDERS[archive.of] }, signal);
  }
  return ended;
}

const EMPTY = `rm -rf ${DATASTORE} ${STORAGE}`;

/** From a container beside it: within it, what stops its processes would stop the machine's in k3d's host PID mode. */
async function empty(engine: DockerClient, { id, name }: Container, signal: AbortSignal): Promise<void> {
  const { Image } = await inspectContainer(engine, id, signal);
  const code = await runOnVolumes(engine, { of: id, image: Image, command: ['sh', '-c', EMPTY] }, signal);
  if (code !== 0) throw new CreationError(`the old content of ${name} cannot be removed: rm ended with ${code}`);
}

/** The images of a snapshot, for the nodes that have lost them since. */
export function imagesOfSnapshot(store: SnapshotStore, manifest: SnapshotManifest): PackedImages[] {
  return (manifest.archives ?? []).flatMap((archive) =>
    archive.images === undefined
      ? []
      : [{ images: archive.images, bytes: archive.bytes, content: () => store.archive(manifest, archive) }],
  );
}
