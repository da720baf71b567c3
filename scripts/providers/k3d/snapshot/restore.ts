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
import { putContainerArchive } from '../../../docker/upload.ts';
import type { SnapshotManifest } from '../../snapshots/manifest.ts';
import type { SnapshotStore } from '../../snapshots/store.ts';
import type { PackedImages } from '../../provider.ts';
import { nodesOf, roleOf } from '../nodes/labels.ts';
import type { K3dRun } from '../run.ts';
import { readK3dState, writeK3dState } from '../state.ts';

const DATA = '/var/lib/rancher/k3s';
export const DATASTORE = `${DATA}/server/db`;
/** Where k3s keeps the volumes of its storage class. */
export const STORAGE = `${DATA}/storage`;
const FOLDERS = { datastore: `${DATA}/server`, storage: DATA } as const;

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
      await store.verify(manifest);
      const nodes = await nodesOf(engine, run.plan.name, signal);
      const state = await readK3dState(run.layout);
      if (!state) throw new CreationError(`there is no record of the cluster in ${run.layout.root}`);
      await writeK3dState(run.layout, { ...state, restoring: manifest.name });
      // What they would still write is thrown away.
      await Promise.all(
        nodes.map(async ({ id }) => {
          await unpauseContainer(engine, id, signal);
          await stopContainer(engine, id, 0, signal);
        }),
      );
      for (const node of nodes) await write(run, node, { store, manifest }, signal);
      const inTurn = [...nodes].sort((a, b) => (roleOf(a) === roleOf(b) ? 0 : roleOf(a) === 'server' ? -1 : 1));
      if (start) for (const { id } of inTurn) await startContainer(engine, id, signal);
      await writeK3dState(run.layout, { ...state, restoring: undefined });
      note(`${manifest.archives?.length ?? 0} archives`);
    },
  };
}

async function write(
  { docker: { engine } }: K3dRun,
  node: Container,
  { store, manifest }: { store: SnapshotStore; manifest: SnapshotManifest },
  signal: AbortSignal,
): Promise<void> {
  const { Image } = await inspectContainer(engine, node.id, signal);
  const command = ['sh', '-c', `rm -rf ${DATASTORE} ${STORAGE}`];
  const code = await runOnVolumes(engine, { of: node.id, image: Image, command }, signal);
  if (code !== 0) throw new CreationError(`the old content of ${node.name} cannot be removed: rm ended with ${code}`);
  for (const archive of manifest.archives ?? []) {
    if (archive.node !== node.name || archive.of === 'images') continue;
    const content = store.archive(manifest, archive);
    await putContainerArchive(engine, node.id, { content, bytes: archive.bytes, folder: FOLDERS[archive.of] }, signal);
  }
}

/** The images of a snapshot, for the nodes that have lost them since. */
export function imagesOfSnapshot(store: SnapshotStore, manifest: SnapshotManifest): PackedImages[] {
  return (manifest.archives ?? []).flatMap((archive) =>
    archive.images === undefined
      ? []
      : [{ images: archive.images, bytes: archive.bytes, content: () => store.archive(manifest, archive) }],
  );
}
