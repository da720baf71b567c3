// Several processes share a hub's fleet: who owns what, one that is killed, one that is stopped and wakes up again.

import type { ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { KubeList, KubeObject } from '../../scripts/kube/object.ts';
import {
  clusterSyncs,
  configMap,
  configMaps,
  selectorSet,
  selectorSyncSets as sets,
  type SyncContext,
  until,
  withCluster,
} from './sync-world.ts';

const test = suite<SyncContext>('e2e/sync-shards');
const check = withCluster(test);

const syncs = clusterSyncs('hoist-sync');

type Sync = KubeObject & {
  status?: { controlledByReplica?: number; selectorSyncSets?: { observedGeneration: number }[] };
};

check(
  'three shards share twelve clusters; one dies and its clusters move; another is stopped, and changes nothing when it wakes',
  async ({ world, client, hub }) => {
    assert.is((await world.hoist(['sync', 'install', ...hub])).code, 0);
    assert.is(
      (await world.hoist(['sync', 'adopt', 'test', ...hub, '--name', 'copy', '--copies', '12', '--label', 'a=b'])).code,
      0,
    );
    const set = (data: object): { spec: object } => selectorSet('shared', { a: 'b' }, [configMap('shared', data)]);
    await client.json({ method: 'POST', path: sets, body: set({ round: '1' }) });
    const shards = [0, 1, 2].map((at) =>
      world.start(['sync', ...hub, '--watch', '--shard', `shard-${at}`, '--verbose']),
    );
    const owners = async (generation: number): Promise<number[] | undefined> => {
      const { items } = await client.json<KubeList<Sync>>({ path: syncs });
      const done = items.filter(({ status }) => status?.selectorSyncSets?.[0]?.observedGeneration === generation);
      return done.length === 12 ? done.map(({ status }) => status?.controlledByReplica ?? -1) : undefined;
    };
    const change = async (round: string): Promise<void> => {
      await client.json({
        method: 'PATCH',
        path: `${sets}/shared`,
        contentType: 'application/merge-patch+json',
        body: { spec: set({ round }).spec },
      });
    };
    const first = await until('all clusters are synced', () => owners(1));
    assert.ok(new Set(first).size > 1, `more than one shard works: ${first.join(' ')}`);

    const [a, b] = shards;
    assert.ok(a && b);
    a.child.kill('SIGKILL');
    await change('2');
    const killed = performance.now();
    const second = await until('the clusters of the dead shard moved', () => owners(2));
    const tookMs = performance.now() - killed;
    // Its Lease of 15 s runs out, and the others look every 5 s.
    assert.ok(tookMs < 45_000, `${Math.round(tookMs)} ms`);
    assert.is(
      second.filter((replica) => replica === 0).length <= first.filter((replica) => replica === 0).length,
      true,
    );

    suspend(b.child);
    await change('3');
    await until('the clusters of the stopped shard moved', () => owners(3));
    b.child.kill('SIGCONT');
    await sleep(3_000);
    const map = await client.json<{ data: { round: string } }>({
      path: `${configMaps}/shared`,
    });
    assert.is(map.data.round, '3', 'nothing older was applied by the one that woke up');
    for (const { child, ended } of shards.slice(1)) {
      child.kill('SIGTERM');
      await ended;
    }
  },
);

function suspend(child: ChildProcess): void {
  child.kill('SIGSTOP');
}

test.run();
