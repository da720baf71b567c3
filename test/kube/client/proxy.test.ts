// The client through the proxy of a kubeconfig, over real sockets: each kind of proxy to each kind of server.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { connect, type KubeConnection } from '../../../scripts/kube/client/client.ts';
import { tlsOptions } from '../../../scripts/kube/client/connection.ts';
import { KubeConnectionError } from '../../../scripts/kube/client/errors.ts';
import { isProxyUrl } from '../../../scripts/kube/client/proxy.ts';
import { execInPod } from '../../../scripts/kube/exec/session.ts';
import { certificate } from '../../doubles/certificates.ts';
import { startExecServer } from '../../doubles/exec-server.ts';
import { answer, withKubeServer } from '../../doubles/kube-server.ts';
import { type Proxy, type ProxyOptions, startProxy } from '../../doubles/proxy.ts';
import { drain, thrown } from '../helpers.ts';

const test = suite('kube: proxy');

async function withProxy(options: ProxyOptions, use: (proxy: Proxy) => Promise<void>): Promise<void> {
  const proxy = await startProxy(options);
  try {
    await use(proxy);
  } finally {
    proxy.close();
  }
}

/** The same server by a name that only the proxy can resolve. */
function named(connection: KubeConnection, proxyUrl: string): KubeConnection {
  return { ...connection, server: connection.server.replace('127.0.0.1', 'kubernetes'), proxyUrl };
}

for (const scheme of ['http', 'https', 'socks5'] as const) {
  for (const protocol of ['h2', 'https', 'http'] as const) {
    for (const secured of [false, true]) {
      test(`${protocol} through ${scheme}${secured ? ' with a password' : ''}`, () =>
        withKubeServer(
          ({ path, headers }, response) => {
            answer(response, 200, { path, leaked: headers['proxy-authorization'] });
          },
          ({ connection, arrived }) =>
            withProxy({ scheme, secured }, async ({ url, asked }) => {
              const ca = certificate().cert;
              const kube = connect({ ...named(connection, url), ca });
              try {
                const answers = await Promise.all(['/a', '/b'].map((path) => kube.json({ path })));
                assert.equal(answers, [{ path: '/a' }, { path: '/b' }]);
                assert.equal(await drain(kube.stream({ path: '/c' })), ['{"path":"/c"}']);
              } finally {
                kube.close();
              }
              assert.is(arrived[0]?.httpVersion, protocol === 'h2' ? '2.0' : '1.1');
              const { host } = new URL(connection.server.replace('127.0.0.1', 'kubernetes'));
              const plain = protocol === 'http' && scheme !== 'socks5';
              assert.is(asked.includes(plain ? `GET http://${host}/a` : `CONNECT ${host}`), true, asked.join());
            }),
          { protocol },
        ));
    }
  }

  test(`a command in a container through ${scheme}`, async () => {
    const server = await startExecServer((call) => {
      call.write(1, 'out');
      call.exit(3);
    });
    try {
      await withProxy({ scheme }, async ({ url, asked }) => {
        const connection = { ...named(server.connection, url), ca: certificate().cert };
        const what = { namespace: 'n', pod: 'p', container: 'c', command: ['ls'] };
        const session = execInPod(connection, { ...what, signal: new AbortController().signal });
        session.stderr.resume();
        session.stdout.resume();
        assert.is(await session.ended, 3);
        assert.match(asked[0] ?? '', /^CONNECT kubernetes:/);
      });
    } finally {
      await server.close();
    }
  });

  test(`${scheme}: a wrong password, and nobody there, name the proxy without its password`, () =>
    withProxy({ scheme, secured: true }, async (proxy) => {
      const url = proxy.url.replace('p%40ss', 'hunter2');
      const connection = { server: 'https://kubernetes:6443', ca: certificate().cert };
      const attempt = (): Promise<KubeConnectionError> =>
        thrown(KubeConnectionError, connect({ ...connection, proxyUrl: url }).json({ path: '/' }));
      const refused = await attempt();
      proxy.close();
      const absent = await attempt();
      for (const error of [refused, absent]) {
        assert.match(error.message, `to https://kubernetes:6443 through the proxy ${scheme}://127.0.0.1:`);
        assert.not.match(`${error.message} ${error.hint}`, /hunter2/);
        assert.match(error.hint ?? '', 'proxy-url');
        assert.ok(error.unsent);
      }
      if (scheme !== 'socks5') assert.match(refused.message, 'it answers 407 Proxy Authentication Required');
      assert.is(absent.code === 'ECONNREFUSED' || absent.message.includes('ECONNREFUSED'), true, absent.message);
    }));
}

test('only addresses of proxies are taken', () => {
  for (const good of ['http://p:3128', 'https://p', 'socks5://u:p@p:1080', 'socks5h://[::1]:1']) {
    assert.ok(isProxyUrl(good), good);
  }
  for (const bad of ['', 'p:3128', 'ftp://p', 'file:///etc/passwd', 'http://']) assert.not.ok(isProxyUrl(bad), bad);
});

test('the handshake names the server, for routers that go by the name', async () => {
  const { server, ca } = { server: 'https://kubernetes:6443', ca: certificate().cert };
  assert.is(tlsOptions({ server, ca }).servername, 'kubernetes');
  assert.is(tlsOptions({ server, ca, tlsServerName: 'other' }).servername, 'other');
  for (const address of ['https://127.0.0.1', 'https://[::1]:6443']) {
    assert.is(tlsOptions({ server: address }).servername, undefined);
  }
  await withKubeServer(
    ({ request }, response) => {
      answer(response, 200, { named: (request.socket as unknown as { servername?: string }).servername });
    },
    async ({ connection }) => {
      const kube = connect({ ...connection, tlsServerName: 'kubernetes' });
      assert.equal(await kube.json({ path: '/' }), { named: 'kubernetes' });
      kube.close();
    },
  );
});

test.run();
