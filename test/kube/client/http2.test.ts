// What ends an exchange over HTTP/2: by us, while its session still reads (in the old way each of these corrupted the process's
// memory); and by the server, in every way in which frames can.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { connect, type KubeClient } from '../../../scripts/kube/client/client.ts';
import { endings, startFrameServer, type Ending } from '../../doubles/http2-frames.ts';
import { answer, startKubeServer } from '../../doubles/kube-server.ts';

const test = suite('kube/client/http2');

const AT_ONCE = 8;
const ROUNDS = 40;

/** Answers only when so many requests have come: their answers are read in one go. */
async function manyAtOnce(
  use: (client: KubeClient, send: (path: string, signal?: AbortSignal) => Promise<void>) => Promise<void>,
): Promise<number> {
  const waiting: (() => void)[] = [];
  const server = await startKubeServer((_, response) => {
    waiting.push(() => {
      answer(response, 200, { text: 'y'.repeat(500) });
    });
    if (waiting.length < AT_ONCE) return;
    for (const go of waiting.splice(0)) go();
  });
  let answered = 0;
  try {
    for (let round = 0; round < ROUNDS; round++) {
      const client = connect(server.connection);
      await use(client, async (path, signal) => {
        await client.request({ path, signal, attempts: 1 });
        answered++;
      });
      client.close();
    }
  } finally {
    await server.close();
  }
  return answered;
}

const paths = Array.from({ length: AT_ONCE }, (_, at) => `/${at}`);

test('a client that is closed by the first of many answers', async () => {
  const answered = await manyAtOnce(async (client, send) => {
    await Promise.allSettled(
      paths.map(async (path) => {
        await send(path);
        client.close();
      }),
    );
    assert.match(String(await send('/late').catch(String)), 'the client is closed');
  });
  assert.ok(answered >= ROUNDS, String(answered));
});

test('requests that are aborted by the first of many answers', async () => {
  const answered = await manyAtOnce(async (_, send) => {
    const controller = new AbortController();
    await Promise.allSettled(
      paths.map(async (path) => {
        await send(path, controller.signal);
        controller.abort(new Error('enough'));
      }),
    );
  });
  assert.ok(answered >= ROUNDS, String(answered));
});

for (const how of ['leaves', 'fails'] as const) {
  test(`a stream whose reader ${how} at its first line, while the others of the session go on`, async () => {
    let whole = 0;
    const server = await startKubeServer((_, response) => {
      response.writeHead(200);
      response.end('line\n'.repeat(2000));
    });
    const client = connect(server.connection);
    const read = async (path: string): Promise<void> => {
      let lines = 0;
      for await (const some of client.stream({ path })) {
        lines += some.length;
        if (path !== '/0' && how === 'leaves') break;
        if (path !== '/0') throw new Error('unreadable');
      }
      if (path === '/0') whole += lines;
    };
    try {
      for (let round = 0; round < ROUNDS; round++) await Promise.allSettled(paths.map(read));
    } finally {
      client.close();
      await server.close();
    }
    assert.is(whole, ROUNDS * 2000);
    assert.is(server.sessions.length, 1);
  });
}

const COMPLETE: readonly string[] = [
  'END_STREAM with data',
  'END_STREAM alone',
  'END_STREAM, then a reset without an error',
  'trailers',
];

for (const [name, ending] of Object.entries<Ending>(endings)) {
  for (const when of ['with the body', 'while the body is read'] as const) {
    test(`an answer that ends ${when} by ${name} is ${COMPLETE.includes(name) ? 'whole' : 'broken off'}`, async () => {
      const server = await startFrameServer('line\n'.repeat(100), ending);
      if (when === 'with the body') server.finish();
      const client = connect(server.connection);
      const lines: string[] = [];
      const reading = (async () => {
        for await (const some of client.stream({ path: '/log' })) {
          lines.push(...some);
          server.finish();
        }
        return 'whole';
      })().catch(String);
      const outcome = await reading;
      client.close();
      await server.close();
      assert.is(lines.filter((line) => line === 'line').length, 100);
      if (COMPLETE.includes(name)) assert.is(outcome, 'whole');
      else assert.match(outcome, 'broke in the middle of an answer');
    });
  }
}

test.run();
