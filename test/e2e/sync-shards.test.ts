// Several processes share a hub's fleet under load: which clusters move when one is killed, comes, or is stopped and wakes up.

import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { adopt } from '../../scripts/fleet/hub/adopt.ts';
import { ownerOf } from '../../scripts/fleet/shards/rendezvous.ts';
import type { KubeList, KubeObject } from '../../scripts/kube/object.ts';
import { type Spokes, startSpokes } from '../doubles/spokes.ts';
import { inlineKubeconfig } from '../fleet/inline.ts';
import {
  configMap,
  selectorSet,
  selectorSyncSets as sets,
  type SyncContext,
  until,
  withCluster,
} from './sync-world.ts';

const test = suite<SyncContext>('e2e/sync-shards');
const check = withCluster(test);

const NAMES = Array.from({ length: 16 }, (_, at) => `s${at}`);
const LABELS = { fleet: 'shards' };

/** ms within which the clusters of a shard that is gone are another one's: its Lease of 15 s, a look, and a pass. */
const BOUND_MS = 20_000;

const spec = (round: number): object =>
  selectorSet('shared', LABELS, [configMap('shared', { round: `${round}` })]).spec;

/** Spokes that note when an older state of the set arrives after a newer one. */
class Fleet {
  readonly highest = new Map<string, number>();
  readonly older: string[] = [];
  round = 1;
  spokes!: Spokes;

  async start(): Promise<void> {
    this.spokes = await startSpokes({
      latency: () => 20,
      intercept: (spoke, { method, body }) => {
        const round = method === 'PATCH' ? /"round":"(\d+)"/.exec(body)?.[1] : undefined;
        if (round !== undefined) this.#note(spoke, Number(round));
        return false;
      },
    });
  }

  #note(spoke: string, round: number): void {
    const highest = this.highest.get(spoke) ?? 0;
    if (round < highest) this.older.push(`${spoke}: ${round} after ${highest}`);
    else this.highest.set(spoke, round);
  }
}

interface Pass {
  shard: string;
  cluster: string;
  at: number;
}

/** The processes, and what each of them has passed over. */
class Shards {
  readonly passes: Pass[] = [];
  readonly children = new Map<string, ChildProcess>();

  constructor(readonly context: SyncContext) {}

  start(...names: string[]): void {
    for (const shard of names) {
      const flags = ['--watch', '--namespace', 'fleet', '--shard', shard, '--interval', '1s', '--output', 'json'];
      const { child } = this.context.world.start(['sync', ...this.context.hub, ...flags]);
      this.children.set(shard, child);
      assert.ok(child.stdout);
      createInterface({ input: child.stdout }).on('line', (line) => {
        const { cluster } = JSON.parse(line) as { cluster?: string };
        if (cluster !== undefined) this.passes.push({ shard, cluster, at: performance.now() });
      });
    }
  }

  child(shard: string): ChildProcess {
    const child = this.children.get(shard);
    assert.ok(child, shard);
    return child;
  }

  /** Names of the clusters that each shard has passed over since then. */
  since(then: number): ReadonlyMap<string, ReadonlySet<string>> {
    const by = new Map<string, Set<string>>();
    for (const { shard, cluster, at } of this.passes) {
      if (at >= then) by.set(cluster, (by.get(cluster) ?? new Set()).add(shard));
    }
    return by;
  }

  /** Whether every cluster was passed over by its owner among these shards since then. */
  isOwnedBy(members: readonly string[], uids: ReadonlyMap<string, string>, then: number): boolean {
    const since = this.since(then);
    return [...uids].every(([cluster, uid]) => since.get(cluster)?.has(ownerOf(uid, members) ?? '') === true);
  }
}

async function uidsOf({ client }: SyncContext): Promise<Map<string, string>> {
  const { items } = await client.json<KubeList<KubeObject>>({
    path: '/apis/hive.openshift.io/v1/namespaces/fleet/clusterdeployments',
  });
  return new Map(items.map(({ metadata }) => [`fleet/${metadata.name}`, metadata.uid ?? '']));
}

async function adoptAll({ client }: SyncContext, { spokes }: Fleet): Promise<void> {
  for (const name of NAMES) {
    await adopt(client, {
      namespace: 'fleet',
      name,
      copies: 1,
      labels: LABELS,
      kubeconfig: inlineKubeconfig({ ...spokes.connection, server: spokes.server(name) }),
      now: new Date(),
      signal: new AbortController().signal,
      concurrency: 8,
    });
  }
}

