// The client over real sockets: what arrives, what comes back, and what every kind of fault turns into.

import { connect as connectTcp, createServer as createTcpServer, type AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { createServer as createTlsServer } from 'node:tls';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  connect,
  type ClientOptions,
  type KubeClient,
  type KubeConnection,
  parseAnswer,
} from '../../../scripts/kube/client/client.ts';
import { KubeApiError, KubeConnectionError } from '../../../scripts/kube/client/errors.ts';
import { drain, thrown } from '../helpers.ts';
import { certificate } from '../../doubles/certificates.ts';
import { answer, type Handler, type ServerOptions, statusObject, withKubeServer } from '../../doubles/kube-server.ts';

const client = suite('kube: client');

const fine: Handler = (arrived, response) => answer(response, 200, { path: arrived.path });

/** Waits that were asked for, none of them waited for. */
function recordedSleep(): { waits: number[]; options: ClientOptions } {
  const waits: number[] = [];
  return { waits, options: { random: () => 0, sleep: (ms) => Promise.resolve(waits.push(ms)).then(() => undefined) } };
}

async function withClient(
  connection: KubeConnection,
  use: (client: KubeClient) => Promise<void>,
  options?: ClientOptions,
) {
  const kube = connect(connection, options);
  try {
    await use(kube);
  } finally {
    kube.close();
  }
}

for (const protocol of ['h2', 'https', 'http'] as const) {
  const options: ServerOptions = { protocol };

  client(`sends path, query, headers and body over ${protocol}`, () =>
    withKubeServer(
      fine,
      async ({ connection, arrived }) => {
        const full = { ...connection, server: `${connection.server}/prefix/`, token: 't0k', headers: { 'x-own': '1' } };
        await withClient(full, async (kube) => {
          const request = { path: '/api/v1/x', query: { a: 'b c', n: 1, none: undefined }, body: { é: 1 } };
          const response = await kube.request({ ...request, method: 'PATCH', contentType: 'application/test' });
          assert.is(response.status, 200);
          assert.equal(JSON.parse(response.body), { path: '/prefix/api/v1/x' });
        });
        const [one] = arrived;
        assert.is(one?.method, 'PATCH');
        assert.is(one?.query.toString(), 'a=b+c&n=1');
        assert.is(one?.body, '{"é":1}');
        assert.is(one?.headers['content-type'], 'application/test');
        assert.is(one?.headers['authorization'], 'Bearer t0k');
        assert.is(one?.headers['x-own'], '1');
        assert.is(one?.httpVersion, protocol === 'h2' ? '2.0' : '1.1');
      },
      options,
    ),
  );

  client(`takes a body that breaks off for a failure over ${protocol}`, () =>
    withKubeServer(
      (_, response) => {
        response.writeHead(200);
        // Cut once the half has left.
        response.write('{"half":', () => setImmediate(() => cut()));
      },
      async ({ connection, sockets }) => {
        cut = () => sockets.forEach((socket) => socket.destroy());
        await withClient(connection, async (kube) => {
          const error = await thrown(KubeConnectionError, kube.json({ path: '/' }));
          assert.match(error.message, /broke in the middle of an answer/);
          assert.not(error.unsent);
        });
      },
      options,
    ),
  );

  client(`hands on lines as they come over ${protocol}`, () =>
    withKubeServer(
      (_, response) => {
        response.writeHead(200);
        response.write('one\ntw');
        next = () => response.end('o\nthree');
      },
      async ({ connection }) => {
        await withClient(connection, async (kube) => {
          // The rest is sent only after the first line has arrived.
          const lines = await drain(kube.stream({ path: '/' }), (sofar) => (sofar.length === 1 ? next() : undefined));
          assert.equal(lines, ['one', 'two', 'three']);
        });
      },
      options,
    ),
  );

  client(`takes a stream that breaks off for a failure over ${protocol}`, () =>
    withKubeServer(
      (_, response) => {
        response.writeHead(200);
        response.write('one\n');
      },
      async ({ connection, sockets }) => {
        await withClient(connection, async (kube) => {
          const error = await thrown(
            KubeConnectionError,
            drain(kube.stream({ path: '/' }), () => sockets.forEach((socket) => socket.destroy())),
          );
          assert.match(error.message, /broke/);
        });
      },
      options,
    ),
  );

  client(`ends an exchange on the wire when the caller aborts it over ${protocol}`, () => {
    let gone: () => void = () => undefined;
    const closed = new Promise<void>((resolve) => (gone = resolve));
    return withKubeServer(
      (_, response) => {
        response.on('close', gone);
        stop.abort(new Error('enough'));
      },
      async ({ connection }) => {
        stop = new AbortController();
        await withClient(connection, async (kube) => {
          const error = await thrown(Error, kube.request({ path: '/', signal: stop.signal }));
          assert.is(error.message, 'enough');
          await closed;
        });
      },
      options,
    );
  });
}

