// A stand-in for a proxy: HTTP with or without TLS, or SOCKS5. Whatever host is asked for, it leads to this machine.

import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { type AddressInfo, connect, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { certificate } from './certificates.ts';

export interface Proxy {
  /** `SCHEME://USER:PASSWORD@127.0.0.1:PORT` */
  url: string;
  /** `CONNECT kubernetes:6443`, `GET http://kubernetes:80/x`. */
  asked: string[];
  close(): void;
}

export interface ProxyOptions {
  scheme: 'http' | 'https' | 'socks5';
  /** Takes only `user` with the password `p@ss`. */
  secured?: boolean;
}

export async function startProxy({ scheme, secured = false }: ProxyOptions): Promise<Proxy> {
  const asked: string[] = [];
  const sockets = new Set<Duplex>();
  const server = scheme === 'socks5' ? socksServer(asked, secured) : httpServer(asked, secured, scheme === 'https');
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `${scheme}://${secured ? 'user:p%40ss@' : ''}127.0.0.1:${port}`,
    asked,
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

const AUTHORIZATION = `Basic ${Buffer.from('user:p@ss').toString('base64')}`;

function join(near: Duplex, port: number, head: Buffer, greet: () => void): void {
  const far = connect(port, '127.0.0.1', () => {
    greet();
    far.write(head);
    near.pipe(far).pipe(near);
  });
  far.on('error', () => near.destroy());
  near.on('error', () => far.destroy());
}

function httpServer(asked: string[], secured: boolean, tls: boolean): Server {
  const refused = ({ headers }: IncomingMessage): boolean =>
    secured && headers['proxy-authorization'] !== AUTHORIZATION;
  const plain = (incoming: IncomingMessage, response: ServerResponse): void => {
    asked.push(`${incoming.method} ${incoming.url}`);
    if (refused(incoming)) {
      response.writeHead(407).end();
      return;
    }
    const { port, pathname, search } = new URL(incoming.url ?? '');
    const headers = { ...incoming.headers };
    delete headers['proxy-authorization'];
    const onward = { port, host: '127.0.0.1', path: pathname + search, method: incoming.method, headers };
    const far = request(onward, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    incoming.pipe(far);
  };
  const server = tls ? createSecureServer(certificate(), plain) : createServer(plain);
  server.on('connect', (incoming: IncomingMessage, near: Duplex, head: Buffer) => {
    asked.push(`CONNECT ${incoming.url}`);
    if (refused(incoming)) {
      near.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
      return;
    }
    const port = Number(/:(\d+)$/.exec(incoming.url ?? '')?.[1]);
    join(near, port, head, () => near.write('HTTP/1.1 200 OK\r\n\r\n'));
  });
  return server;
}

/** As far as RFC 1928 and 1929 matter here: each message of the client comes in one piece. */
function socksServer(asked: string[], secured: boolean): Server {
  const connectTo = (near: Socket, message: Buffer): void => {
    const named = message[3] === 3;
    const length = named ? (message[4] ?? 0) : 4;
    const at = named ? 5 : 4;
    const address = message.subarray(at, at + length);
    const port = message.readUInt16BE(at + length);
    asked.push(`CONNECT ${named ? address.toString() : address.join('.')}:${port}`);
    join(near, port, Buffer.alloc(0), () => near.write(Buffer.from([5, 0, 0, 1, 127, 0, 0, 1, 0, 0])));
  };
  return createTcpServer((near) => {
    near.once('data', () => {
      near.write(Buffer.from([5, secured ? 2 : 0]));
      near.once('data', (first: Buffer) => {
        if (!secured) {
          connectTo(near, first);
          return;
        }
        const accepted = first.toString('latin1').includes('\x04user\x04p@ss');
        near.write(Buffer.from([1, accepted ? 0 : 1]));
        near.once('data', (second: Buffer) => connectTo(near, second));
      });
    });
  });
}
