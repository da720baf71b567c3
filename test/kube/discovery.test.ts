// Which resource stands for a kind, where the server does not aggregate: every group is asked for by itself.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { connect, type KubeClient } from '../../scripts/kube/client/client.ts';
import { KubeApiError, KubeConnectionError } from '../../scripts/kube/client/errors.ts';
import { discoveryOf } from '../../scripts/kube/discovery.ts';
import { answer, type KubeServer, startKubeServer, withKubeServer } from '../doubles/kube-server.ts';
import { thrown } from './helpers.ts';

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

discovery('a guess: of the same kind, of the same group, or of all, whichever there is', async ({ client }) => {
  const found = discoveryOf(client);
  await found.find('example.com/v1', 'Gadget');
  const table: [apiVersion: string, kind: string, guess: string | undefined][] = [
    ['app/v1', 'Deployment', 'apps/v1 Deployment'],
    ['zzz.example/v9', 'Deployment', 'apps/v1 Deployment'],
    ['apps/v1', 'Deploymnet', 'apps/v1 Deployment'],
    ['app/v1', 'Deploymnt', 'apps/v1 Deployment'],
    ['example.com/v1', 'Gadgets', 'example.com/v1 Gadget'],
    ['apps/v1', 'Zzzzzzzzzzzzzz', undefined],
    ['zzz.example/v9', 'Nonsense', undefined],
  ];
  for (const [apiVersion, kind, guess] of table)
    assert.is(found.suggest(apiVersion, kind), guess, `${apiVersion} ${kind}`);
});

discovery.run();

/** What a server that aggregates says of one group. */
function aggregate(kinds: number): object {
  const resources = Array.from({ length: kinds }, (_, at) => ({
    resource: `kind${at}s`,
    scope: 'Namespaced',
    responseKind: { kind: `Kind${at}` },
  }));
  const items = [{ metadata: { name: 'many.example' }, versions: [{ version: 'v1', resources }] }];
  return { kind: 'APIGroupDiscoveryList', items };
}

async function withSaid(said: () => object | string, use: (client: () => KubeClient) => Promise<void>): Promise<void> {
  const clients: KubeClient[] = [];
  await withKubeServer(
    ({ path }, response) => answer(response, 200, path === '/apis' ? said() : { kind: 'APIVersions', versions: [] }),
    async ({ connection }) => {
      const next = (): KubeClient => {
        const client = connect(connection);
        clients.push(client);
        return client;
      };
      try {
        await use(next);
      } finally {
        for (const client of clients) client.close();
      }
    },
  );
}

const bounds = suite('discovery: bounds');

bounds('clusters that have the same kinds share what is known of them', () =>
  withSaid(
    () => aggregate(3),
    async (client) => {
      const [one, other] = await Promise.all(
        [client(), client()].map((each) => discoveryOf(each).find('many.example/v1', 'Kind2')),
      );
      assert.is(one?.plural, 'kind2s');
      assert.is(one, other);
    },
  ),
);

for (const [what, said, message] of [
  ['more kinds than any server has', () => aggregate(20_000), /claims to have more than 10000 kinds/],
  ['an answer of 9 MiB', () => `{"kind":"APIGroupDiscoveryList","x":"${'x'.repeat(9 * 2 ** 20)}"}`, /more than 8 MiB/],
] as const) {
  bounds(`${what} is not kept`, () =>
    withSaid(said, async (client) => {
      const error = await thrown(KubeConnectionError, discoveryOf(client()).find('many.example/v1', 'Kind2'));
      assert.match(error.message, message);
    }),
  );
}

for (const body of [{ kind: 'ConfigMapList', items: [] }, [], { resources: {} }]) {
  bounds(`of a server that answers ${JSON.stringify(body)} it is not known that it lacks a kind`, () =>
    withKubeServer(
      ({ path }, response) =>
        answer(response, 200, path.startsWith('/apis/') ? body : { kind: 'APIVersions', versions: [] }),
      async ({ connection }) => {
        const client = connect(connection);
        const error = await thrown(KubeConnectionError, discoveryOf(client).find('some.example/v1', 'Kind'));
        assert.is(error.message, 'GET /apis/some.example/v1: the answer is no list of resources');
        client.close();
      },
    ),
  );
}

bounds.run();
