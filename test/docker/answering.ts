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

/** What an engine says of a path: JSON with status 200, another status, or bytes as they are. */
export type Said = object | readonly [status: number, body: object] | Buffer;

/** Runs with an engine that knows these paths (without their query) and says 404 of all others. */
export async function withEngine(
  paths: Readonly<Record<string, Said>> | ((method: string, url: URL, body: string) => Said | undefined),
  use: (engine: DockerClient, asked: readonly string[]) => Promise<void>,
): Promise<void> {
  const asked: string[] = [];
  const server = createServer((request: IncomingMessage, response) => {
    void text(request).then((body) => {
      const url = new URL(request.url ?? '', 'http://engine');
      const method = request.method ?? '';
      asked.push(`${method} ${url.pathname}${decodeURIComponent(url.search)} ${body}`.trim());
      const said = typeof paths === 'function' ? paths(method, url, body) : paths[url.pathname];
      const isPair = Array.isArray(said) && typeof said[0] === 'number';
      const [status, answer] = isPair
        ? (said as unknown as [number, object])
        : [said === undefined ? 404 : 200, said ?? { message: `no such thing: ${url.pathname}` }];
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(Buffer.isBuffer(answer) ? answer : JSON.stringify(answer));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const engine = connectDocker({ host: `tcp://127.0.0.1:${port}`, source: 'DOCKER_HOST' });
  try {
    await use(engine, asked);
  } finally {
    await stopEngine({ server, engine } as AnsweringEngine);
  }
}
