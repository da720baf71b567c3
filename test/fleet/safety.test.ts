// Random sets, moves and label changes, with a crash at any write: whatever happens, nothing that some set wants is ever deleted
// (the server's own audit log is asked), and the next pass that is left alone ends as the sets say.

import { readFileSync } from 'node:fs';
import { suite, type Callback } from 'uvu';
import * as assert from 'uvu/assert';
import { OWNERS } from '../../scripts/fleet/desired/names.ts';
import { Runner } from '../../scripts/fleet/runner.ts';
import { matches } from '../../scripts/fleet/sets/selector.ts';
import type { SyncSet } from '../../scripts/fleet/sets/types.ts';
import { connect, type KubeClient } from '../../scripts/kube/client/client.ts';
import type { KubeList, KubeObject } from '../../scripts/kube/object.ts';
import { binaries, startCluster, type TestCluster } from '../doubles/apiserver.ts';
import { cluster, configMap, defaults, fleetOf, selectorSet } from './world.ts';

interface Context {
  cluster: TestCluster;
  client: KubeClient;
}

const test = suite<Context>('fleet/safety');
const check = (name: string, callback: Callback<Context>): void => {
  if (binaries() !== undefined) test(name, callback);
  else test.skip(name, callback);
};

test.before(async (context) => {
  if (binaries() === undefined) return;
  context.cluster = await startCluster({ audit: true });
  context.client = connect(context.cluster.connection);
});
test.after(({ client, cluster: started }: Partial<Context>) => {
  client?.close();
  started?.stop();
});

/** The same numbers for the same seed: a failure can be repeated. */
function randomOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

interface Draft {
  mode: 'Sync' | 'Upsert';
  /** The value of the label that it selects by; undefined for any. */
  tier: string | undefined;
  /** Data by object. */
  objects: Map<string, string>;
}

const NAMES = Array.from({ length: 10 }, (_, at) => `safe-${at}`);
const TIERS = ['gold', 'silver'];

/** A fleet that changes at random, and what one cluster is to hold. */
class World {
  readonly sets = new Map<string, Draft>();
  tier = 'gold';
  #data = 0;

  constructor(readonly random: (below: number) => number) {}

  pick<T>(all: readonly T[]): T | undefined {
    return all[this.random(all.length)];
  }

