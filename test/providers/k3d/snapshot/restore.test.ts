// What a restore does to the nodes of a k3d cluster, in which order, and when the archives of images are read.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { CreationError } from '../../../../scripts/base/errors.ts';
import type { DockerClient } from '../../../../scripts/docker/client.ts';
import type { StepContext } from '../../../../scripts/engine/step.ts';
import {
  imagesOfSnapshot,
  restartsWithin,
  restored,
  restoreStep,
} from '../../../../scripts/providers/k3d/snapshot/restore.ts';
import { k3dSnapshots } from '../../../../scripts/providers/k3d/snapshot/snapshots.ts';
import {
  type K3dLayout,
  type K3dState,
  layoutOf,
  readK3dState,
  writeK3dState,
} from '../../../../scripts/providers/k3d/state.ts';
import type { Resumption, Snapshots } from '../../../../scripts/providers/provider.ts';
import type { NewArchive } from '../../../../scripts/providers/snapshots/archives.ts';
import type { SnapshotArchive, SnapshotManifest } from '../../../../scripts/providers/snapshots/manifest.ts';
import { SnapshotStore } from '../../../../scripts/providers/snapshots/store.ts';
import type { Said } from '../../../docker/answering.ts';
import { thrown } from '../../../kube/helpers.ts';
import { contextOf, type FakeNode, runOn, withNodes } from '../nodes-engine.ts';

interface Given {
  folder: string;
  layout: K3dLayout;
  store: SnapshotStore;
}

const test = suite<Given>('providers/k3d/snapshot');
test.before.each((context) => {
  const folder = mkdtempSync(join(tmpdir(), 'hoist-k3d-snap-'));
  Object.assign(context, { folder, layout: layoutOf(join(folder, 'k3d'), 'dev'), store: new SnapshotStore(folder) });
});
test.after.each(({ folder }) => rmSync(folder, { recursive: true }));

const DB = '/var/lib/rancher/k3s/server/db';
const STORAGE = '/var/lib/rancher/k3s/storage';
const TOKEN = '/var/lib/rancher/k3s/server/node-token';
const IMAGE = 'docker.io/library/nginx:1';
const { signal } = new AbortController();

const state = (more: Partial<K3dState> = {}): K3dState => ({
  ...{ version: 1, createdAt: '', identity: {}, finished: true, caches: [] },
  ...more,
});

async function* of(...archives: NewArchive[]): AsyncGenerator<NewArchive> {
  for (const one of archives) yield await Promise.resolve(one);
}
const archive = (node: string, what: NewArchive['of'], text: string): NewArchive => ({
  ...{ node, of: what, content: bytesOf(Buffer.from(text)) },
  ...(what === 'images' ? { images: [{ name: IMAGE, digest: 'd' }] } : {}),
});
async function* bytesOf(chunk: Buffer): AsyncGenerator<Buffer> {
  yield await Promise.resolve(chunk);
}

/** A snapshot of a server and an agent. */
const saved = (store: SnapshotStore): Promise<SnapshotManifest> =>
  store.saveArchives(
    'clean',
    {
      ...{ cluster: 'dev', provider: 'k3d', kubernetes: '1.34.2', identity: 'me' },
      plan: { name: 'dev', nodes: [{ name: 's' }], components: {} } as unknown as SnapshotManifest['plan'],
    },
    of(archive('s', 'datastore', 'db'), archive('a', 'storage', 'volumes'), archive('s', 'images', 'layers')),
  );

/** What else the engine does: containers that run on the volumes of others. */
const engine =
  (code = 0) =>
  (method: string, { pathname }: URL): Said | undefined => {
    if (pathname.startsWith('/exec')) return undefined;
    if (pathname === '/containers/create') return { Id: 'beside' };
    if (pathname === '/containers/beside/wait') return { StatusCode: code };
    if (method === 'DELETE' || /\/(start|stop|pause|unpause)$/.test(pathname)) return {};
    if (pathname.endsWith('/json') && pathname !== '/containers/json')
      return {
        ...{ Image: 'sha256:k3s', Config: { Image: 'rancher/k3s:v1.34.2-k3s1', Cmd: ['server'] } },
        ...{ State: { Status: 'running' }, HostConfig: { PidMode: '' } },
      };
    return undefined;
  };

interface Restore {
  nodes?: FakeNode[];
  start?: boolean;
  within?: boolean;
  loadBalancer?: boolean;
  before?: K3dState;
  code?: number;
}