let cut: () => void = () => undefined;
let next: () => void = () => undefined;
let stop = new AbortController();

client('ends a stream on the wire when its reader stops', () => {
  let gone: () => void = () => undefined;
  const closed = new Promise<void>((resolve) => (gone = resolve));
  return withKubeServer(
    (_, response) => {
      response.on('close', gone);
      response.writeHead(200);
      response.write('one\n');
    },
    async ({ connection }) => {
      await withClient(connection, async (kube) => {
        const lines = kube.stream({ path: '/' });
        await lines.next();
        await lines.return();
        await closed;
      });
    },
  );
});

client('sends everything through one session', () =>
  withKubeServer(fine, async ({ connection, sessions, arrived }) => {
    await withClient(connection, async (kube) => {
      await Promise.all(Array.from({ length: 100 }, (_, i) => kube.json({ path: `/${i}` })));
    });
    assert.is(arrived.length, 100);
    assert.is(sessions.length, 1);
  }),
);

client('opens more sessions only where the server bounds the streams of one', () => {
  let waiting = 0;
  let open: () => void = () => undefined;
  const all = new Promise<void>((resolve) => (open = resolve));
  // Nobody is answered before all six are there: with one session of two streams that would never be.
  const together: Handler = async (arrived, response) => {
    if (arrived.path === '/first') {
      answer(response, 200, {});
      return;
    }
    if (++waiting === 6) open();
    await all;
    answer(response, 200, {});
  };
  return withKubeServer(
    together,
    async ({ connection, sessions }) => {
      await withClient(connection, async (kube) => {
        await kube.json({ path: '/first' });
        await Promise.all(Array.from({ length: 6 }, () => kube.json({ path: '/' })));
      });
      assert.is(sessions.length, 3);
    },
    { maxStreams: 2 },
  );
});

client('shows a client certificate', () =>
  withKubeServer(
    fine,
    async ({ connection }) => {
      const { cert, key } = certificate();
      await withClient({ ...connection, clientCertificate: cert, clientKey: key }, async (kube) => {
        assert.is((await kube.request({ path: '/' })).status, 200);
      });
      await withClient(connection, async (kube) => {
        await thrown(KubeConnectionError, kube.request({ path: '/' }));
      });
    },
    { mutual: true },
  ),
);

client('checks the server certificate, its name included', () =>
  withKubeServer(fine, async ({ connection, arrived }) => {
    const { server, ca } = connection;
    const failing: KubeConnection[] = [{ server }, { server, ca, tlsServerName: 'elsewhere' }];
    for (const bad of failing) {
      await withClient(bad, async (kube) => {
        const error = await thrown(KubeConnectionError, kube.request({ path: '/' }));
        assert.ok(error.unsent);
        assert.match(error.hint ?? '', /certificate/);
      });
    }
    const trusting: KubeConnection[] = [
      { server, ca, tlsServerName: 'kubernetes' },
      { server, insecureSkipTlsVerify: true },
    ];
    for (const good of trusting)
      await withClient(good, async (kube) => assert.is((await kube.request({ path: '/' })).status, 200));
    assert.is(arrived.length, 2);
  }),
);