  change(): void {
    const { random, sets } = this;
    const set = sets.get(this.pick([...sets.keys()]) ?? '');
    const name = this.pick(NAMES) ?? '';
    const kind = set === undefined ? 0 : random(7);
    if (set === undefined || kind === 0) {
      const mode = random(4) === 0 ? 'Upsert' : 'Sync';
      sets.set(`set-${random(6)}`, { mode, tier: this.pick([undefined, ...TIERS]), objects: new Map() });
    } else if (kind === 1) sets.delete(this.pick([...sets.keys()]) ?? '');
    else if (kind === 2) this.tier = this.pick(TIERS) ?? '';
    else if (kind === 3) {
      // An object moves from one set to another.
      const other = sets.get(this.pick([...sets.keys()]) ?? '') ?? set;
      const moved = this.pick([...set.objects.keys()]) ?? name;
      set.objects.delete(moved);
      other.objects.set(moved, String(this.#data++));
    } else if (kind === 4) set.objects.delete(name);
    else set.objects.set(name, String(this.#data++));
  }

  parsed(): SyncSet[] {
    return [...this.sets].map(([name, { mode, tier, objects }]) =>
      selectorSet(name, {
        clusterDeploymentSelector: { matchLabels: { fleet: 'test', ...(tier === undefined ? {} : { tier }) } },
        resourceApplyMode: mode,
        resources: [...objects].map(([object, value]) => configMap(object, { value })),
      }),
    );
  }

  /** Data by object: the last set in order of name wins. */
  wanted(): Map<string, string> {
    const labels = { fleet: 'test', tier: this.tier };
    const chosen = this.parsed()
      .filter(({ selector }) => selector !== undefined && matches(selector, labels))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
    return new Map(chosen.flatMap(({ name }) => [...(this.sets.get(name)?.objects ?? [])]));
  }
}

/** Names of the objects that were deleted, after so many lines of the log. */
function deletions(log: string, after: number): { names: string[]; lines: number } {
  const lines = readFileSync(log, 'utf8').trim().split('\n');
  const entries = lines
    .slice(after)
    .flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Record<string, never>]));
  interface Entry {
    stage: string;
    objectRef: { name?: string; resource: string };
    responseStatus?: { code: number };
  }
  const done = (entries as unknown as Entry[]).filter(
    ({ stage, objectRef, responseStatus }) =>
      stage === 'ResponseComplete' && objectRef.resource === 'configmaps' && responseStatus?.code === 200,
  );
  return { names: done.map(({ objectRef }) => objectRef.name ?? ''), lines: lines.length };
}

/** A pass that dies right before its nth write, as a killed process would; undefined for none. */
async function pass(world: World, context: Context, crashAt: number | undefined): Promise<void> {
  const target = { ...cluster('safe', context.cluster.connection), labels: { fleet: 'test', tier: world.tier } };
  const stop = new AbortController();
  let writes = 0;
  const runner = new Runner(fleetOf(world.parsed(), [target]), {
    ...defaults,
    policy: { max: { share: 1 }, confirmed: true, kinds: new Set() },
    mayWriteMs: () => {
      if (writes++ === crashAt) stop.abort(new Error('killed'));
      return stop.signal.aborted ? 0 : Infinity;
    },
  });
  await runner.once(stop.signal).catch((error: unknown) => {
    if (!stop.signal.aborted) throw error;
  });
  runner.close();
  const [record] = runner.records.values();
  if (!stop.signal.aborted) assert.is(record?.state, 'synced', record?.reason);
}

async function verify(world: World, { client }: Context): Promise<void> {
  type Map_ = KubeObject & { data?: Record<string, string> };
  const { items } = await client.json<KubeList<Map_>>({ path: '/api/v1/namespaces/default/configmaps' });
  const found = new Map(
    items.filter(({ metadata }) => metadata.name.startsWith('safe-')).map((one) => [one.metadata.name, one]),
  );
  const wanted = world.wanted();
  for (const [name, value] of wanted) assert.is(found.get(name)?.data?.['value'], value, `${name} is as wanted`);
  for (const [name, { metadata }] of found) {
    if (!wanted.has(name)) assert.is(metadata.annotations?.[OWNERS], undefined, `${name} was left by a Sync set`);
  }
}

const STEPS = 40;

for (const seed of [1, 20261126]) {
  check(`nothing wanted is deleted, and every undisturbed pass ends as the sets say: seed ${seed}`, async (context) => {
    const random = randomOf(seed);
    const world = new World(random);
    const log = context.cluster.auditLog;
    // The server makes its log with the first entry.
    await context.client.request({ method: 'DELETE', path: '/api/v1/namespaces/default/configmaps/none' });
    let { lines } = deletions(log, 0);
    let [deleted, crashes] = [0, 0];
    for (let step = 0; step < STEPS; step++) {
      for (let changes = 1 + random(4); changes > 0; changes--) world.change();
      const crashAt = random(2) === 0 ? random(8) : undefined;
      if (crashAt !== undefined) {
        crashes += 1;
        await audited(crashAt, step);
        // The process starts again, half of the times with sets that have changed meanwhile.
        if (random(2) === 0) continue;
      }
      await audited(undefined, step);
      await verify(world, context);
    }
    assert.ok(deleted > 5 && crashes > 5, `${deleted} deletions and ${crashes} crashes prove something`);

    async function audited(crashAt: number | undefined, step: number): Promise<void> {
      await pass(world, context, crashAt);
      const since = deletions(log, lines);
      lines = since.lines;
      deleted += since.names.length;
      const wanted = world.wanted();
      assert.equal(
        since.names.filter((name) => wanted.has(name)),
        [],
        `step ${step}`,
      );
    }
  });
}

test.run();