const NODES: FakeNode[] = [
  { name: 'a', role: 'agent', run: () => [IMAGE, 0] },
  { name: 's', run: () => [IMAGE, 0] },
];

/** Runs the step. @returns what was asked of the engine that changes something, the notes, and which archives were verified */
async function restore(
  { layout, store }: Given,
  manifest: SnapshotManifest,
  { nodes = NODES, start = true, within = false, loadBalancer = false, before = state(), code = 0 }: Restore = {},
): Promise<{ changes: string[]; notes: string[]; verified: string[]; restarted: ReadonlyMap<string, number> }> {
  await writeK3dState(layout, before);
  const verified: string[] = [];
  const watched = {
    verify(_: SnapshotManifest, wanted: (one: SnapshotArchive) => boolean) {
      verified.push(...(manifest.archives ?? []).filter(wanted).map((one) => one.of));
      return store.verify(manifest, wanted);
    },
    archive: store.archive.bind(store),
  } as unknown as SnapshotStore;
  const { notes, ...context } = contextOf();
  let changes: string[] = [];
  let restarted: ReadonlyMap<string, number> = new Map();
  await withNodes(
    nodes,
    async (client, _commands, asked) => {
      const run = { ...runOn(client, { topology: { loadBalancer } }), layout };
      const made = restoreStep(run, { store: watched, manifest, within, start });
      try {
        await made.step.run(context as unknown as StepContext);
        restarted = made.restarted();
      } finally {
        changes = asked
          .filter((line) => !/^GET|^POST \/exec\b/.test(line))
          .filter((line) => !line.includes('/exec ') || /(end|start)-k3s/.test(line))
          .map((line) =>
            line.includes('/exec ')
              ? `${/id-./.exec(line)?.[0]} ${/(end|start)-k3s/.exec(line)?.[0]}`
              : line.slice(0, 160),
          );
      }
    },
    engine(code),
  );
  return { changes, notes, verified, restarted };
}

test('each node ends, is emptied from beside it and gets its own archives; servers start first', async (context) => {
  const { changes, notes, verified } = await restore(context, await saved(context.store));
  const at = (text: string): number => changes.findIndex((line) => line.startsWith(text));
  for (const node of ['id-a', 'id-s'])
    assert.ok(
      at(`POST /containers/${node}/unpause`) < at(`POST /containers/${node}/stop?t=0`),
      'what stands still cannot be stopped',
    );
  const emptied = changes.filter((line) => line.startsWith('POST /containers/create'));
  assert.equal(emptied.length, 2);
  assert.match(emptied[0] ?? '', `"sh","-c","rm -rf ${DB} ${STORAGE}"`);
  const puts = changes.filter((line) => line.startsWith('PUT'));
  assert.equal(puts.sort(), [
    'PUT /containers/id-a/archive?path=/var/lib/rancher/k3s volumes',
    'PUT /containers/id-s/archive?path=/var/lib/rancher/k3s/server db',
  ]);
  assert.ok(at('PUT /containers/id-s') < at('POST /containers/id-s/start'));
  assert.ok(at('POST /containers/id-s/start') < at('POST /containers/id-a/start'), 'servers first');
  assert.equal([notes, verified], [['3 archives'], ['datastore', 'storage']]);
  assert.is((await readK3dState(context.layout))?.restoring, undefined);
});

/** A node that lists its images, and in which k3s ends as it should, or does not. */
const running = (name: string, more: Partial<FakeNode> = {}, ends = true): FakeNode => ({
  ...{ name, ...more },
  run: (command) => (command.includes('end-k3s') ? [ends ? 'ended at 1700000000 7\n' : '', ends ? 0 : 3] : [IMAGE, 0]),
});

test('in nodes that run, k3s alone ends and starts, servers first; no container does', async (context) => {
  const manifest = await saved(context.store);
  const nodes = [running('a', { role: 'agent' }), running('s')];
  const { changes, restarted } = await restore(context, manifest, { within: true, nodes });
  const at = (text: string): number => changes.findIndex((line) => line.startsWith(text));
  assert.not.ok(
    changes.some((line) => /\/(stop|start|create)\b/.test(line)),
    changes.join('\n'),
  );
  assert.ok(at('id-s end-k3s') < at('PUT /containers/id-s'));
  assert.ok(at('PUT /containers/id-a') < at('id-s start-k3s'));
  assert.equal(changes.slice(-2), ['id-s start-k3s', 'id-a start-k3s']);
  assert.equal([...restarted].sort(), [
    ['a', 1_700_000_000_000],
    ['s', 1_700_000_000_000],
  ]);
});