client('throws what a Status object says', () =>
  withKubeServer(
    (_, response) => answer(response, 409, statusObject(409, 'Conflict', 'no way', { causes: [{ field: '.a' }] })),
    async ({ connection }) => {
      await withClient(connection, async (kube) => {
        const error = await thrown(KubeApiError, kube.json({ method: 'PUT', path: '/x' }));
        const { status, reason, causes, message } = error;
        assert.equal(
          { status, reason, causes, message },
          {
            status: 409,
            reason: 'Conflict',
            causes: [{ field: '.a' }],
            message: 'PUT /x: no way',
          },
        );
        const streamed = await thrown(KubeApiError, kube.stream({ path: '/x' }).next());
        assert.is(streamed.reason, 'Conflict');
      });
    },
  ),
);

client('does not take a log-in page for an API', () =>
  withKubeServer(
    (_, response) => answer(response, 200, '<html>'),
    async ({ connection }) => {
      await withClient(connection, async (kube) => {
        const error = await thrown(KubeConnectionError, kube.json({ path: '/' }));
        assert.is(error.code, 'NOT_KUBERNETES');
        assert.match(error.hint ?? '', /proxy/);
      });
    },
  ),
);

client('waits as long as the server asks for, and not forever', () => {
  let refusals = 0;
  return withKubeServer(
    ({ path }, response) => {
      if (path === '/busy' || refusals++ < 2) answer(response, 429, 'slow down', { 'retry-after': '3' });
      else answer(response, 200, {});
    },
    async ({ connection, arrived }) => {
      const { waits, options } = recordedSleep();
      await withClient(
        connection,
        async (kube) => {
          assert.is((await kube.request({ method: 'POST', path: '/' })).status, 200);
          assert.equal(waits, [3000, 3000]);
          assert.is((await kube.request({ path: '/busy' })).status, 429);
          assert.is(arrived.length, 3 + 5);
        },
        options,
      );
    },
  );
});

client('streams after a refusal that asks to come back', () => {
  let refusals = 0;
  return withKubeServer(
    (_, response) => {
      if (refusals++ < 1) answer(response, 503, 'soon', { 'retry-after': '1' });
      else answer(response, 200, 'a\nb');
    },
    async ({ connection }) => {
      const { waits, options } = recordedSleep();
      await withClient(
        connection,
        async (kube) => {
          const lines = await drain(kube.stream({ path: '/' }));
          assert.equal(lines, ['a', 'b']);
          assert.equal(waits, [1000]);
        },
        options,
      );
    },
  );
});

client('repeats a request that was cut, where asked to and where it does no harm', () => {
  let cuts = 0;
  return withKubeServer(
    (_, response) => {
      if (cuts++ % 3 < 2) cut();
      else answer(response, 200, {});
    },
    async ({ connection, sockets, arrived }) => {
      cut = () => sockets.forEach((socket) => socket.destroy());
      const { options } = recordedSleep();
      await withClient(
        connection,
        async (kube) => {
          assert.is((await kube.request({ path: '/', attempts: 3 })).status, 200);
          assert.is(arrived.length, 3);
          await thrown(KubeConnectionError, kube.request({ path: '/' }));
          assert.is(arrived.length, 4);
          await thrown(KubeConnectionError, kube.request({ method: 'POST', path: '/', body: {}, attempts: 3 }));
          assert.is(arrived.length, 5, 'a POST may have been acted on');
        },
        options,
      );
    },
  );
});

client('says that nothing listens, after the attempts it was given', async () => {
  const port = await closedPort();
  const { waits, options } = recordedSleep();
  await withClient(
    { server: `https://127.0.0.1:${port}` },
    async (kube) => {
      const error = await thrown(KubeConnectionError, kube.request({ method: 'POST', path: '/', attempts: 3 }));
      assert.is(error.code, 'ECONNREFUSED');
      assert.match(error.message, new RegExp(String(port)));
      assert.match(error.hint ?? '', /stopped/);
      assert.is(waits.length, 2, 'what never left may be repeated');
    },
    options,
  );
});

