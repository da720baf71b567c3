// Errors of a connection that nobody waits for any more.

import type { ClientRequest } from 'node:http';
import type { Socket } from 'node:net';

const known = new WeakSet<Socket>();

/**
 * Lets a server die right after its answer: between the answer's end and the return of the connection to its agent, Node
 * listens to no errors of it, and one would end the process. Each request on a dead connection still fails.
 */
export function toleratesLateErrors(request: ClientRequest): ClientRequest {
  return request.once('socket', (socket) => {
    if (!known.has(socket)) socket.on('error', () => undefined);
    known.add(socket);
  });
}
