// Takes the place of all kubelets of an opened bundle: serves logs from its files, and says of everything else that it runs not.

import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { once } from 'node:events';
import { messageOf } from '../../base/errors.ts';
import type { BundleLogs, LogQuery } from './logs.ts';

export interface KubeletInputs {
  /** The socket at which the API server asks for connections to anywhere. */
  socket: string;
  /** PEM. */
  certificate: string;
  key: string;
  /** Answers nothing before they are there. */
  logs: Promise<BundleLogs>;
  now: () => Date;
}

const NOTHING_RUNS = 'the cluster is a support bundle: nothing runs in it';

/**
 * A proxy for all that the API server wants to reach: nodes, webhooks, extension servers. Whatever the address, it is
 * this one that answers, so that an opened bundle never reaches out to the network that it came from.
 */
export async function startKubelet({ socket, certificate, key, logs, now }: KubeletInputs): Promise<() => void> {
  const kubelet = createTlsServer({ cert: certificate, key }, (request, response) => {
    answer(request, response, { logs, now }).catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else say(response, 500, messageOf(error));
    });
  });
  const open = new Set<Duplex>();
  const proxy = createServer((_request, response) => say(response, 400, 'only CONNECT is answered'));
  proxy.on('connect', (_request, connection: Duplex) => {
    open.add(connection);
    connection.on('close', () => open.delete(connection));
    connection.on('error', () => connection.destroy());
    connection.write('HTTP/1.1 200 OK\r\n\r\n');
    kubelet.emit('connection', connection);
  });
  kubelet.on('tlsClientError', (_error, broken) => broken.destroy());
  kubelet.on('upgrade', (_request, connection) => {
    const head = ['HTTP/1.1 400 Bad Request', 'content-type: text/plain', `content-length: ${NOTHING_RUNS.length}`];
    connection.end(`${[...head, 'connection: close'].join('\r\n')}\r\n\r\n${NOTHING_RUNS}`);
  });
  proxy.listen(socket);
  await once(proxy, 'listening');
  return () => {
    proxy.close();
    for (const connection of open) connection.destroy();
  };
}

function say(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' });
  response.end(`${text}\n`);
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { logs, now }: Pick<KubeletInputs, 'logs' | 'now'>,
): Promise<void> {
  const query = request.method === 'GET' ? queryOf(request.url ?? '', now()) : undefined;
  if (!query) {
    say(response, 400, NOTHING_RUNS);
    return;
  }
  const log = await (await logs).read(query);
  if (!log) {
    const which = `${query.previous ? 'earlier ' : ''}log of ${query.namespace}/${query.pod}/${query.container}`;
    // Of other codes the API server hands on no text.
    say(response, 400, `the bundle has no ${which}`);
    return;
  }
  response.writeHead(200, { 'content-type': 'text/plain' });
  await pipeline(log, response);
}

/** Of `/containerLogs/NAMESPACE/POD/CONTAINER?…`; undefined for everything else. */
function queryOf(url: string, now: Date): LogQuery | undefined {
  const { pathname, searchParams } = new URL(url, 'https://kubelet');
  const [, what, ...rest] = pathname.split('/');
  if (what !== 'containerLogs' || rest.length !== 3) return undefined;
  const [namespace = '', pod = '', container = ''] = rest.map(decodeURIComponent);
  const number = (name: string): number | undefined => {
    const value = Number(searchParams.get(name) ?? NaN);
    return Number.isSafeInteger(value) && value >= 0 ? value : undefined;
  };
  const seconds = number('sinceSeconds');
  const time = Date.parse(searchParams.get('sinceTime') ?? '');
  return {
    namespace,
    pod,
    container,
    previous: searchParams.get('previous') === 'true',
    tailLines: number('tailLines'),
    limitBytes: number('limitBytes'),
    sinceMs: seconds !== undefined ? now.getTime() - seconds * 1000 : Number.isNaN(time) ? undefined : time,
  };
}
