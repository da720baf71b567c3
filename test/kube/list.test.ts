// Lists of servers that do not end: both ways of listing stop, and say why.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { connect } from '../../scripts/kube/client/client.ts';
import { KubeApiError, KubeConnectionError } from '../../scripts/kube/client/errors.ts';
import { listAll, Pages } from '../../scripts/kube/list.ts';
import { listAll as listOfCollect } from '../../scripts/support/collectors/cluster/lists.ts';
import { answer, withKubeServer } from '../doubles/kube-server.ts';
import { thrown } from './helpers.ts';

const lists = suite('kube: lists');

const { signal } = new AbortController();

/** Lists in both ways from a server that gives these tokens one after the other, the last one forever. */
async function listed(tokens: readonly unknown[], check: (list: () => Promise<{ items: unknown[] }>) => Promise<void>) {
  let given = 0;
  await withKubeServer(
    (_arrived, response) => {
      assert.ok(given < 50, 'the list is read without an end');
      const token = tokens[Math.min(given++, tokens.length - 1)];
      answer(response, 200, {
        metadata: { resourceVersion: '1', continue: token },
        items: [{ metadata: { name: 'a' } }],
      });
    },
    async (server) => {
      const client = connect(server.connection);
      const request = { path: '/api/v1/pods', signal };
      for (const list of [() => listAll(client, request), () => listOfCollect(client, request)]) {
        given = 0;
        await check(list);
      }
      client.close();
    },
  );
}

lists('an answer that is no list is no error of a moment; a null is an empty one', async () => {
  await withKubeServer(
    ({ path }, response) => answer(response, 200, path.endsWith('pods') ? { items: null } : { kind: 'Other' }),
    async ({ connection }) => {
      const client = connect(connection);
      const error = await thrown(KubeConnectionError, listAll(client, { path: '/api/v1/nodes', signal }));
      assert.equal([error.code, error.unsent], ['NOT_KUBERNETES', false]);
      assert.equal((await listAll(client, { path: '/api/v1/pods', signal })).items, []);
      client.close();
    },
  );
});

lists('a list that outlives its snapshot begins again, and not forever', async () => {
  for (const [expired, wanted] of [
    [1, 'all of it'],
    [50, 'gone'],
  ] as const) {
    let asked = 0;
    await withKubeServer(
      (_arrived, response) => {
        const isGone = asked++ < expired;
        answer(
          response,
          isGone ? 410 : 200,
          isGone ? { message: 'expired' } : { items: [{ metadata: { name: 'a' } }] },
        );
      },
      async ({ connection }) => {
        const client = connect(connection);
        const found = await listAll(client, { path: '/api/v1/pods', signal }).then(
          () => 'all of it',
          (error: unknown) => (error instanceof KubeApiError && error.status === 410 ? 'gone' : String(error)),
        );
        assert.is(found, wanted);
        if (wanted === 'gone') assert.is(asked, 4);
        client.close();
      },
    );
  }
});

lists('pages are read to the last one', () =>
  listed(['a', 'b', ''], async (list) => {
    assert.is((await list()).items.length, 3);
  }),
);

const ENDLESS: readonly [name: string, tokens: readonly unknown[]][] = [
  ['the same token again', ['a']],
  ['two in a circle', ['a', 'b', 'a']],
  ['a number', [7]],
  ['an object', [{ a: 1 }]],
  ['a token that fills memory', ['a'.repeat(100_000)]],
];
for (const [name, tokens] of ENDLESS) {
  lists(`${name}: refused`, () =>
    listed(tokens, async (list) => {
      assert.is((await thrown(KubeConnectionError, list())).code, 'ENDLESS_LIST');
    }),
  );
}

lists('a new token each time: ten thousand pages are enough', () => {
  const pages = new Pages('/api/v1/pods');
  for (let page = 0; page < 10_000; page++) assert.is(pages.next(`t${page}`), `t${page}`);
  assert.throws(() => pages.next('one more'), /more than 10000 pages/);
});

lists('pages without an item are refused when they go on and on, and are taken where others come between', () => {
  const pages = new Pages('/api/v1/pods');
  for (let page = 0; page < 20; page++) pages.next(`a${page}`, 0);
  pages.next('b', 1);
  for (let page = 0; page < 20; page++) pages.next(`c${page}`, 0);
  assert.throws(() => pages.next('d', 0), /more than 20 empty pages in a row/);
});

lists.run();
