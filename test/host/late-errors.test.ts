// A server that dies between the end of its answer and the return of the connection to its agent.

import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { Agent, type ClientRequest, type IncomingMessage, createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { toleratesLateErrors } from '../../scripts/host/late-errors.ts';

const test = suite('host/late-errors');

const ANSWERED = 'http.client.response.finish';

/** The connection fails in the one tick in which Node has taken its own listener away. */
function failLate(message: unknown): void {
  const { request: sent, response } = message as { request: ClientRequest; response: IncomingMessage };
  response.prependOnceListener('end', () => sent.socket?.destroy(new Error('reset by peer')));
}

test('an error after the answer ends nothing, and the next request works', async () => {
  const server = createServer((_, response) => void response.end('{}'));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const uncaught: unknown[] = [];
  const keep = (error: unknown): void => void uncaught.push(error);
  const ask = (): Promise<number | undefined> =>
    new Promise((resolve, reject) => {
      const sent = request({ port, host: '127.0.0.1', agent }, (response) => {
        response.resume().on('end', () => resolve(response.statusCode));
      });
      toleratesLateErrors(sent.on('error', reject)).end();
    });
  process.on('uncaughtException', keep);
  subscribe(ANSWERED, failLate);
  try {
    assert.is(await ask(), 200);
    assert.is(await ask(), 200);
    await new Promise((done) => setImmediate(done));
    assert.equal(uncaught, []);
  } finally {
    unsubscribe(ANSWERED, failLate);
    process.off('uncaughtException', keep);
    agent.destroy();
    server.close();
  }
});

test.run();
