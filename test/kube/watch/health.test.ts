// What an API server says of its health, and the waits until it serves.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { CreationError, HealthError } from '../../../scripts/base/errors.ts';
import { connect } from '../../../scripts/kube/client/client.ts';
import { assertHealthy, checkHealth, waitApiReady, waitApiServes } from '../../../scripts/kube/watch/health.ts';
import { answer, startKubeServer } from '../../doubles/kube-server.ts';
import { givingUp, thrown, withClient } from '../helpers.ts';

const test = suite('kube/watch/health');
const { signal } = new AbortController();

test('each endpoint with its single checks; what fails is named', () =>
  withClient(
    ({ path, query }, response) => {
      if (path === '/readyz') {
        assert.is(query.get('verbose'), '');
        answer(response, 500, '[+]ping ok\n[-]etcd failed: reason withheld\nreadyz check failed');
      } else if (path === '/livez') answer(response, 200, '[+]ping ok\nlivez check passed');
      else answer(response, path === '/api' ? 200 : 503, '{}');
    },
    async (client) => {
      const results = await checkHealth(client);
      assert.equal(
        results.map(({ path, ok, problem, checks }) => [path, ok, problem, checks.length]),
        [
          ['/readyz', false, 'failing: etcd', 2],
          ['/livez', true, undefined, 1],
          ['/api', true, undefined, 0],
          ['/apis', false, 'status 503', 0],
        ],
      );
      const error = await thrown(
        HealthError,
        Promise.resolve().then(() => assertHealthy(results)),
      );
      assert.is(error.message, 'the API server is not healthy: /readyz failing: etcd; /apis status 503');
      assertHealthy(results.filter(({ ok }) => ok));
    },
  ));

test('no connection is a problem of each endpoint, an end from outside an error', async () => {
  const server = await startKubeServer(() => undefined);
  await server.close();
  const client = connect(server.connection);
  const results = await checkHealth(client);
  assert.equal(
    results.map(({ ok }) => ok),
    [false, false, false, false],
  );
  assert.match(results[0]?.problem ?? '', /cannot connect/);
  const reason = new Error('enough');
  assert.is(await checkHealth(client, AbortSignal.abort(reason)).catch((e: unknown) => e), reason);
  const error = await thrown(CreationError, waitApiServes(client, { timeoutMs: 50, signal, everyMs: 5 }));
  assert.match(error.message, /answers nothing after 0\.05 s$/);
  client.close();
});

test('an API serves with its first answer that is no failure of its own', async () => {
  const statuses = [500, 503, 404, 200];
  await withClient(
    (_, response) => answer(response, statuses.shift() ?? 500, '{}'),
    async (client, { arrived }) => {
      await waitApiServes(client, { timeoutMs: 5_000, signal, everyMs: 1 });
      assert.is(arrived.length, 3);
      assert.is(arrived[0]?.path, '/api/v1/namespaces/default');
    },
  );
  await withClient(
    (_, response) => answer(response, 500, '{}'),
    async (client) => {
      const ended = new AbortController();
      const reason = new Error('enough');
      const waiting = waitApiServes(client, { timeoutMs: 60_000, signal: ended.signal, everyMs: 1 });
      ended.abort(reason);
      assert.is(await waiting.catch((e: unknown) => e), reason);
    },
  );
});

test('it is ready when /readyz says so; a timeout says what failed last', async () => {
  const bodies = ['[-]etcd failed', '[+]ping ok'];
  await withClient(
    (_, response) => {
      const body = bodies.shift() ?? '';
      answer(response, body.startsWith('[+]') ? 200 : 500, body);
    },
    (client) => waitApiReady(client, { timeoutMs: 5_000, pollMs: 1 }),
  );
  await withClient(
    (_, response) => answer(response, 500, '[-]etcd failed'),
    async (client) => {
      const message = await givingUp(
        /no answer/,
        async (timeoutMs) => (await thrown(HealthError, waitApiReady(client, { timeoutMs, pollMs: 5 }))).message,
      );
      assert.is(message, `${client.server} is not ready after N ms: failing: etcd`);
    },
  );
});

test.run();
