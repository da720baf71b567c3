// A stopped cluster starts, and a snapshot is kept and restored, by a provider that makes nothing: whose cluster it must be.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { UsageError } from '../../scripts/base/errors.ts';
import { restoreSnapshot, saveSnapshot } from '../../scripts/cluster/snapshot.ts';
import { start, type Started } from '../../scripts/cluster/start.ts';
import { stop } from '../../scripts/cluster/stop.ts';
import { StepsFailedError } from '../../scripts/engine/errors.ts';
import { connect } from '../../scripts/kube/client/client.ts';
import type { ProviderName } from '../../scripts/plan/provider-name.ts';
import type { Provider, Resumption, Snapshots } from '../../scripts/providers/provider.ts';
import { settingsSchema } from '../../scripts/settings/schema.ts';
import { withKubeServer } from '../doubles/kube-server.ts';
import { thrown } from '../kube/helpers.ts';
import { healthy, type Wired, wired } from './wiring.ts';

const test = suite<Wired>('cluster/start');
wired(test);

const { signal } = new AbortController();
const options = { signal, subscribers: [], say: () => undefined };
const parse = (more: object = {}) => settingsSchema.parse({ healthTimeout: '5s', ...more });

/** A cluster whose API answers, as it is found when it is stopped. */
function resumption({ asked, connection }: Wired): Resumption {
  return {
    situation: { kind: 'damaged', reasons: ['stopped'] },
    steps: ({ access }) => {
      asked.push('steps');
      return Promise.resolve([
        {
          name: 'api',
          run() {
            if (connection === undefined) throw new Error('it does not start');
            access.open(connect(connection), connection);
            return Promise.resolve();
          },
        },
        { name: 'kubeconfig', needs: ['api'], run: () => Promise.resolve() },
        { name: 'nodes', needs: ['api'], run: () => Promise.resolve() },
      ]);
    },
  };
}

/** @param clusters names by provider; those that fail to list are `undefined` */
function providers(
  context: Wired,
  clusters: Partial<Record<ProviderName, string[] | undefined>>,
  snapshots?: Partial<Snapshots>,
): void {
  context.wiring.provider = (name) => {
    const names = clusters[name] ?? [];
    const one: Partial<Provider> = {
      name,
      list: () =>
        name in clusters && clusters[name] === undefined ? Promise.reject(new Error('no')) : Promise.resolve(names),
      kubeconfigFile: (cluster) => `/${cluster}.kubeconfig`,
    };
    if (name !== 'existing') {
      one.resume = (cluster) => Promise.resolve(names.includes(cluster) ? resumption(context) : undefined);
      one.stop = (cluster) => Promise.resolve(names.includes(cluster) ? 'stopped' : undefined);
      if (snapshots) Object.assign(one, { snapshots });
    }
    return Promise.resolve(one as Provider);
  };
}

const started = (context: Wired, more: object = {}, found: string[] = []): Promise<Started> =>
  start('dev', parse(more), { ...options, onFound: (kind) => void found.push(kind) }, context.wiring);

test('its steps run, its health is looked at, and its context goes into the kubeconfig that the settings name', (context) =>
  withKubeServer(healthy, async ({ connection }) => {
    context.connection = connection;
    providers(context, { k3d: ['dev'] });
    const found: string[] = [];
    const kubeconfig = join(context.folder, 'mine');
    const result = await started(context, { kubeconfig }, found);
    assert.equal(
      [result.provider, result.situation.kind, result.server, result.context, result.kubeconfig, found],
      ['k3d', 'damaged', connection.server, 'hoist-dev', '/dev.kubeconfig', ['damaged']],
    );
    const names = result.run.steps.map(({ name }) => name);
    for (const name of ['api', 'kubeconfig/merge', 'health/api']) assert.ok(names.includes(name), name);
    assert.match(readFileSync(kubeconfig, 'utf8'), 'current-context: hoist-dev');
  }));

