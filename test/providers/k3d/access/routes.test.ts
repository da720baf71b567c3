import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { ContainerDetails } from '../../../../scripts/docker/containers.ts';
import { firstServing, routesOf } from '../../../../scripts/providers/k3d/access/routes.ts';
import { type KubeServer, startKubeServer } from '../../../doubles/kube-server.ts';

const routes = suite('k3d routes');
const LOCAL = { host: 'unix:///var/run/docker.sock', source: 'default' };
const data = Buffer.from('x').toString('base64');
const KUBECONFIG = `certificate-authority-data: ${data}\nclient-certificate-data: ${data}\nclient-key-data: ${data}\n`;
const running = new AbortController().signal;

function server(own: { HostIp: string; HostPort: string } | undefined): ContainerDetails {
  const details = {
    Config: { Labels: { 'k3d.server.api.port': '7000' } },
    NetworkSettings: {
      Ports: { '6443/tcp': own === undefined ? null : [own] },
      Networks: { bridge: { IPAddress: '' }, 'k3d-dev': { IPAddress: '172.20.0.3' } },
    },
  };
  return details as unknown as ContainerDetails;
}

async function api(answers = true): Promise<KubeServer> {
  return startKubeServer((_, response) => {
    if (!answers) return;
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end('{}');
  });
}

/** A port on which nobody listens any more. */
async function silent(): Promise<KubeServer['connection']> {
  const gone = await api();
  await gone.close();
  return gone.connection;
}

routes('a published port is the only way; behind a load balancer there is one to the server itself', () => {
  const plain = routesOf(KUBECONFIG, server({ HostIp: '127.0.0.1', HostPort: '6500' }), LOCAL);
  assert.equal([plain.published.server, plain.direct], ['https://127.0.0.1:6500', undefined]);
  const balanced = routesOf(KUBECONFIG, server(undefined), LOCAL);
  assert.equal(
    [balanced.published.server, balanced.direct?.server],
    ['https://127.0.0.1:7000', 'https://172.20.0.3:6443'],
  );
});

routes('the containers of an engine elsewhere are not reached from here', () => {
  const { published, direct } = routesOf(KUBECONFIG, server(undefined), {
    host: 'tcp://far:2376',
    source: 'DOCKER_HOST',
  });
  assert.equal([published.server, direct], ['https://far:7000', undefined]);
});

routes('the first route that answers is taken, whichever it is', async () => {
  const one = await api();
  const mute = await api(false);
  try {
    const fast = await firstServing([one.connection, await silent()], 10_000, running);
    assert.is(fast.server, one.connection.server);
    const other = await firstServing([mute.connection, one.connection], 10_000, running);
    assert.is(other.server, one.connection.server);
    assert.is((await other.request({ path: '/readyz' })).status, 200);
    fast.close();
    other.close();
  } finally {
    await Promise.all([one.close(), mute.close()]);
  }
});

routes('none in time says which did not answer; a cancelled run ends the wait', async () => {
  const route = await silent();
  const late = await firstServing([route, route], 300, running).catch((error: unknown) => error);
  assert.match(String(late), /answers nothing after 0\.3 s/);
  const stop = new AbortController();
  const waiting = firstServing([route], 10_000, stop.signal).catch((error: unknown) => error);
  stop.abort(new Error('cancelled'));
  assert.match(String(await waiting), /cancelled/);
});

routes.run();
