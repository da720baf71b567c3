// A stand-in for kubelets behind a real API server: logs of any number of pods, and commands in containers over WebSockets.

import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import { type WebSocket, WebSocketServer } from 'ws';
import pLimit from 'p-limit';
import type { KubeClient } from '../../scripts/kube/client/client.ts';
import { certificate } from './certificates.ts';

export interface FakeKubelet {
  port: number;
  /** `/containerLogs/…?…` of all requests, in order. */
  readonly asked: readonly string[];
  /** Most logs that were being read at once. */
  readonly mostAtOnce: number;
  close(): Promise<void>;
}

export interface KubeletBehaviour {
  /** The log of a container, by the path `NAMESPACE/POD/CONTAINER`. */
  log: (container: string) => Iterable<Buffer | string> | AsyncIterable<Buffer | string>;
  /** What a command writes, and its exit code. */
  exec?: (command: readonly string[]) => { stdout?: string; stderr?: string; code: number };
}

/** Its certificate is a throw-away one, which the API server does not verify. */
export async function startFakeKubelet({ log, exec }: KubeletBehaviour): Promise<FakeKubelet> {
  const asked: string[] = [];
  let open = 0;
  let mostAtOnce = 0;
  const server = createServer(certificate(), (request, response) => {
    const url = request.url ?? '';
    asked.push(url);
    const [, what, ...rest] = url.split('?')[0]?.split('/') ?? [];
    if (what !== 'containerLogs') {
      response.writeHead(404).end();
      return;
    }
    mostAtOnce = Math.max(mostAtOnce, ++open);
    response.once('close', () => open--);
    response.writeHead(200, { 'content-type': 'text/plain' });
    const content = Readable.from(log(rest.join('/')), { objectMode: false });
    content.on('error', () => response.destroy());
    content.pipe(response);
  });
  const sockets = new WebSocketServer({ noServer: true, handleProtocols: (offered) => [...offered][0] ?? false });
  server.on('upgrade', (request, socket, head) => {
    asked.push(`${request.headers.upgrade ?? ''} ${request.url ?? ''}`);
    if (request.headers.upgrade?.toLowerCase() !== 'websocket') {
      socket.end('HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n');
      return;
    }
    sockets.handleUpgrade(request, socket, head, (ws) => {
      const command = new URL(request.url ?? '', 'https://kubelet').searchParams.getAll('command');
      finish(ws, exec?.(command) ?? { code: 126 });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    asked,
    get mostAtOnce() {
      return mostAtOnce;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function finish(socket: WebSocket, { stdout, stderr, code }: { stdout?: string; stderr?: string; code: number }): void {
  const send = (channel: number, text: string): void =>
    socket.send(Buffer.concat([Buffer.from([channel]), Buffer.from(text)]));
  if (stdout !== undefined) send(1, stdout);
  if (stderr !== undefined) send(2, stderr);
  const causes = [{ reason: 'ExitCode', message: String(code) }];
  const status =
    code === 0 ? { status: 'Success' } : { status: 'Failure', reason: 'NonZeroExitCode', details: { causes } };
  send(3, JSON.stringify({ metadata: {}, ...status }));
  socket.close();
}

/** A node that the API server reaches at the fake kubelet, and pods on it that run. */
export async function addPods(
  client: KubeClient,
  { port, node, namespace, count }: { port: number; node: string; namespace: string; count: number },
): Promise<void> {
  const post = (path: string, body: object): Promise<unknown> => client.json({ method: 'POST', path, body });
  await post('/api/v1/nodes', { metadata: { name: node } });
  await client.json({
    method: 'PATCH',
    path: `/api/v1/nodes/${node}/status`,
    contentType: 'application/merge-patch+json',
    body: {
      status: {
        addresses: [{ type: 'InternalIP', address: '127.0.0.1' }],
        // Else the API server speaks SPDY with it.
        declaredFeatures: ['ExtendWebSocketsToKubelet'],
        daemonEndpoints: { kubeletEndpoint: { Port: port } },
      },
    },
  });
  await post('/api/v1/namespaces', { metadata: { name: namespace } });
  // Pods are refused until the controller has made it.
  const account = `/api/v1/namespaces/${namespace}/serviceaccounts/default`;
  while ((await client.request({ path: account })).status !== 200) await setTimeout(50);
  const pods = `/api/v1/namespaces/${namespace}/pods`;
  const limit = pLimit(50);
  await Promise.all(
    Array.from({ length: count }, (_, i) =>
      limit(() =>
        post(pods, {
          metadata: { name: `p-${i}`, namespace, labels: { app: 'web' } },
          spec: {
            nodeName: node,
            automountServiceAccountToken: false,
            containers: [{ name: 'main', image: 'nginx' }],
          },
        }),
      ),
    ),
  );
}