test('a node in which that does not work is started again, and a load balancer after it', async (context) => {
  const manifest = await saved(context.store);
  const nodes = [running('a', { role: 'agent' }, false), running('s'), running('l', { role: 'loadbalancer' })];
  const { changes, restarted } = await restore(context, manifest, { within: true, nodes, loadBalancer: true });
  const last = changes.slice(changes.indexOf('id-s start-k3s'));
  assert.equal(last, [
    'id-s start-k3s',
    'POST /containers/id-a/start',
    'POST /containers/id-l/stop?t=0',
    'POST /containers/id-l/start',
  ]);
  assert.equal([...restarted.keys()], ['s']);
});

test('k3s is restarted within nodes where all of them run and no restore was cut off', async ({ layout }) => {
  const within = async (nodes: FakeNode[], before: K3dState): Promise<boolean> => {
    await writeK3dState(layout, before);
    let answer = false;
    await withNodes(nodes, async (client) => {
      answer = await restartsWithin({ ...runOn(client), layout });
    });
    return answer;
  };
  assert.is(await within(NODES, state()), true);
  assert.is(await within([...NODES, { name: 'b', state: 'paused' }], state()), false);
  assert.is(await within(NODES, state({ restoring: 'clean' })), false);
});

test('where k3d starts the nodes, they are not started here', async (context) => {
  const { changes } = await restore(context, await saved(context.store), { start: false });
  assert.equal(
    changes.filter((line) => /id-.\/start/.test(line)),
    [],
  );
});

test('archives of images are read where a node may lack some of them', async (context) => {
  const manifest = await saved(context.store);
  const reads = async (server: Partial<FakeNode>, before = state()): Promise<boolean> => {
    const nodes = [{ name: 's', run: (): [string, number] => [IMAGE, 0], ...server }];
    const { verified } = await restore(context, manifest, { nodes, before });
    return verified.includes('images');
  };
  assert.is(await reads({}), false);
  assert.is(await reads({ run: () => ['docker.io/library/other:1', 0] }), true);
  assert.is(await reads({ state: 'exited' }), true);
  assert.is(await reads({}, state({ restoring: 'clean' })), true);
});

test('a snapshot without images needs none', async (context) => {
  const whole = await saved(context.store);
  await context.store.remove('clean');
  const { archives = [] } = whole;
  assert.is(archives.length, 3);
  const manifest = await context.store.saveArchives(
    'bare',
    { ...{ cluster: 'dev', provider: 'k3d', kubernetes: '1', identity: 'me' }, plan: whole.plan },
    of(archive('s', 'datastore', 'db')),
  );
  const { verified, notes } = await restore(context, manifest, { nodes: [{ name: 's', state: 'exited' }] });
  assert.equal([verified, notes], [['datastore'], ['1 archives']]);
});

test('a restore that does not come to its end is remembered', async (context) => {
  const manifest = await saved(context.store);
  const { message } = await thrown(CreationError, restore(context, manifest, { code: 3 }));
  assert.match(message, /the old content of [as] cannot be removed: rm ended with 3/);
  assert.is((await readK3dState(context.layout))?.restoring, 'clean');
});

test('a cluster that is not known here, and a snapshot that is gone', async (context) => {
  const manifest = await saved(context.store);
  rmSync(context.layout.root, { recursive: true, force: true });
  await withNodes(NODES, async (client) => {
    const { step } = restoreStep(
      { ...runOn(client), layout: context.layout },
      { ...context, manifest, within: false, start: true },
    );
    const { message } = await thrown(CreationError, Promise.resolve(step.run(contextOf() as unknown as StepContext)));
    assert.match(message, `there is no record of the cluster in ${context.layout.root}`);
  });
  assert.equal(await restored(context.store, 'clean'), manifest);
  await context.store.remove('clean');
  const gone = await thrown(CreationError, restored(context.store, 'clean'));
  assert.match(gone.message, 'the snapshot "clean", of which this cluster may have half, does not exist any more');
});

test('the images of a snapshot are those of its archives of images', async ({ store }) => {
  const manifest = await saved(store);
  const [images, ...more] = imagesOfSnapshot(store, manifest);
  assert.equal([images?.images, images?.bytes, more], [[{ name: IMAGE, digest: 'd' }], 6, []]);
  assert.equal(imagesOfSnapshot(store, { ...manifest, archives: undefined }), []);
});

