// The floor of applying: a bare HTTP/2 client that creates, or applies, the same bodies, without looking at anything.

import { connect, type ClientHttp2Session } from 'node:http2';
import type { KubeConnection } from '../../scripts/kube/client/connection.ts';

const BASE = '/api/v1/namespaces/default/configmaps';

export interface BareRequest {
  method: 'POST' | 'PATCH';
  path: string;
  type: string;
  body: string;
}

export function creation(body: Record<string, unknown>): BareRequest {
  return { method: 'POST', path: BASE, type: 'application/json', body: JSON.stringify(body) };
}

export function application(body: Record<string, unknown>): BareRequest {
  const { name } = body['metadata'] as { name: string };
  return {
    method: 'PATCH',
    path: `${BASE}/${name}?fieldManager=floor&force=true`,
    type: 'application/apply-patch+yaml',
    body: JSON.stringify(body),
  };
}

interface Session {
  session: ClientHttp2Session;
  /** Of the server's paths. */
  prefix: string;
}

async function open({ server, ca, clientCertificate, clientKey }: KubeConnection): Promise<Session> {
  const session = connect(server, { ca, cert: clientCertificate, key: clientKey });
  await new Promise<void>((resolve, reject) => {
    session.once('error', reject);
    session.once('remoteSettings', () => resolve());
  });
  return { session, prefix: new URL(server).pathname.replace(/\/$/, '') };
}

/**
 * Sends all requests to each of the servers, over connections that are open already.
 * @param width requests under way, over all servers
 * @returns s until the last answer. @throws where an answer is not a success
 */
export async function bare(
  servers: readonly KubeConnection[],
  requests: readonly BareRequest[],
  width: number,
): Promise<number> {
  const sessions = await Promise.all(servers.map(open));
  const started = performance.now();
  let next = 0;
  const worker = async (): Promise<void> => {
    for (;;) {
      const at = next++;
      const [to, request] = [sessions[at % sessions.length], requests[Math.floor(at / sessions.length)]];
      if (to === undefined || request === undefined) return;
      await send(to.session, { ...request, path: to.prefix + request.path });
    }
  };
  try {
    await Promise.all(Array.from({ length: width }, worker));
    return (performance.now() - started) / 1000;
  } finally {
    for (const { session } of sessions) session.close();
  }
}

function send(session: ClientHttp2Session, { method, path, type, body }: BareRequest): Promise<void> {
  return new Promise((resolve, reject) => {
    const stream = session.request({ ':method': method, ':path': path, 'content-type': type });
    let status = 0;
    stream.on('response', (headers) => (status = Number(headers[':status'])));
    stream.on('error', reject);
    // The answer has to be taken off the wire, whoever reads it.
    stream.resume();
    stream.on('end', () => {
      if (status < 300) resolve();
      else reject(new Error(`${method} ${path}: status ${status}`));
    });
    stream.end(body);
  });
}
