// `hoist sync` that is killed at any moment and started again, by a hub that changes meanwhile: the server's audit log is the judge.

import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { deletions, randomOf, type Spec, unlike, World } from '../fleet/random-world.ts';
import { configMaps, selectorSyncSets, type SyncContext, until, withCluster } from './sync-world.ts';

const test = suite<SyncContext>('e2e/sync-killed');
const check = withCluster(test, { audit: true });

const ROUNDS = 30;
const OBJECTS = 60;
const DEPLOYMENT = '/apis/hive.openshift.io/v1/namespaces/hoist-sync/clusterdeployments/test';
const ACCOUNT = '/api/v1/namespaces/default/serviceaccounts/appended';
const MERGE = 'application/merge-patch+json';

/** Brings the hub's sets to a state. What is in one state and the next is in some set all the time. */
class Hub {
  #before = new Map<string, Spec>();

  constructor(readonly context: SyncContext) {}

  async become(world: World): Promise<void> {
    const { client } = this.context;
    const [before, now] = [this.#before, world.specs()];
    for (const [name, spec] of now) {
      // First with all that it had, so that what leaves it for another set is there before it goes here.
      const held = new Set(spec.resources.map(nameOf));
      const old = before.get(name)?.resources.filter((one) => !held.has(nameOf(one))) ?? [];
      await this.#put(name, { ...spec, resources: [...spec.resources, ...old] }, before.has(name));
    }
    await client.json({
      method: 'PATCH',
      path: DEPLOYMENT,
      contentType: MERGE,
      body: { metadata: { labels: { tier: world.tier } } },
    });
    for (const [name, spec] of now) await this.#put(name, spec, true);
    for (const name of before.keys()) {
      if (!now.has(name)) await client.json({ method: 'DELETE', path: `${selectorSyncSets}/${name}` });
    }
    this.#before = now;
  }

  async #put(name: string, spec: Spec, exists: boolean): Promise<void> {
    const body = { apiVersion: 'hive.openshift.io/v1', kind: 'SelectorSyncSet', metadata: { name }, spec };
    const { client } = this.context;
    if (!exists) await client.json({ method: 'POST', path: selectorSyncSets, body });
    else
      await client.json({
        method: 'PATCH',
        path: `${selectorSyncSets}/${name}`,
        contentType: MERGE,
        body: withoutTier(body),
      });
  }
}

/** A merge patch keeps labels that it does not name. */
function withoutTier<T extends { spec: Spec }>(body: T): T {
  const { matchLabels } = body.spec.clusterDeploymentSelector as { matchLabels: Record<string, string> };
  return {
    ...body,
    spec: { ...body.spec, clusterDeploymentSelector: { matchLabels: { tier: null, ...matchLabels } } },
  };
}

function nameOf(resource: object): string {
  return (resource as { metadata: { name: string } }).metadata.name;
}

/** Resolves when something of the default namespace's ConfigMaps changes, and ends with the signal. */
async function changed({ client }: SyncContext, signal: AbortSignal): Promise<void> {
  const { metadata } = await client.json<{ metadata: { resourceVersion: string } }>({ path: configMaps });
  const query = { watch: 1, resourceVersion: metadata.resourceVersion };
  try {
    for await (const lines of client.stream({ path: configMaps, query, signal })) if (lines.length > 0) return;
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

async function prepare(context: SyncContext): Promise<void> {
  const { world, client, hub } = context;
  assert.is((await world.hoist(['sync', 'install', ...hub])).code, 0);
  const adopted = await world.hoist(['sync', 'adopt', 'test', ...hub, '--label', 'fleet=test', '--label', 'tier=gold']);
  assert.is(adopted.code, 0, adopted.stderr);
  const metadata = { name: 'appended', namespace: 'default' };
  const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata, imagePullSecrets: [{ name: 'first' }] };
  await client.json({ method: 'POST', path: ACCOUNT.replace('/appended', ''), body: account });
  const patch = JSON.stringify([{ op: 'add', path: '/imagePullSecrets/-', value: { name: 'appended' } }]);
  await client.json({
    method: 'POST',
    path: selectorSyncSets,
    body: {
      apiVersion: 'hive.openshift.io/v1',
      kind: 'SelectorSyncSet',
      metadata: { name: 'appends' },
      spec: {
        clusterDeploymentSelector: { matchLabels: { fleet: 'test' } },
        patches: [{ apiVersion: 'v1', kind: 'ServiceAccount', ...metadata, patch, patchType: 'json' }],
      },
    },
  });
}

check('killed at any moment and started again, it loses nothing and does nothing twice', async (context) => {
  const { world: own, client, hub, cluster } = context;
  await prepare(context);
  const random = randomOf(7);
  const fleet = new World(random, OBJECTS);
  const state = new Hub(context);
  const start = (): ChildProcess =>
    own.start(['sync', ...hub, '--watch', '--confirm-deletes', '--max-deletes', '100%', '--quiet']).child;
  let child = start();
  let [kills, deleted, lines] = [0, 0, 0];
  /** What was to be there all the time since all was as wanted. */
  let always = new Set<string>();
  const judge = (round: number): void => {
    const since = deletions(cluster.auditLog, lines);
    lines = since.lines;
    deleted += since.names.length;
    const wrong = since.names.filter((name) => always.has(name));
    assert.equal(wrong, [], `wanted, and deleted in round ${round}`);
  };
  try {
    // The server makes its log with the first entry.
    await client.request({ method: 'DELETE', path: `${configMaps}/none` });
    for (let round = 0; round < ROUNDS; round++) {
      const writing = new AbortController();
      const written = changed(context, writing.signal);
      for (let changes = 1 + random(30); changes > 0; changes--) fleet.change();
      await state.become(fleet);
      const wanted = fleet.wanted();
      always = new Set([...always].filter((name) => wanted.has(name)));
      // In the middle of its writes, or at any other moment: at its start, at rest.
      if (random(4) > 0) await Promise.race([written, sleep(3_000)]);
      await sleep(random(random(2) === 0 ? 40 : 400));
      writing.abort(new Error('enough'));
      await written;
      if (random(5) > 0) {
        child.kill('SIGKILL');
        await once(child, 'exit');
        kills += 1;
        child = start();
      }
      judge(round);
      if (random(3) > 0) continue;
      await until(
        `the cluster is as the sets say in round ${round}`,
        async () => (await unlike(fleet, client)).length === 0,
      );
      judge(round);
      always = new Set(wanted.keys());
    }
    await until('the cluster is as the sets say', async () => (await unlike(fleet, client)).length === 0);
    judge(ROUNDS);
    const { imagePullSecrets } = await client.json<{ imagePullSecrets: object[] }>({ path: ACCOUNT });
    assert.equal(imagePullSecrets, [{ name: 'first' }, { name: 'appended' }], 'appended once');
    assert.ok(kills > 10 && deleted > 10, `${kills} kills and ${deleted} deletions prove something`);
  } finally {
    child.kill('SIGTERM');
    await once(child, 'exit');
  }
});

test.run();
