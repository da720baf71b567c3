// A stand-in for the part of an API server that runs commands in containers: WebSockets of the channel protocol.

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import type { KubeConnection } from '../../scripts/kube/client/connection.ts';

export interface ExecCall {
  /** `/api/v1/namespaces/NS/pods/POD/exec` */
  path: string;
  command: readonly string[];
  container: string;
  protocol: string;
  /** Sends on a channel: 1 stdout, 2 stderr. */
  write(channel: 1 | 2, content: Buffer | string): void;
  /** Ends with an exit code, as the server says it. */
  exit(code: number): void;
  socket: WebSocket;
}

export interface ExecServer {
  connection: KubeConnection;
  calls: ExecCall[];
  close(): Promise<void>;
}

export async function startExecServer(handle: (call: ExecCall) => void): Promise<ExecServer> {
  const http = createServer((_request, response) => {
    response.writeHead(403, { 'content-type': 'application/json' });
    response.end(
      JSON.stringify({
        kind: 'Status',
        status: 'Failure',
        code: 403,
        reason: 'Forbidden',
        message: 'pods "x" is forbidden',
      }),
    );
  });
  const sockets = new WebSocketServer({ noServer: true, handleProtocols: (offered) => [...offered][0] ?? false });
  const calls: ExecCall[] = [];
  http.on('upgrade', (request, socket, head) => {
    const url = new URL(request.url ?? '', 'http://double');
    if (url.searchParams.get('command') === 'refuse') {
      const body = JSON.stringify({
        kind: 'Status',
        status: 'Failure',
        code: 403,
        reason: 'Forbidden',
        message: 'exec is forbidden',
      });
      socket.end(
        `HTTP/1.1 403 Forbidden\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
      );
      return;
    }
    sockets.handleUpgrade(request, socket, head, (ws) => {
      const call: ExecCall = {
        path: url.pathname,
        command: url.searchParams.getAll('command'),
        container: url.searchParams.get('container') ?? '',
        protocol: ws.protocol,
        write: (channel, content) => ws.send(Buffer.concat([Buffer.from([channel]), Buffer.from(content)])),
        exit(code) {
          const cause = { reason: 'ExitCode', message: String(code) };
          const status = code === 0 ? { status: 'Success' } : { status: 'Failure', details: { causes: [cause] } };
          ws.send(Buffer.concat([Buffer.from([3]), Buffer.from(JSON.stringify(status))]), () => ws.close());
        },
        socket: ws,
      };
      calls.push(call);
      handle(call);
    });
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const { port } = http.address() as AddressInfo;
  return {
    connection: { server: `http://127.0.0.1:${port}`, token: 'secret-token' },
    calls,
    close: () =>
      new Promise((resolve) => {
        for (const client of sockets.clients) client.terminate();
        http.close(() => resolve());
        http.closeAllConnections();
      }),
  };
}
