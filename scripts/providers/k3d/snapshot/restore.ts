// The steps that give the nodes of a cluster what a snapshot has: its datastores and volumes while they stand still, then its images.

import { CreationError } from '../../../base/errors.ts';
import type { Step } from '../../../engine/step.ts';
import {
  type Container,
  inspectContainer,
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
import { nodesOf, roleOf } from '../nodes/labels.ts';
import type { K3dRun } from '../run.ts';
import { readK3dState, writeK3dState } from '../state.ts';

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

/** @param options.start whether the nodes are started here, servers first */
export function restoreStep(
  run: K3dRun,
  { store, manifest, start }: { store: SnapshotStore; manifest: SnapshotManifest; start: boolean },
): Step {
  const { engine } = run.docker;
  return {
    name: 'restore',
    async run({ signal, note }) {
      const nodes = await nodesOf(engine, run.plan.name, signal);
      const state = await readK3dState(run.layout);
      if (!state) throw new CreationError(`there is no record of the cluster in ${run.layout.root}`);
      // The nodes of a restore that was cut off may stand still.
      const needsImages = state.restoring !== undefined || (await lackImages(engine, nodes, manifest, signal));
      await store.verify(manifest, ({ of }) => of !== 'images' || needsImages);
      await writeK3dState(run.layout, { ...state, restoring: manifest.name });
      await Promise.all(nodes.map((node) => replaceContent(engine, node, { store, manifest }, signal)));
      const inTurn = [...nodes].sort((a, b) => (roleOf(a) === roleOf(b) ? 0 : roleOf(a) === 'server' ? -1 : 1));
      if (start) for (const { id } of inTurn) await startContainer(engine, id, signal);
      await writeK3dState(run.layout, { ...state, restoring: undefined });
      note(`${manifest.archives?.length ?? 0} archives`);
    },
  };
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

/** Ends a node, and gives it what the snapshot has of it in the place of what it held. */
async function replaceContent(
  engine: DockerClient,
  node: Container,
  { store, manifest }: { store: SnapshotStore; manifest: SnapshotManifest },
  signal: AbortSignal,
): Promise<void> {
  await unpauseContainer(engine, node.id, signal);
  // What it would still write is thrown away.
  await stopContainer(engine, node.id, 0, signal);
  await empty(engine, node, signal);
  for (const archive of manifest.archives ?? []) {
    if (archive.node !== node.name || archive.of === 'images') continue;
    const content = store.archive(manifest, archive);
    await putContainerArchive(engine, node.id, { content, bytes: archive.bytes, folder: FOLDERS[archive.of] }, signal);
  }
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