client('goes on with a new session when the server says GOAWAY, and loses nothing', () => {
  let finish: () => void = () => undefined;
  return withKubeServer(
    ({ path }, response) => {
      if (path === '/slow') finish = () => answer(response, 200, { slow: true });
      else answer(response, 200, {});
      if (path === '/slow') reached();
    },
    async ({ connection, sessions }) => {
      const arrivedAtServer = new Promise<void>((resolve) => (reached = resolve));
      await withClient(connection, async (kube) => {
        const slow = kube.json({ path: '/slow' });
        await arrivedAtServer;
        sessions[0]?.goaway(0);
        while (sessions.length < 2) await kube.json({ path: '/' });
        finish();
        assert.equal(await slow, { slow: true });
      });
    },
  );
});

let reached: () => void = () => undefined;

client('sends again what a closing session refused, without being asked to', () => {
  let refusals = 0;
  return withKubeServer(
    ({ request }, response) => {
      // REFUSED_STREAM: by the protocol's word, the server has not acted on it.
      if (refusals++ < 2) request.stream.close(7);
      else answer(response, 200, {});
    },
    async ({ connection, arrived }) => {
      const { options } = recordedSleep();
      await withClient(
        connection,
        async (kube) => {
          assert.is((await kube.request({ method: 'POST', path: '/', body: {} })).status, 200);
          assert.is(arrived.length, 3);
        },
        options,
      );
    },
  );
});

client('limits the time of a request, and of the silence within a stream', () =>
  withKubeServer(
    ({ path }, response) => {
      if (path === '/mute') return;
      response.writeHead(200);
      response.write('one\n');
    },
    async ({ connection }) => {
      await withClient(connection, async (kube) => {
        const late = await thrown(KubeConnectionError, kube.request({ path: '/mute', timeoutMs: 30 }));
        assert.is(late.code, 'TIMEOUT');
        assert.match(late.message, /GET \/mute: .* within 30 ms/);
        const silent = await thrown(KubeConnectionError, drain(kube.stream({ path: '/', silenceMs: 30 })));
        assert.is(silent.code, 'TIMEOUT');
      });
    },
  ),
);

client('notices a server that has stopped answering altogether', async () => {
  // Speaks TLS and promises HTTP/2, but never says a word of it: what a suspended process looks like.
  const { cert, key } = certificate();
  const mute = createTlsServer({ cert, key, ALPNProtocols: ['h2'] }, (socket) => {
    socket.on('error', () => undefined);
    socket.resume();
  });
  await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve));
  const { port } = mute.address() as AddressInfo;
  await withClient(
    { server: `https://127.0.0.1:${port}`, ca: cert },
    async (kube) => {
      const error = await thrown(KubeConnectionError, kube.request({ path: '/' }));
      assert.is(error.code, 'SILENT');
    },
    { silenceMs: 20 },
  );
  await new Promise((resolve) => mute.close(resolve));
});

client('keeps a session that is silent but answers probes', () =>
  withKubeServer(
    (_, response) => {
      response.writeHead(200);
      response.write('one\n');
      // Two probes have been answered by the time this one was.
      response.stream.session?.once('ping', () => response.stream.session?.once('ping', () => response.end('two')));
    },
    async ({ connection, sessions }) => {
      await withClient(
        connection,
        async (kube) => {
          const lines = await drain(kube.stream({ path: '/' }));
          assert.equal(lines, ['one', 'two']);
        },
        { silenceMs: 20 },
      );
      assert.is(sessions.length, 1);
    },
  ),
);

client('gives up a TLS handshake that does not end', async () => {
  const sockets: { destroy(): void }[] = [];
  const mute = createTcpServer((socket) => sockets.push(socket));
  await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve));
  const { port } = mute.address() as AddressInfo;
  await withClient(
    { server: `https://127.0.0.1:${port}` },
    async (kube) => {
      const error = await thrown(KubeConnectionError, kube.request({ path: '/' }));
      assert.is(error.code, 'TIMEOUT');
      assert.ok(error.unsent);
    },
    { connectMs: 30 },
  );
  sockets.forEach((socket) => socket.destroy());
  await new Promise((resolve) => mute.close(resolve));
});

