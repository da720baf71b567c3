// An engine that answers every request of a test alike.

import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import * as assert from 'uvu/assert';
import { type DockerClient, connectDocker } from '../../scripts/docker/client.ts';
import { DockerError } from '../../scripts/docker/docker-errors.ts';

export interface AnsweringEngine {
  server: Server;
  engine: DockerClient;
  /** What the engine answers to each request: a status and a body. */
  answer: [status: number, body: object | null];
  /** All requests so far. */
  asked: string[];
}

export async function startEngine(context: AnsweringEngine): Promise<void> {
  context.asked = [];
  const server = createServer((request: IncomingMessage, response) => {
    void text(request).then((body) => {
      context.asked.push(`${request.method} ${decodeURIComponent(request.url ?? '')} ${body}`.trim());
      const [status, answer] = context.answer;
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
    });
  });
  context.server = server;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  context.engine = connectDocker({ host: `tcp://127.0.0.1:${port}`, source: 'DOCKER_HOST' });
}

export async function stopEngine({ server, engine }: AnsweringEngine): Promise<void> {
  engine.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}

/** The status of the engine's refusal; undefined where it did not refuse. */
export async function statusOf(promise: Promise<unknown>): Promise<number | undefined> {
  const error: unknown = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error !== undefined) assert.instance(error, DockerError);
  return (error as DockerError | undefined)?.status;
}