const FILES: FakeNode[] = [
  { name: 'a', role: 'agent', files: { [STORAGE]: 'volumes' } },
  { name: 'k3d-dev-server-0', files: { [DB]: 'db', [STORAGE]: 'volumes', [TOKEN]: 'secret' } },
];

/** Runs with snapshots of the cluster `dev`, whose engine has these nodes. */
async function withSnapshots(
  { store, layout }: Given,
  nodes: readonly FakeNode[],
  use: (snapshots: Snapshots, asked: readonly string[], resumed: string[]) => Promise<void>,
  name = 'dev',
): Promise<void> {
  await withNodes(
    nodes,
    async (client: DockerClient, _commands, asked) => {
      const resumed: string[] = [];
      const snapshots = k3dSnapshots({
        ...{ store, layout: () => layout },
        engineWith: (cluster) => Promise.resolve(cluster === name ? client : undefined),
        resume: (cluster, snapshot) =>
          Promise.resolve(void resumed.push(`${cluster} ${snapshot}`)).then(() => ({}) as Resumption),
      });
      await use(snapshots, asked, resumed);
    },
    engine(),
  );
}

test('all nodes stand still while datastores and volumes are read, and go on whatever happens', async (context) => {
  await withSnapshots(context, FILES, async (snapshots, asked) => {
    const manifest = await snapshots.save('dev', 'clean', signal);
    assert.ok(manifest);
    assert.equal([manifest.cluster, manifest.provider, manifest.kubernetes], ['dev', 'k3d', '1.34.2']);
    assert.equal(manifest.plan.nodes, [
      { name: 'a', role: 'agent' },
      { name: 'k3d-dev-server-0', role: 'server' },
    ]);
    assert.equal(
      manifest.archives?.map(({ node, of: what }) => `${node} ${what}`),
      ['k3d-dev-server-0 datastore', 'a storage', 'k3d-dev-server-0 storage'],
    );
    const at = (text: string): number => asked.findIndex((line) => line.includes(text));
    const last = (text: string): number => asked.findLastIndex((line) => line.includes(text));
    assert.ok(last('/pause') < at(`path=${DB}`) && last(`path=${STORAGE}`) < at('/unpause'));
    await thrown(Error, Promise.resolve(snapshots.save('dev', 'clean', signal)));
    assert.is(
      asked.filter((line) => line.endsWith('/pause')).length,
      2,
      'nothing stands still for a name that is taken',
    );
    assert.is(await snapshots.save('other', 'mine', signal), undefined);
  });
});

test('of a cluster that does not run, or holds half of a snapshot, none is taken', async (context) => {
  const refused = async (nodes: readonly FakeNode[]): Promise<string> => {
    let message = '';
    await withSnapshots(context, nodes, async (snapshots) => {
      message = (await thrown(Error, Promise.resolve(snapshots.save('dev', 'clean', signal)))).message;
    });
    return message;
  };
  const [agent, server] = FILES;
  assert.ok(agent && server);
  assert.match(await refused([]), 'it has no nodes');
  assert.match(await refused([agent, { ...server, state: 'exited' }]), /: k3d-dev-server-0 is exited$/);
  await writeK3dState(context.layout, state({ restoring: 'other' }));
  assert.match(await refused(FILES), 'may have half of the snapshot "other"');
});

test('a snapshot goes into the very cluster that it was taken of', async (context) => {
  await withSnapshots(context, FILES, async (snapshots, _asked, resumed) => {
    const manifest = await snapshots.save('dev', 'clean', signal);
    assert.ok(manifest);
    await snapshots.restore('dev', manifest);
    assert.equal(resumed, ['dev clean']);
    const refused = async (name: string, one: SnapshotManifest): Promise<string> =>
      (await thrown(Error, Promise.resolve(snapshots.restore(name, one)))).message;
    assert.match(await refused('other', manifest), 'can only be restored into that one, not as "other"');
    assert.match(await refused('dev', { ...manifest, cluster: 'other' }), 'can only be restored into that one');
    assert.match(await refused('dev', { ...manifest, identity: 'earlier' }), 'is of an earlier cluster "dev"');
    const content = { ...manifest.content, sha256: '0'.repeat(64) };
    assert.match(await refused('dev', { ...manifest, content }), 'is not as it was written');
    assert.is(resumed.length, 1);
  });
});

test.run();
