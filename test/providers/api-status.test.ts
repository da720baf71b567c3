// What `status` tells of an API server: one cause is told once.

import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { askApi } from '../../scripts/providers/api-status.ts';
import { answer, withKubeServer } from '../doubles/kube-server.ts';

const status = suite('api status');

/** A port on which nothing listens. */
async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

status('where nothing listens, that is told once', async () => {
  const server = `https://127.0.0.1:${await closedPort()}`;
  const [api, nodes] = await askApi({ server }, () => 'agent', undefined);
  assert.equal(nodes, []);
  assert.is(api.detail.match(/ECONNREFUSED/g)?.length, 1, api.detail);
  assert.not.match(api.detail, '/readyz');
});

status('causes of their own are told with their paths', async () => {
  await withKubeServer(
    ({ path }, response) => {
      answer(response, path === '/readyz' ? 500 : path === '/livez' ? 200 : 403, '');
    },
    async ({ connection }) => {
      const [api] = await askApi(connection, () => 'agent', undefined);
      assert.is(api.detail, '/readyz status 500; /api /apis status 403');
    },
  );
});

status('an API that is well, but cannot list nodes, is not well', async () => {
  await withKubeServer(
    ({ path }, response) => {
      answer(response, path === '/api/v1/nodes' ? 403 : 200, path === '/api/v1/nodes' ? '' : 'ok');
    },
    async ({ connection }) => {
      const [api, nodes] = await askApi(connection, () => 'agent', undefined);
      assert.equal([api.ok, nodes], [false, []]);
      assert.match(api.detail, /^nodes cannot be listed: /);
    },
  );
});

status.run();
