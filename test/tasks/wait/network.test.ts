// Waits for addresses: what counts as an answer, redirects, addresses that are none, and repetition.

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { httpProbe, tcpProbe, until } from '../../../scripts/tasks/wait/network.ts';
import { refusal } from '../world.ts';

const network = suite<{ server: Server; port: number; asked: string[] }>('tasks: waits for the network');

const { signal } = new AbortController();

/** `/STATUS` answers with that status; `/STATUS/rest` and a `to` with a redirect to there. */
network.before(async (context) => {
  context.asked = [];
  context.server = createServer(({ url = '' }, response) => {
    context.asked.push(url);
    const [path = '', to] = url.split('?to=');
    response.writeHead(Number(path.split('/')[1]), to === undefined ? {} : { location: decodeURIComponent(to) });
    response.end('x'.repeat(10));
  });
  await new Promise<void>((resolve) => context.server.listen(0, '127.0.0.1', resolve));
  context.port = (context.server.address() as AddressInfo).port;
});
network.after(({ server }) => void server.close());

network('the status that is wanted, or any that is none of an error', async ({ port }) => {
  const cases: [path: string, wanted: number | undefined, why: string | undefined][] = [
    ['/200', 200, undefined],
    ['/201', 200, 'it answered with 201'],
    ['/204', undefined, undefined],
    ['/399', undefined, undefined],
    ['/400', undefined, 'it answered with 400'],
    ['/503', undefined, 'it answered with 503'],
    ['/503', 503, undefined],
    ['/301?to=/200', 200, undefined],
    ['/302?to=200', 200, 'it answered with 404'],
    ['/302?to=/302%3Fto%3D/404', 404, undefined],
    ['/302?to=/500', undefined, undefined],
    ['/302?to=/200', 302, undefined],
    ['/300?to=/200', 300, undefined],
    ['/399?to=/200', 399, undefined],
    ['/302', 200, 'it answered with 302'],
    ['/302?to=http://%20', 200, 'it answered with 302'],
    ['/302?to=/500', 400, 'it answered with 500'],
    ['/299?to=/200', 299, undefined],
    ['/400?to=/200', 400, undefined],
  ];
  for (const [path, wanted, why] of cases) {
    const own = await httpProbe(`http://127.0.0.1:${port}${path}`, wanted)(signal);
    // "200" relative to "/302" is "/200" as well.
    assert.is(own, path === '/302?to=200' ? undefined : why, `${path} ${wanted}`);
  }
});

network('redirects in a circle end after ten', async ({ port, asked }) => {
  asked.length = 0;
  assert.is(await httpProbe(`http://127.0.0.1:${port}/302?to=`, 200)(signal), 'it answered with 302');
  assert.is(asked.length, 11);
});

network('a port that accepts connections, one that does not, and one that is stopped', async ({ port, server }) => {
  assert.is(await tcpProbe(`127.0.0.1:${port}`)(signal), undefined);
  assert.is(await tcpProbe(`localhost:${port}`)(signal), undefined);
  const closed = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => closed.once('listening', resolve));
  const free = (closed.address() as AddressInfo).port;
  await new Promise((resolve) => closed.close(resolve));
  assert.match((await tcpProbe(` 127.0.0.1:${free} `)(signal)) ?? '', 'ECONNREFUSED');
  assert.match((await httpProbe(`http://127.0.0.1:${free}`, 200)(signal)) ?? '', 'ECONNREFUSED');
  assert.match((await tcpProbe(`[::1]:${free}`)(signal)) ?? '', /ECONNREFUSED|EADDRNOTAVAIL|EAFNOSUPPORT/);
  assert.ok(server.listening);
});

network('without a port it is 80', async () => {
  // Nothing listens there, or something does.
  assert.match((await tcpProbe('127.0.0.1')(signal)) ?? ':80', /:80$/);
});

network('addresses that are none are refused before anything is asked', () => {
  for (const address of ['', 'a b:1', 'host:', 'host:65536', 'host:123456', 'http://host', 'a:1:2'])
    assert.throws(() => tcpProbe(address), /is no address; it must be host:port/, address);
  for (const address of ['host', 'host:65535', '[fe80::1]:1']) tcpProbe(address);
  assert.throws(() => httpProbe('http://', 200), /^"http:\/\/" is no URL$/);
});

network('is repeated until it is content, with each reason handed on, and until it is stopped', async () => {
  const answers = ['no', 'not yet', undefined];
  const missed: string[] = [];
  await until(
    () => Promise.resolve(answers.shift()),
    signal,
    (why) => missed.push(why),
  );
  assert.equal(missed, ['no', 'not yet']);
  const stop = new AbortController();
  const stopped = until(
    () => Promise.resolve('no'),
    stop.signal,
    () => stop.abort(new Error('enough')),
  );
  assert.is(await refusal(stopped), 'enough');
  assert.is(
    await refusal(
      until(
        () => Promise.reject(new Error('asked')),
        AbortSignal.abort(new Error('before')),
        () => undefined,
      ),
    ),
    'before',
  );
});

network.run();
