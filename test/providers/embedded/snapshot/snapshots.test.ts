// Snapshots of embedded clusters: when one is taken, what is in it, where it may be restored, and the step that does it.

import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { CreationError, UsageError } from '../../../../scripts/base/errors.ts';
import type { StepContext } from '../../../../scripts/engine/step.ts';
import { type DaemonHandle, isAlive, isSuspended, startDaemon, stopDaemon } from '../../../../scripts/host/daemon.ts';
import { startTimeOf } from '../../../../scripts/host/incarnation.ts';
import type { ClusterPlan } from '../../../../scripts/plan/plan.ts';
import { type Layout, layoutOf } from '../../../../scripts/providers/embedded/layout.ts';
import { Processes } from '../../../../scripts/providers/embedded/processes/processes.ts';
import type { EmbeddedRun } from '../../../../scripts/providers/embedded/run.ts';
import { restoreStep } from '../../../../scripts/providers/embedded/snapshot/snapshot-steps.ts';
import { embeddedSnapshots, plannedFrom } from '../../../../scripts/providers/embedded/snapshot/snapshots.ts';
import { type ClusterState, readState, writeState } from '../../../../scripts/providers/embedded/state.ts';
import type { Snapshots, StepInputs } from '../../../../scripts/providers/provider.ts';
import type { SnapshotManifest } from '../../../../scripts/providers/snapshots/manifest.ts';
import { SnapshotStore } from '../../../../scripts/providers/snapshots/store.ts';
import { PINS } from '../../../../scripts/tools/pins.ts';
import { type EtcdDouble, startEtcd } from '../../../doubles/etcd.ts';
import { thrown } from '../../../kube/helpers.ts';

interface Given {
  etcd: EtcdDouble;
  layout: Layout;
  store: SnapshotStore;
  snapshots: Snapshots;
  /** Plans that were inspected, and what the steps of a restore were given. */
  asked: { inspected: ClusterPlan[]; steps: { plan: ClusterPlan; inputs: StepInputs }[] };
  state(more?: Partial<ClusterState>): Promise<ClusterState>;
}

const VERSION = PINS['kube-apiserver'].version;
const PLAN: ClusterPlan = {
  ...{ name: 'dev', provider: 'embedded', kubernetes: VERSION },
  nodes: [{ name: 'hoist-dev-server-0', role: 'server', cpus: 1, memoryBytes: 2 ** 30 }],
  components: { etcd: [], apiserver: [], controllerManager: [], scheduler: [], kwok: [] },
};
const ours = async (): Promise<DaemonHandle & { startedAt: string }> => ({
  ...{ pid: process.pid, startTime: (await startTimeOf(process.pid)) ?? '', startedAt: '' },
});
const { signal } = new AbortController();

const test = suite<Given>('providers/embedded/snapshot/snapshots');

test.before.each(async (context) => {
  const home = mkdtempSync(join(tmpdir(), 'hoist-snap-'));
  const layout = layoutOf(home, 'dev');
  for (const folder of [layout.root, layout.pki, layout.logs]) mkdirSync(folder, { recursive: true });
  writeFileSync(layout.serviceAccountKey, 'key');
  const asked: Given['asked'] = { inspected: [], steps: [] };
  const store = new SnapshotStore(home);
  Object.assign(context, {
    ...{ etcd: await startEtcd(layout.root), layout, store, asked },
    snapshots: embeddedSnapshots({
      store,
      layout: (name) => layoutOf(home, name),
      inspect: (plan) => Promise.resolve(void asked.inspected.push(plan)).then(() => ({ kind: 'absent' as const })),
      steps: (plan, inputs) => Promise.resolve(void asked.steps.push({ plan, inputs })).then(() => []),
    }),
    async state(more = {}) {
      const made: ClusterState = {
        ...{ version: 1, createdAt: '', plan: PLAN, ports: { apiserver: 1, controllerManager: 2, scheduler: 3 } },
        processes: { etcd: await ours() },
        ...more,
      };
      await writeState(layout.state, made);
      return made;
    },
  } satisfies Given);
});
test.after.each(({ etcd }) => etcd.close());

const put = ({ keys }: EtcdDouble, name: string, value: string, lease?: string): void =>
  void keys.set(`/registry/${name}`, {
    ...{ value: Buffer.from(value).toString('base64'), revision: 1 },
    ...(lease === undefined ? {} : { lease }),
  });

