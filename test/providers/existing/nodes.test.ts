// The nodes of a cluster that others run, as kubectl names their roles.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { KubeApiError } from '../../../scripts/kube/client/errors.ts';
import { nodesOf } from '../../../scripts/providers/existing/nodes.ts';
import { answer, statusObject } from '../../doubles/kube-server.ts';
import { thrown, withClient } from '../../kube/helpers.ts';

const test = suite('providers/existing/nodes');
const { signal } = new AbortController();

test('roles and readiness', () => {
  const node = (name: string, labels: object | undefined, status: string): object => ({
    metadata: { name, ...(labels === undefined ? {} : { labels }) },
    status: { conditions: [{ type: 'Ready', status, reason: 'Why' }] },
  });
  const role = 'node-role.kubernetes.io/';
  const items = [
    node('a', { [`${role}control-plane`]: '', [`${role}etcd`]: '', x: 'y' }, 'True'),
    node('b', { role: 'worker' }, 'False'),
    node('c', undefined, 'True'),
  ];
  return withClient(
    (_, response) => answer(response, 200, { items }),
    async (client) =>
      assert.equal(await nodesOf(client, signal), [
        { name: 'a', role: 'control-plane,etcd', ready: true, why: undefined },
        { name: 'b', role: 'worker', ready: false, why: 'Why' },
        { name: 'c', role: 'agent', ready: true, why: undefined },
      ]),
  );
});

test('who may not list them sees none; another refusal is an error', async () => {
  for (const status of [403, 401]) {
    await withClient(
      (_, response) => answer(response, status, statusObject(status, 'Any', 'no')),
      async (client) => {
        if (status === 403) assert.is(await nodesOf(client, signal), undefined);
        else assert.is((await thrown(KubeApiError, nodesOf(client, signal))).status, 401);
      },
    );
  }
});

test.run();
