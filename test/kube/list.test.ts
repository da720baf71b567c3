// Lists of servers that do not end: both ways of listing stop, and say why.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { connect } from '../../scripts/kube/client/client.ts';
import { KubeConnectionError } from '../../scripts/kube/client/errors.ts';
import { listAll, Pages } from '../../scripts/kube/list.ts';
import { listAll as listOfCollect } from '../../scripts/support/collectors/cluster/lists.ts';
import { answer, withKubeServer } from '../doubles/kube-server.ts';
import { thrown } from './helpers.ts';

const lists = suite('kube: lists');

const { signal } = new AbortController();

/** Lists in both ways from a server that gives these tokens one after the other, the last one for ever. */
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

lists.run();
