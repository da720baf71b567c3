// Nodes that have not reported since they were started are called Unknown, and no others are.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { markUnheard } from '../../../../scripts/providers/k3d/nodes/unheard.ts';
import { answer } from '../../../doubles/kube-server.ts';
import { withClient } from '../../../kube/helpers.ts';

const test = suite('k3d/nodes/unheard');
const { signal } = new AbortController();

const node = (name: string, status: string, lastHeartbeatTime: string): object => ({
  metadata: { name, resourceVersion: '7' },
  status: { conditions: [{ type: 'Ready', status, lastHeartbeatTime }] },
});
const AT = Date.parse('2026-01-01T00:00:10.700Z');

async function marked(nodes: readonly object[], refusal?: { of: string; status: number }): Promise<string[]> {
  const patches: string[] = [];
  await withClient(
    ({ method, path, body }, response) => {
      if (method === 'PATCH') patches.push(`${path} ${body}`);
      if (method === refusal?.of) answer(response, refusal.status, { message: 'no' });
      else answer(response, 200, { metadata: {}, items: nodes });
    },
    (client) =>
      markUnheard(
        client,
        new Map([
          ['a', AT],
          ['b', AT],
        ]),
        signal,
      ),
  );
  return patches;
}

test('a node that reported before it was started is Unknown, unless it reports meanwhile', async () => {
  const [patch = '', ...more] = await marked([
    node('a', 'True', '2026-01-01T00:00:09Z'),
    node('b', 'True', '2026-01-01T00:00:10Z'),
    node('c', 'True', '2026-01-01T00:00:00Z'),
  ]);
  assert.equal(more, []);
  assert.match(patch, '/api/v1/nodes/a/status ');
  const { metadata, status } = JSON.parse(patch.slice(patch.indexOf('{'))) as {
    metadata: object;
    status: { conditions: { type: string; status: string; lastTransitionTime: string }[] };
  };
  assert.equal(metadata, { resourceVersion: '7' });
  const [ready] = status.conditions;
  assert.equal(
    [ready?.type, ready?.status, ready?.lastTransitionTime],
    ['Ready', 'Unknown', '2026-01-01T00:00:10.000Z'],
  );
});

test('one that is not Ready, or has never reported, is left alone', async () => {
  assert.equal(await marked([node('a', 'False', '2026-01-01T00:00:00Z'), { metadata: { name: 'b' } }]), []);
});

test('a refusal is nothing to fail for', async () => {
  const old = [node('a', 'True', '2026-01-01T00:00:00Z')];
  assert.is((await marked(old, { of: 'PATCH', status: 409 })).length, 1);
  assert.is((await marked(old, { of: 'GET', status: 403 })).length, 0);
});

test.run();
