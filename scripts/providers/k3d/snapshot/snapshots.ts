// Snapshots of k3d clusters: the servers' datastores and the local volumes as they are at one moment, and the nodes' images.

import { createHash } from 'node:crypto';
import { UsageError } from '../../../base/errors.ts';
import type { DockerClient } from '../../../docker/client.ts';
import {
  type Container,
  containerArchive,
  inspectContainer,
  pauseContainer,
  readContainerFile,
  unpauseContainer,
} from '../../../docker/containers.ts';
import type { Resumption, Snapshots } from '../../provider.ts';
import type { NewArchive } from '../../snapshots/archives.ts';
import type { SnapshotManifest } from '../../snapshots/manifest.ts';
import type { SnapshotStore } from '../../snapshots/store.ts';
import { firstServer, nodesOf, roleOf } from '../nodes/labels.ts';
import { nodeArchives } from '../offline/images.ts';
import { type K3dLayout, readK3dState } from '../state.ts';
import { DATASTORE, STORAGE } from './restore.ts';

/** A secret of the cluster alone, made when it was created. */
const TOKEN = '/var/lib/rancher/k3s/server/node-token';

interface Clusters {
  store: SnapshotStore;
  layout: (name: string) => K3dLayout;
  /** undefined where there is no such cluster. */
  engineWith: (name: string) => Promise<DockerClient | undefined>;
  /** How a cluster is started with the content of a snapshot. */
  resume: (name: string, snapshot: string) => Promise<Resumption>;
}

export function k3dSnapshots({ store, layout, engineWith, resume }: Clusters): Snapshots {
  return {
    forNew: false,
    async save(name, snapshot, signal) {
      const engine = await engineWith(name);
      if (engine === undefined) return undefined;
      const nodes = await nodesOf(engine, name, signal);
      const still = nodes.filter(({ state }) => state !== 'running');
      if (nodes.length === 0 || still.length > 0) throw notRunning(name, still);
      const restoring = (await readK3dState(layout(name)))?.restoring;
      if (restoring !== undefined) throw halfRestored(name, restoring);
      // Nothing stands still before the store has accepted the name.
      return store.saveArchives(snapshot, await described(engine, name, nodes), archivesOf(engine, nodes, signal));
    },
    async restore(name, snapshot) {
      const engine = await engineWith(name);
      if (engine === undefined || snapshot.cluster !== name) throw onlyIntoItself(snapshot, name);
      if ((await identityOf(engine, name)) !== snapshot.identity) throw anotherLife(snapshot);
      await store.verifyFirst(snapshot, ({ of }) => of !== 'images');
      return resume(name, snapshot.name);
    },
  };
}

type Described = Omit<SnapshotManifest, 'format' | 'name' | 'createdAt' | 'content' | 'archives'>;

async function described(engine: DockerClient, name: string, nodes: readonly Container[]): Promise<Described> {
  const { Config } = await inspectContainer(engine, firstServer(name));
  const names = nodes.map((node) => ({ name: node.name, role: roleOf(node) }));
  return {
    cluster: name,
    provider: 'k3d',
    kubernetes: /v(\d+\.\d+\.\d+)/.exec(Config.Image)?.[1] ?? Config.Image,
    identity: await identityOf(engine, name),
    // What the list of snapshots and messages need; a k3d cluster is known by its containers.
    plan: { name, nodes: names, components: {} } as unknown as SnapshotManifest['plan'],
  };
}

/** All nodes stand still while what changes is read; images, which do not, are read afterwards. */
async function* archivesOf(
  engine: DockerClient,
  nodes: readonly Container[],
  signal: AbortSignal,
): AsyncGenerator<NewArchive> {
  const servers = nodes.filter((node) => roleOf(node) === 'server');
  try {
    await Promise.all(nodes.map(({ id }) => pauseContainer(engine, id, signal)));
    for (const { id, name } of servers) {
      const content = await containerArchive(engine, id, DATASTORE, signal);
      if (content) yield { node: name, of: 'datastore', content };
    }
    for (const { id, name } of nodes) {
      const content = await containerArchive(engine, id, STORAGE, signal);
      if (content) yield { node: name, of: 'storage', content };
    }
  } finally {
    await Promise.all(nodes.map(({ id }) => unpauseContainer(engine, id)));
  }
  for (const archive of await nodeArchives(engine, nodes, signal)) {
    const { node, images } = archive;
    yield { node, of: 'images', images: [...images], content: archive.content(signal) };
  }
}

async function identityOf(engine: DockerClient, name: string): Promise<string> {
  const token = await readContainerFile(engine, firstServer(name), TOKEN);
  return createHash('sha256')
    .update(token ?? '')
    .digest('hex');
}

function notRunning(name: string, still: readonly Container[]): UsageError {
  const which = still.map((node) => `${node.name} is ${node.state}`).join(', ');
  return new UsageError(`a snapshot is taken of a cluster that runs: ${which === '' ? 'it has no nodes' : which}`, {
    hint: `\`hoist start ${name}\` starts it.`,
  });
}

function halfRestored(name: string, snapshot: string): UsageError {
  return new UsageError(`cluster "${name}" may have half of the snapshot "${snapshot}": its restore did not end`, {
    hint: `\`hoist start ${name}\` ends it.`,
  });
}

function onlyIntoItself({ name: snapshot, cluster }: SnapshotManifest, name: string): UsageError {
  return new UsageError(
    `the snapshot "${snapshot}" of the k3d cluster "${cluster}" can only be restored into that one, not as "${name}": its objects name nodes and certificates that are called after the cluster`,
    { hint: 'Snapshots of the provider embedded can be restored under any name.' },
  );
}

function anotherLife({ name, cluster }: SnapshotManifest): UsageError {
  return new UsageError(
    `the snapshot "${name}" is of an earlier cluster "${cluster}": the one of today has other keys and certificates`,
    { hint: 'Create what it should hold again, with `hoist up`, and save a new snapshot.' },
  );
}