client('ends what is under way when it is closed', () =>
  withKubeServer(
    () => cut(),
    async ({ connection }) => {
      const kube = connect(connection);
      cut = () => kube.close();
      await thrown(KubeConnectionError, kube.request({ path: '/' }));
      assert.is((await thrown(KubeConnectionError, kube.request({ path: '/' }))).code, 'CLOSED');
    },
  ),
);

/** A port that was free a moment ago. */
async function closedPort(): Promise<number> {
  const server = createTcpServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  await new Promise<void>((resolve) => {
    connectTcp(port, '127.0.0.1')
      .on('error', () => resolve())
      .on('connect', () => resolve());
  });
  return port;
}

client('a list whose items are no objects is refused with a sentence; one without items is empty', async () => {
  const bodies: unknown[] = [[1], [null], [{}], [{ metadata: null }], 'x', { a: 1 }];
  for (const items of bodies) {
    const handler: Handler = (_, response) => answer(response, 200, { metadata: {}, items });
    await withKubeServer(handler, async ({ connection }) =>
      withClient(connection, async (kube) => {
        const error = await thrown(KubeConnectionError, kube.json({ path: '/api/v1/pods' }));
        assert.match(error.message, 'GET /api/v1/pods: the items of the answer are no Kubernetes objects');
      }),
    );
  }
  for (const body of ['null', '7', '"x"']) {
    await withKubeServer(
      (_, response) => {
        answer(response, 200, body);
      },
      async ({ connection }) =>
        withClient(connection, async (kube) => {
          const error = await thrown(KubeConnectionError, kube.json({ path: '/api/v1/pods' }));
          assert.match(error.message, 'GET /api/v1/pods: the answer is no object');
        }),
    );
  }
  await withKubeServer(
    (_, response) => {
      answer(response, 200, { items: null });
    },
    async ({ connection }) =>
      withClient(connection, async (kube) => assert.equal(await kube.json({ path: '/x' }), { items: [] })),
  );
});

client('several values of a header go as several headers', () =>
  withKubeServer(fine, async ({ connection, arrived }) => {
    await withClient({ ...connection, headers: { 'impersonate-group': ['a', 'b'] } }, async (kube) => {
      await kube.request({ path: '/x' });
    });
    assert.is(String(arrived[0]?.headers['impersonate-group']).replace(',', ', ').replace(',  ', ', '), 'a, b');
  }),
);

client('from 400 on an answer is a refusal, from 300 on something else than an API server, whatever its body', () => {
  const verdict = (status: number, body: string): string => {
    try {
      return JSON.stringify(parseAnswer({ path: '/x' }, { status, body }));
    } catch (error) {
      if (error instanceof KubeApiError) return `refused ${error.status}`;
      if (error instanceof KubeConnectionError) return error.message.replace(/^GET \/x: /, '');
      throw error;
    }
  };
  assert.is(verdict(299, '{"a":1}'), '{"a":1}');
  assert.is(verdict(300, '{"a":1}'), 'the server sends elsewhere (status 300)');
  assert.is(verdict(399, '{"a":1}'), 'the server sends elsewhere (status 399)');
  assert.is(verdict(400, '{"a":1}'), 'refused 400');
  assert.is(verdict(400, '<html>'), 'refused 400');
  assert.is(verdict(399, '<html>'), 'the answer is not JSON');
  assert.is(verdict(200, 'null'), 'the answer is no object');
  assert.is(verdict(200, '{"items":null}'), '{"items":[]}');
});