async function keysOf(store: SnapshotStore, manifest: SnapshotManifest): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of store.entries(manifest)) keys.push(key);
  return keys;
}

test('a snapshot has what the API stores, and says of which cluster it is', async (context) => {
  const { etcd, snapshots, store, state } = context;
  assert.is(await snapshots.save('dev', 'clean', signal), undefined, 'there is no cluster yet');
  await state();
  put(etcd, 'a/b', 'v');
  put(etcd, 'events/e', 'v', '9');
  etcd.keys.set('/elsewhere', { value: '', revision: 1 });
  const saved = await snapshots.save('dev', 'clean', signal);
  assert.ok(saved);
  assert.equal([saved.cluster, saved.provider, saved.kubernetes, saved.plan], ['dev', 'embedded', VERSION, PLAN]);
  assert.match(saved.identity, /^[0-9a-f]{64}$/);
  assert.equal(await keysOf(store, saved), ['/registry/a/b']);
});

test('a cluster that does not run, and one that may have half of another snapshot, are refused', async (context) => {
  const { snapshots, state } = context;
  const refused = async (more: Partial<ClusterState>): Promise<UsageError> => {
    await state(more);
    return thrown(UsageError, Promise.resolve(snapshots.save('dev', 'clean', signal)));
  };
  const dead = { ...(await ours()), startTime: 'another' };
  for (const processes of [{}, { etcd: dead }, { 'kube-apiserver': await ours() }]) {
    const { message, hint } = await refused({ processes });
    assert.is(message, 'cluster "dev" is stopped, and a snapshot is taken of one that runs');
    assert.is(hint, '`hoist start dev` starts it.');
  }
  const half = await refused({ restoring: 'other' });
  assert.is(half.message, 'cluster "dev" may have half of the snapshot "other": its restore did not end');
});

test('it is restored into its cluster, or a new one like it; another plan or version is refused', async (context) => {
  const { snapshots, state, asked } = context;
  await state();
  const saved = await snapshots.save('dev', 'clean', signal);
  assert.ok(saved);
  const { situation, steps } = await snapshots.restore('dev', saved);
  assert.equal([situation, asked.inspected], [{ kind: 'absent' }, [PLAN]]);
  await steps({ healthTimeoutMs: 7 } as StepInputs);
  const given = asked.steps[0];
  assert.equal(
    [given?.plan, given?.inputs.from, given?.inputs.situation, given?.inputs.healthTimeoutMs],
    [PLAN, 'clean', { kind: 'absent' }, 7],
  );

  const beside = { ...saved, plan: { ...PLAN, kubernetes: '0.0.0' } };
  await snapshots.restore('other', beside);
  assert.equal(asked.inspected[1], { ...PLAN, name: 'other' }, 'of the version of this hoist');

  const [node] = PLAN.nodes;
  const larger = { ...PLAN, nodes: [...PLAN.nodes, ...(node ? [node] : [])] };
  await state({ plan: larger });
  const refused = await thrown(UsageError, Promise.resolve(snapshots.restore('dev', saved)));
  assert.match(refused.hint ?? '', '--name');
  await state({ plan: { ...PLAN, kubernetes: '1.2.3' } });
  assert.match((await thrown(UsageError, Promise.resolve(snapshots.restore('dev', saved)))).message, 'minor versions');
});

test('a damaged one is refused before anything has begun', async ({ snapshots, state, asked }) => {
  await state();
  const saved = await snapshots.save('dev', 'clean', signal);
  assert.ok(saved);
  const damaged = { ...saved, content: { ...saved.content, sha256: '0'.repeat(64) } };
  const { hint } = await thrown(CreationError, Promise.resolve(snapshots.restore('dev', damaged)));
  assert.match(hint ?? '', /^Nothing was changed\./);
  assert.equal(asked.inspected, []);
});

test('a cluster that begins with a snapshot has the nodes of it', async ({ snapshots, state }) => {
  await state();
  const saved = await snapshots.save('dev', 'clean', signal);
  assert.ok(saved);
  const [node] = PLAN.nodes;
  assert.ok(node);
  const plan = { ...PLAN, name: 'new', nodes: [{ ...node, name: 'hoist-new-server-0' }] };
  assert.equal(plannedFrom(saved, plan), { ...plan, nodes: PLAN.nodes });
  assert.throws(() => plannedFrom(saved, { ...plan, kubernetes: '1.2.3' }), /minor versions/);
  assert.throws(() => plannedFrom({ ...saved, provider: 'k3d' }, plan), /is of a cluster of the provider k3d/);
  assert.throws(() => plannedFrom(saved, { ...plan, nodes: [node, node] }), /other settings/);
});

