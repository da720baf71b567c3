// Which resource stands for a kind, where the server does not aggregate: every group is asked for by itself.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { connect, type KubeClient } from '../../scripts/kube/client/client.ts';
import { KubeApiError } from '../../scripts/kube/client/errors.ts';
import { discoveryOf } from '../../scripts/kube/discovery.ts';
import { type KubeServer, startKubeServer } from '../doubles/kube-server.ts';

const GADGETS = { resources: [{ name: 'gadgets', kind: 'Gadget', namespaced: false }] };

const discovery = suite<{ client: KubeClient; server: KubeServer }>('discovery');

discovery.before.each(async (context) => {
  context.server = await startKubeServer(({ path }, response) => {
    const answers: Record<string, object> = {
      // An older server lists names alone, whatever it is asked for.
      '/api': { kind: 'APIVersions', versions: ['v1'] },
      '/apis': { kind: 'APIGroupList', groups: [] },
      '/apis/example.com/v1': GADGETS,
    };
    const status = path in answers ? 200 : path === '/apis/broken.example/v1' ? 403 : 404;
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(answers[path] ?? { kind: 'Status', status: 'Failure', code: status, message: 'no' }));
  });
  context.client = connect(context.server.connection);
});
discovery.after.each(async ({ client, server }) => {
  client.close();
  await server.close();
});

discovery('a kind of a group that the server has, and one of a group that it has not', async ({ client }) => {
  const found = discoveryOf(client);
  assert.equal(await found.find('example.com/v1', 'Gadget'), {
    base: '/apis/example.com/v1',
    plural: 'gadgets',
    namespaced: false,
  });
  assert.is(await found.find('example.com/v1', 'Widget'), undefined);
  assert.is(await found.find('nowhere.example/v1', 'Gadget'), undefined);
});

discovery('a group that may not be asked for is no group that is not there', async ({ client }) => {
  const error: unknown = await discoveryOf(client)
    .find('broken.example/v1', 'Gadget')
    .catch((thrown: unknown) => thrown);
  assert.instance(error, KubeApiError);
  assert.is((error as KubeApiError).status, 403);
});

discovery.run();
