// A run that ends: a hub that cannot be read ends it, rather than being asked for ever.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { HoistError } from '../../scripts/base/errors.ts';
import { connect } from '../../scripts/kube/client/client.ts';
import { KubeConnectionError } from '../../scripts/kube/client/errors.ts';
import { systemClock } from '../../scripts/engine/clock.ts';
import { Service } from '../../scripts/fleet/service.ts';
import { startKubeServer } from '../doubles/kube-server.ts';
import { instantClock, refused, type Script, scriptedClient } from './scripted.ts';
import { defaults } from './world.ts';

const ending = suite('fleet/service: a run that ends');

ending('clusters that may not be listed are the reason that it ends with', async () => {
  const stop = new AbortController();
  const { client, asked } = scriptedClient(({ path }, at) => {
    if (at > 100) stop.abort(new Error('it went on and on'));
    return path.endsWith('/clusterdeployments')
      ? refused(403, 'no clusters for you')
      : { body: { metadata: {}, items: [] } };
  });
  const service = new Service({
    ...defaults,
    clock: instantClock(),
    hub: client,
    now: () => new Date(0),
    onProblem: () => undefined,
  });
  const ended = String(await service.once(stop.signal).catch(String));
  assert.match(ended, 'no clusters for you');
  assert.ok(asked.length < 50, String(asked.length));
});

/** What one pass over a hub ends with that answers so. */
async function endOf(script: Script, clock = instantClock()): Promise<{ error: HoistError; asked: string[] }> {
  const { client, asked } = scriptedClient(script);
  const service = new Service({ ...defaults, clock, hub: client, now: () => new Date(0), onProblem: () => undefined });
  const error: unknown = await service.once(new AbortController().signal).catch((thrown: unknown) => thrown);
  return { error: error as HoistError, asked };
}

const EMPTY = { body: { metadata: {}, items: [] } };

for (const part of ['/clustersyncleases', '/clustersyncs', '/clusterdeployments', '/selectorsyncsets', '/syncsets']) {
  ending(`a hub that fails at ${part} ends it as a failed fleet, and so does one that is silent`, async () => {
    const failing = await endOf(({ path }) => (path.endsWith(part) ? refused(500, 'etcd is away') : EMPTY));
    assert.match(failing.error.message, /^the hub cannot be read: .*etcd is away \(tried [58] times\)$/);
    assert.is(failing.error.exitCode, 3);

    const clock = instantClock();
    const silent = await endOf(({ path }) => {
      if (!path.endsWith(part)) return EMPTY;
      void clock.sleep(30_000, new AbortController().signal);
      return new KubeConnectionError(`${path}: it has not answered within 30000 ms`, 'TIMEOUT');
    }, clock);
    assert.match(silent.error.message, /has not answered within 30000 ms \(no whole answer within \d+ s\)$/);
    assert.is(silent.error.exitCode, 3);
    assert.is(silent.asked.filter((one) => one.endsWith(part)).length, 2);
  });
}

ending('what refuses is not asked again at the beginning', async () => {
  const { error, asked } = await endOf(({ path }) =>
    path.includes('/clustersync') ? refused(403, 'not for you') : EMPTY,
  );
  assert.match(error.message, /^the hub cannot be read: .*not for you$/);
  assert.equal([error.exitCode, asked.filter((one) => one.includes('/clustersync')).length], [3, 2]);
});

ending('all lists are asked for before any of them is answered: a hub that hangs is waited for once', async () => {
  const asked = new Set<string>();
  const stop = new AbortController();
  const server = await startKubeServer(({ path }) => {
    asked.add(path);
    if (asked.size === 5) stop.abort(new Error('all five'));
  });
  const client = connect(server.connection);
  const service = new Service({
    ...defaults,
    clock: systemClock,
    hub: client,
    now: () => new Date(0),
    onProblem: () => undefined,
  });
  try {
    assert.match(String(await service.once(stop.signal).catch(String)), 'all five');
  } finally {
    client.close();
    await server.close();
  }
});

ending('statuses that no hub can have are not believed', async () => {
  const metadata = { name: 'c', namespace: 'fleet' };
  const { error } = await endOf(({ path }) => {
    const items = path.endsWith('/clustersyncs') ? [{ metadata, status: { syncSets: { a: 1 } } }] : [];
    return { body: { metadata: {}, items } };
  });
  assert.is(error.message, 'the hub cannot be read: the status of ClusterSync fleet/c is none that a hub can have');
  assert.is(error.exitCode, 3);
});

ending.run();