/** A step's context, and what it noted. */
const contextOf = (): { notes: string[]; context: StepContext } => {
  const notes: string[] = [];
  return { notes, context: { signal, note: (text: string) => void notes.push(text) } as unknown as StepContext };
};

/** A signal takes effect when its process is next scheduled. */
async function soon(is: () => boolean): Promise<boolean> {
  for (let looks = 0; looks < 1_000 && !is(); looks++) await new Promise((resolve) => setTimeout(resolve, 5));
  return is();
}

const runOf = ({ layout, store }: Given, state: ClusterState): EmbeddedRun =>
  ({
    ...{ plan: PLAN, layout, deps: { snapshots: store } },
    started: { state, processes: new Processes(layout, state) },
  }) as unknown as EmbeddedRun;

test('while a restore writes, controllers are ended and the API server is asleep; after it, it is awake', async (context) => {
  if (process.platform !== 'linux') return;
  const { layout, snapshots, store, etcd, state } = context;
  await state();
  put(etcd, 'a/b', 'v');
  const saved = await snapshots.save('dev', 'clean', signal);
  assert.ok(saved);
  etcd.keys.clear();
  put(etcd, 'a/later', 'v');
  const daemon = async (name: string): Promise<DaemonHandle & { startedAt: string }> => {
    const started = await startDaemon({ file: 'sleep', args: ['60'], cwd: layout.root, logFile: layout.log(name) });
    return { pid: started.pid, startTime: started.startTime, startedAt: '' };
  };
  const [server, kwok] = [await daemon('kube-apiserver'), await daemon('kwok')];
  try {
    const before = await state({ processes: { etcd: await ours(), 'kube-apiserver': server, kwok } });
    const seen: unknown[] = [];
    const watched = Object.assign(Object.create(store) as SnapshotStore, {
      read: (name: string) => store.read(name),
      verify: (manifest: SnapshotManifest) => store.verify(manifest),
      async *entries(manifest: SnapshotManifest) {
        seen.push(
          await soon(() => isSuspended(server)),
          await isAlive(kwok),
          (await readState(layout.state))?.restoring,
        );
        yield* store.entries(manifest);
      },
    });
    const { notes, context: step } = contextOf();
    await restoreStep(runOf({ ...context, store: watched }, before), 'clean').run(step);
    assert.equal(seen, [true, false, 'clean']);
    assert.equal(notes, ['1 objects written, 1 removed']);
    assert.equal([await soon(() => !isSuspended(server)), await isAlive(server)], [true, true]);
    assert.is((await readState(layout.state))?.restoring, undefined);
    assert.equal([...etcd.keys.keys()], ['/registry/a/b']);

    etcd.broken = [500, 'no'];
    await thrown(CreationError, Promise.resolve(restoreStep(runOf(context, before), 'clean').run(step)));
    assert.equal([await soon(() => !isSuspended(server)), (await readState(layout.state))?.restoring], [true, 'clean']);
  } finally {
    await Promise.all([server, kwok].map((one) => stopDaemon(one, { graceMs: 250 })));
  }
});

test('a restore where nothing but etcd runs, of a snapshot that is gone, and of another cluster', async (context) => {
  const { snapshots, layout, etcd, state } = context;
  const before = await state();
  assert.ok(await snapshots.save('dev', 'clean', signal));
  const { context: step, notes } = contextOf();
  const { message, hint } = await thrown(
    CreationError,
    Promise.resolve(restoreStep(runOf(context, before), 'gone').run(step)),
  );
  assert.match(message, 'the snapshot "gone", of which this cluster may have half, does not exist any more');
  assert.match(hint ?? '', 'hoist down dev');
  put(etcd, 'a/later', 'v');
  // With another key for tokens it is another cluster.
  writeFileSync(layout.serviceAccountKey, 'another key');
  await restoreStep(runOf(context, before), 'clean').run(step);
  assert.equal([notes, etcd.keys.size], [['0 objects written, 1 removed'], 0]);
});

test.run();
