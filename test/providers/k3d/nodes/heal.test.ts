// What an engine's restart breaks in a cluster's nodes and in its DNS, and what is left alone.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { StepContext } from '../../../../scripts/engine/step.ts';
import { KubeApiError } from '../../../../scripts/kube/client/errors.ts';
import { currentRecords, healStep } from '../../../../scripts/providers/k3d/nodes/heal.ts';
import type { Access } from '../../../../scripts/providers/provider.ts';
import { answer } from '../../../doubles/kube-server.ts';
import { thrown, withClient } from '../../../kube/helpers.ts';
import { contextOf, type FakeNode, runOn, withNodes } from '../nodes-engine.ts';

const test = suite('k3d/nodes/heal');

interface Given {
  hosts?: (string | undefined)[];
  gateway?: string;
  /** Records of CoreDNS; a number is the status of a refusal. */
  records?: string | number;
  network?: boolean;
}

/** @returns what the step noted, the commands that ran in nodes, and the records that were written */
async function heal(given: Given): Promise<{ notes: string[]; commands: readonly string[]; patches: string[] }> {
  const { hosts = [], records = '', network = true, gateway = '172.30.0.1' } = given;
  const nodes = hosts.map((text, i): FakeNode => {
    return { name: `n${i}`, ...(text === undefined ? {} : { files: { '/etc/hosts': text } }) };
  });
  const wire = {
    ...{ Id: '1', Name: 'k3d-dev', Labels: {}, IPAM: { Config: gateway === '' ? [] : [{ Gateway: gateway }] } },
    Containers: { a: { Name: 'n0', IPv4Address: '172.30.0.9/16' } },
  };
  const { notes, ...context } = contextOf();
  const patches: string[] = [];
  let seen: readonly string[] = [];
  await withClient(
    ({ method, body }, response) => {
      if (method === 'PATCH') patches.push(body);
      const refused = typeof records === 'number';
      answer(response, refused ? records : 200, refused ? { message: 'no' } : { data: { NodeHosts: records } });
    },
    (client) =>
      withNodes(
        nodes,
        async (engine, commands) => {
          seen = commands;
          const step = healStep(runOn(engine), { client: () => client } as Access, ['k3d']);
          assert.equal(step.needs, ['api', 'k3d']);
          await step.run(context as unknown as StepContext);
        },
        network ? { '/networks/k3d-dev': wire } : {},
      ),
  );
  return { notes, commands: seen, patches };
}

const told = '172.30.0.1 host.k3d.internal\n';

test('only nodes that lost the name get it again, with the gateway as its address', async () => {
  const { notes, commands, patches } = await heal({ hosts: [told, '127.0.0.1 localhost\n', undefined] });
  assert.equal(commands, [`n1: sh -c echo '${told.trim()}' >> /etc/hosts`]);
  assert.equal([notes, patches], [['host.k3d.internal on 1 nodes'], []]);
});

test('records of DNS get the addresses that nodes have now', async () => {
  const { notes, patches } = await heal({ hosts: [told], records: '172.30.0.4 n0\n172.30.0.1 other' });
  assert.equal(patches, ['{"data":{"NodeHosts":"172.30.0.9 n0\\n172.30.0.1 other"}}']);
  assert.equal(notes, ['addresses in DNS']);
});

test('both are named together', async () => {
  const { notes } = await heal({ hosts: [''], records: '172.30.0.4 n0' });
  assert.equal(notes, ['host.k3d.internal on 1 nodes, addresses in DNS']);
});

test('a sound cluster, one without CoreDNS, a network without a gateway and one that is gone: nothing is done', async () => {
  assert.equal(await heal({ hosts: [told] }), { notes: ['nothing to heal'], commands: [], patches: [] });
  assert.equal(await heal({ hosts: [told], records: 404 }), { notes: ['nothing to heal'], commands: [], patches: [] });
  assert.equal(await heal({ hosts: [''], gateway: '' }), { notes: ['nothing to heal'], commands: [], patches: [] });
  assert.equal(await heal({ hosts: [''], network: false }), { notes: [], commands: [], patches: [] });
});

test('a refusal of the API is an error', async () => {
  assert.is((await thrown(KubeApiError, heal({ records: 403 }))).status, 403);
});

test('a record keeps what follows its name, and its address where the new one is none', () => {
  const members = [
    { id: 'a', name: 'n0', address: '172.18.0.4' },
    { id: 'b', name: 'n1', address: 'none' },
  ];
  const before = ' 172.18.0.9  n0 alias\n172.18.0.8 n1\n172.18.0.4\tn0\n\n172.18.0.1 host';
  assert.is(currentRecords(before, members), '172.18.0.4 n0 alias\n172.18.0.8 n1\n172.18.0.4\tn0\n\n172.18.0.1 host');
});

test.run();
