// Random sets, moves and label changes, with a crash at any write: whatever happens, nothing that some set wants is ever deleted
// (the server's own audit log is asked), and the next pass that is left alone ends as the sets say.

import { suite, type Callback } from 'uvu';
import * as assert from 'uvu/assert';
import { Runner } from '../../scripts/fleet/runner.ts';
import { connect, type KubeClient } from '../../scripts/kube/client/client.ts';
import { binaries, startCluster, type TestCluster } from '../doubles/apiserver.ts';
import { deletions, randomOf, unlike, World } from './random-world.ts';
import { cluster, defaults, fleetOf } from './world.ts';

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
      assert.equal(await unlike(world, context.client), []);
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
