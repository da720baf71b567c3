// What is removed with a cluster, by label alone: its own things, in order, and nothing that others use.

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { connectDocker } from '../../../scripts/docker/client.ts';
import { removeCluster } from '../../../scripts/providers/k3d/remove.ts';

const removal = suite('removing a k3d cluster');

interface Engine {
  containers: { id: string; labels: Record<string, string>; networks?: string[] }[];
  network: { id: string; name: string; labels: Record<string, string>; members: string[] } | undefined;
  volumes: string[];
  /** Containers that a k3d which was killed had still asked for: there after the first round. */
  late?: Engine['containers'];
}

/** Removes the cluster `dev` of an engine that holds these; resolves with the changes that it was asked for, in order. */
async function removing(state: Engine): Promise<{ removed: boolean; changes: string[] }> {
  const changes: string[] = [];
  const server: Server = createServer((request, response) => {
    const { method = '', url = '' } = request;
    const path = decodeURIComponent(url.replace(/\?.*$/, ''));
    request.resume();
    const send = (status: number, body: unknown): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    };
    if (method !== 'GET') {
      changes.push(`${method} ${path}`);
      const id = path.split('/').at(-1) ?? '';
      if (path.startsWith('/containers/')) state.containers = state.containers.filter((one) => one.id !== id);
      else if (path.startsWith('/volumes/')) state.volumes = state.volumes.filter((name) => name !== id);
      else if (method === 'DELETE') {
        state.network = undefined;
        state.containers.push(...(state.late ?? []));
        state.late = [];
      }
      return send(200, null);
    }
    const query = decodeURIComponent(url);
    if (path === '/containers/json' && query.includes('"network"')) {
      return send(
        200,
        (state.network?.members ?? []).map((Id) => ({ Id })),
      );
    }
    if (path === '/containers/json') {
      assert.match(query, '"app=k3d","k3d.cluster=dev"');
      const wire = state.containers.map(({ id, labels }) => ({ Id: id, Names: [`/${id}`], Labels: labels }));
      return send(200, wire);
    }
    if (path === '/volumes') return send(200, { Volumes: state.volumes.map((Name) => ({ Name })) });
    const { network } = state;
    if (path.startsWith('/networks/')) {
      if (network?.name !== path.slice('/networks/'.length)) return send(404, { message: 'no such network' });
      return send(200, { Id: network.id, Name: network.name, Labels: network.labels });
    }
    const inspected = state.containers.find(({ id }) => path === `/containers/${id}/json`);
    const networks = Object.fromEntries((inspected?.networks ?? []).map((name) => [name, {}]));
    send(200, { NetworkSettings: { Networks: networks } });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const engine = connectDocker({
    host: `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`,
    source: 'DOCKER_HOST',
  });
  try {
    const removed = await removeCluster(engine, 'dev');
    return { removed, changes };
  } finally {
    engine.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

const node = (id: string, more: Record<string, string> = {}): Engine['containers'][number] => ({
  id,
  labels: { 'k3d.role': 'server', 'k3d.cluster.network': 'k3d-dev', ...more },
});
const ours = { id: 'net1', name: 'k3d-dev', labels: { app: 'k3d' }, members: [] };

removal('where there is nothing, nothing is removed, and that is said', async () => {
  assert.equal(await removing({ containers: [], network: undefined, volumes: [] }), { removed: false, changes: [] });
});

removal('containers first, then the network and the volumes', async () => {
  const { removed, changes } = await removing({ containers: [node('a')], network: { ...ours }, volumes: ['v'] });
  assert.is(removed, true);
  assert.equal(changes.slice(0, 1), ['DELETE /containers/a']);
  assert.equal(changes.slice(1).sort(), ['DELETE /networks/net1', 'DELETE /volumes/v']);
});

removal('any one of them alone counts as something', async () => {
  assert.is((await removing({ containers: [], network: undefined, volumes: ['v'] })).removed, true);
  assert.is((await removing({ containers: [], network: { ...ours }, volumes: [] })).removed, true);
  assert.is((await removing({ containers: [node('a')], network: undefined, volumes: [] })).removed, true);
});

removal('a network of the user’s stays, by its labels or by those of the nodes', async () => {
  const foreign = await removing({ containers: [node('a')], network: { ...ours, labels: {} }, volumes: [] });
  assert.equal(foreign.changes, ['DELETE /containers/a']);
  const external = node('a', { 'k3d.cluster.network.external': 'true', 'k3d.cluster.network': 'mine' });
  const used = await removing({ containers: [external], network: { ...ours, name: 'mine' }, volumes: [] });
  assert.equal(used.changes, ['DELETE /containers/a']);
});

removal(
  'a registry that others use by now, and other members of the network, are taken out of it and stay',
  async () => {
    const registry = (networks: string[]): Engine['containers'][number] => ({
      ...node('reg', { 'k3d.role': 'registry' }),
      networks,
    });
    const alone = await removing({
      containers: [registry(['bridge', 'k3d-dev'])],
      network: { ...ours, members: ['reg', 'guest'] },
      volumes: [],
    });
    assert.equal(alone.changes.slice(0, 2).sort(), ['DELETE /containers/reg', 'POST /networks/k3d-dev/disconnect']);
    const shared = await removing({
      containers: [registry(['k3d-dev', 'k3d-other'])],
      network: { ...ours, members: ['reg'] },
      volumes: [],
    });
    assert.equal(shared.changes, ['POST /networks/k3d-dev/disconnect', 'DELETE /networks/net1']);
  },
);

removal('what appears while the rest goes is removed too', async () => {
  const { changes } = await removing({
    containers: [node('a')],
    network: { ...ours },
    volumes: [],
    late: [node('b')],
  });
  assert.equal(changes, ['DELETE /containers/a', 'DELETE /networks/net1', 'DELETE /containers/b']);
});

removal.run();