test('the context becomes the current one, or goes in at all, only where settings say so', (context) =>
  withKubeServer(healthy, async ({ connection }) => {
    context.connection = connection;
    providers(context, { embedded: ['dev'] });
    const kubeconfig = join(context.folder, 'mine');
    await started(context, { kubeconfig, mergeKubeconfig: false });
    assert.not(existsSync(kubeconfig));
    const other = context.write('mine', 'apiVersion: v1\nkind: Config\ncurrent-context: other\n');
    await started(context, { kubeconfig, switchContext: false });
    const text = readFileSync(other, 'utf8');
    assert.match(text, 'hoist-dev');
    assert.match(text, 'current-context: other');
  }));

test('a step that fails fails the start', async (context) => {
  providers(context, { embedded: ['dev'] });
  assert.match((await thrown(StepsFailedError, started(context))).message, 'it does not start');
});

test('only clusters that hoist made are started and stopped', async (context) => {
  providers(context, { existing: ['dev'] });
  const message = 'hoist neither stops nor starts "dev": hoist did not create it';
  assert.is((await thrown(UsageError, started(context))).message, message);
  const stopping = stop('dev', { provider: 'auto', signal }, context.wiring);
  assert.is((await thrown(UsageError, stopping)).message, message);
  providers(context, { embedded: ['dev'] });
  assert.equal(await stop('dev', { provider: 'auto', signal }, context.wiring), {
    name: 'dev',
    provider: 'embedded',
    outcome: 'stopped',
  });
});

test('a snapshot is kept by the provider that has the cluster, and says how long it took', async (context) => {
  const save = (name: string, snapshot: string) =>
    Promise.resolve({ name: snapshot, cluster: name } as unknown as Awaited<ReturnType<Snapshots['save']>>);
  let now = 0;
  context.wiring.clock = { ...context.wiring.clock, now: () => (now += 40) };
  const of = (clusters: Parameters<typeof providers>[1], snapshots?: Partial<Snapshots>) => {
    providers(context, clusters, snapshots);
    return saveSnapshot({ name: 'dev', snapshot: 'base', signal, say: () => undefined }, context.wiring);
  };
  const { snapshot, durationMs } = await of({ embedded: undefined, k3d: ['dev'] }, { save });
  assert.equal([snapshot, durationMs], [{ name: 'base', cluster: 'dev' }, 40]);
  assert.match(
    (await thrown(UsageError, of({ existing: ['dev'] }, { save }))).message,
    'there are no snapshots of "dev"',
  );
  assert.match((await thrown(UsageError, of({ k3d: ['dev'] }))).message, 'there are no snapshots of "dev"');
  const none = await thrown(UsageError, of({ embedded: ['other'] }, { save: () => Promise.resolve(undefined) }));
  assert.is(none.message, 'there is no cluster "dev"; there are: other');
});

test('a snapshot is restored only into a cluster of its own provider, or a new one', async (context) => {
  const restore = (): Promise<Resumption> => Promise.resolve(resumption(context));
  const of = (clusters: Parameters<typeof providers>[1], snapshots?: Partial<Snapshots>): Promise<unknown> => {
    providers(context, clusters, snapshots);
    const request = { name: 'dev', snapshot: { provider: 'embedded' } as never };
    return restoreSnapshot(request, parse(), options, context.wiring);
  };
  const refused = async (...args: Parameters<typeof of>): Promise<string> =>
    (await thrown(UsageError, of(...args))).message;
  assert.match(await refused({ existing: ['dev'] }, { restore }), 'there are no snapshots of "dev"');
  assert.is(
    await refused({ k3d: ['dev'] }, { restore }),
    '"dev" is a cluster of the provider k3d, and the snapshot of one of embedded',
  );
  assert.is(await refused({ embedded: ['dev'] }), 'there are no snapshots here');
  assert.equal(context.asked, []);
  for (const clusters of [{ embedded: ['dev'] }, { k3d: ['other'] }, { k3d: undefined }]) {
    await thrown(StepsFailedError, of(clusters, { restore }));
    assert.equal(context.asked.splice(0), ['steps']);
  }
});

test.run();