/** Changes the set twice a second until it is told to stop. */
function load({ client }: SyncContext, fleet: Fleet): () => Promise<void> {
  const stop = new AbortController();
  const change = async (): Promise<void> => {
    if (stop.signal.aborted) return;
    await client.json({
      method: 'PATCH',
      path: `${sets}/shared`,
      contentType: 'application/merge-patch+json',
      body: { spec: spec(++fleet.round) },
    });
    await sleep(500);
    await change();
  };
  const running = change();
  return () => {
    stop.abort();
    return running;
  };
}

check(
  '3 → 2 → 4 shards under load, one killed, one stopped and woken: only the clusters of the lost one move, and nothing older comes after something newer',
  async (context) => {
    const { world, client, hub } = context;
    assert.is((await world.hoist(['sync', 'install', ...hub])).code, 0);
    const fleet = new Fleet();
    await fleet.start();
    await adoptAll(context, fleet);
    await client.json({ method: 'POST', path: sets, body: { ...selectorSet('shared', LABELS, []), spec: spec(1) } });
    const uids = await uidsOf(context);
    const shards = new Shards(context);
    const owned = (what: string, members: readonly string[], then = performance.now()): Promise<true | undefined> =>
      until(what, () => Promise.resolve(shards.isOwnedBy(members, uids, then) || undefined));

    /** No cluster but the lost shard's was passed over by another one than its owner. */
    const onlyMoved = (then: number, before: readonly string[], after: readonly string[]): void => {
      for (const [cluster, by] of shards.since(then)) {
        const uid = uids.get(cluster) ?? '';
        const allowed = new Set([ownerOf(uid, before), ownerOf(uid, after)]);
        assert.ok(
          [...by].every((shard) => allowed.has(shard)),
          `${cluster} was passed over by ${[...by].join(' ')}`,
        );
      }
    };

    /** The shard is lost: how long its clusters were nobody's. */
    const lose = async (shard: string, before: readonly string[], how: NodeJS.Signals): Promise<void> => {
      const after = before.filter((one) => one !== shard);
      const lost = new Set([...uids].filter(([, uid]) => ownerOf(uid, before) === shard).map(([cluster]) => cluster));
      assert.ok(lost.size > 0, `${shard} has clusters`);
      shards.child(shard).kill(how);
      const then = performance.now();
      await owned(`the clusters of ${shard} have moved`, after, then);
      const taken = shards.passes.filter(
        ({ at, cluster, shard: by }) => at >= then && lost.has(cluster) && by !== shard,
      );
      const first = new Map(taken.reverse().map(({ cluster, at }) => [cluster, at - then]));
      const latest = Math.max(...first.values());
      assert.is(first.size, lost.size);
      assert.ok(latest <= BOUND_MS, `they moved after ${Math.round(latest)} ms`);
      onlyMoved(then + 100, before, after);
    };

    try {
      const three = ['shard-0', 'shard-1', 'shard-2'];
      shards.start(...three);
      await owned('three shards have what is theirs', three);
      const stop = load(context, fleet);
      await lose('shard-0', three, 'SIGKILL');
      const two = three.slice(1);

      const came = performance.now();
      const four = [...two, 'shard-3', 'shard-4'];
      shards.start('shard-3', 'shard-4');
      await owned('four shards have what is theirs', four, came);
      onlyMoved(came, two, four);

      await lose('shard-1', four, 'SIGSTOP');
      const woken = performance.now();
      shards.child('shard-1').kill('SIGCONT');
      await owned('the one that woke up has its clusters again', four, woken + 2_000);
      onlyMoved(woken, four.slice(1), four);
      await stop();

      await until('the last state is everywhere', () =>
        Promise.resolve(NAMES.every((name) => fleet.highest.get(name) === fleet.round)),
      );
      assert.equal(fleet.older, []);
      assert.ok(fleet.round > 50, `${fleet.round} changes are load`);
    } finally {
      const alive = [...shards.children.values()].filter(
        ({ exitCode, signalCode }) => exitCode === null && signalCode === null,
      );
      const ended = alive.map((child) => once(child, 'exit'));
      for (const child of alive) child.kill('SIGTERM');
      await Promise.all(ended);
      await fleet.spokes.close();
    }
  },
);

test.run();