for (const protocol of ['h2', 'http'] as const) {
  /** Writes a piece of the answer every 40 ms, without a length. */
  const trickle =
    (pieces: number, thenSilent = false): Handler =>
    (_arrived, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      let left = pieces;
      const timer = setInterval(() => {
        left -= 1;
        if (left > 0) response.write(' ');
        else if (!thenSilent) response.end('{"whole":true}');
        if (left <= 0) clearInterval(timer);
      }, 40);
      response.on('close', () => clearInterval(timer));
    };

  client(`an answer that trickles is waited for as long as bytes come, over ${protocol}`, () =>
    withKubeServer(
      trickle(30),
      ({ connection }) =>
        withClient(connection, async (kube) => assert.equal(await kube.json({ path: '/x' }), { whole: true }), {
          patience: { silenceMs: 1_000, totalMs: 60_000 },
        }),
      { protocol },
    ),
  );

  client(`one that falls silent, and one that never ends, are distinguished, over ${protocol}`, async () => {
    const ask = async (handle: Handler, patience: { silenceMs: number; totalMs: number }): Promise<string> => {
      let message = '';
      await withKubeServer(
        handle,
        ({ connection }) =>
          withClient(
            connection,
            async (kube) => {
              const error = await thrown(KubeConnectionError, kube.json({ path: '/x' }));
              assert.is(error.code, 'TIMEOUT');
              message = error.message;
            },
            { patience },
          ),
        { protocol },
      );
      return message;
    };
    assert.match(
      await ask(trickle(3, true), { silenceMs: 1_000, totalMs: 60_000 }),
      /GET \/x: .* has sent nothing for 1000 ms in the middle of an answer/,
    );
    assert.match(
      await ask(trickle(10_000), { silenceMs: 5_000, totalMs: 1_500 }),
      /GET \/x: .* is still answering after 1500 ms/,
    );
    assert.match(
      await ask(() => undefined, { silenceMs: 100, totalMs: 60_000 }),
      /GET \/x: .* has not answered within 100 ms/,
    );
  });
}

for (const verb of ['request', 'stream', 'download'] as const) {
  client(`a token that has ended is asked for again, by ${verb}`, () => {
    let valid = 'first';
    const asked: (string | undefined)[] = [];
    return withKubeServer(
      ({ headers }, response) => {
        if (headers['authorization'] === `Bearer ${valid}`) answer(response, 200, { ok: true });
        else answer(response, 401, statusObject(401, 'Unauthorized', 'Unauthorized'));
      },
      async ({ connection }) => {
        let current = 'first';
        const token = (refused?: string): Promise<string> => {
          asked.push(refused);
          if (refused === 'first') current = 'second';
          return Promise.resolve(current);
        };
        await withClient(
          { ...connection, token: 'of the connection' },
          async (kube) => {
            const once = async (): Promise<void> => {
              if (verb === 'request') await kube.json({ path: '/x' });
              else if (verb === 'stream') await drain(kube.stream({ path: '/x' }));
              else await text(await kube.download({ path: '/x' }));
            };
            await once();
            valid = 'second';
            // A stream's follower begins again by itself.
            if (verb !== 'request') assert.is((await thrown(KubeApiError, once())).status, 401);
            await once();
            assert.equal(asked.slice(0, 3), [undefined, undefined, 'first']);
            valid = 'third';
            assert.is((await thrown(KubeApiError, once())).status, 401, 'no other one is to be had');
          },
          { token },
        );
      },
    );
  });
}

client('an answer that says no is not read without an end, and what it says is one line', async () => {
  const answers = [
    statusObject(500, 'InternalError', 'a\n::error::b\r\n\x1b[31mc'),
    'd\n::warning::e',
    'x'.repeat(5 * 2 ** 20),
  ];
  await withKubeServer(
    (_arrived, response) => answer(response, 500, answers.shift()),
    async ({ connection }) => {
      await withClient(connection, async (kube) => {
        const said = async (): Promise<string> =>
          ((await kube.json({ path: '/x' }).catch((error: unknown) => error)) as Error).message;
        assert.is(await said(), 'GET /x: a ::error::b c');
        assert.is(await said(), 'GET /x: status 500: d ::warning::e');
        assert.match(await said(), 'answers with more than 4 MiB');
      });
    },
  );
});

client.run();
