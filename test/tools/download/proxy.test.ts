// Which proxy is taken: the cases of Go's own rules.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ConfigError } from '../../../scripts/base/errors.ts';
import { proxyFor } from '../../../scripts/tools/download/proxy.ts';

const proxy = suite('tools: proxies');

const through = (address: string, env: Record<string, string>): string | undefined => proxyFor(address, env)?.url;

proxy('each scheme has its own variable; upper case beats lower case', () => {
  const env = { HTTP_PROXY: 'http://a:1', http_proxy: 'http://b:1', https_proxy: 'https://c:1' };
  assert.is(through('http://x.test', env), 'http://a:1');
  assert.is(through('https://x.test', env), 'https://c:1');
  assert.is(through('https://x.test', { HTTP_PROXY: 'http://a:1' }), undefined);
});

proxy('loopback is never proxied', () => {
  for (const host of ['127.0.0.1', '127.9.9.9', 'localhost', '[::1]'])
    assert.is(through(`http://${host}:8879`, { HTTP_PROXY: 'http://a:1' }), undefined, host);
});

proxy('host:port without a scheme is an http proxy', () => {
  assert.is(through('https://x.test', { HTTPS_PROXY: 'proxy.example:3128' }), 'http://proxy.example:3128');
  assert.throws(
    () => through('https://x.test', { HTTPS_PROXY: 'socks5://a:1' }),
    (error: unknown) => {
      return error instanceof ConfigError && error.message.startsWith('env HTTPS_PROXY: is no address of a proxy');
    },
  );
});

const excluded: [list: string, address: string, direct: boolean][] = [
  ['10.0.0.0/8', 'http://10.1.2.3', true],
  ['10.0.0.0/8', 'http://11.1.2.3', false],
  ['fd00::/8', 'http://[fd00::1]', true],
  ['10.1.2.3/32', 'http://10.1.2.3', true],
  ['10.1.2.3/32', 'http://10.1.2.4', false],
  ['10.1.2.3/33', 'http://10.1.2.3', false],
  ['0.0.0.0/0', 'http://10.1.2.3', true],
  ['0.0.0.0/0', 'http://[fd00::1]', false],
  ['fd00::1/128', 'http://[fd00::1]', true],
  ['fd00::1/128', 'http://[fd00::2]', false],
  ['fd00::1/129', 'http://[fd00::1]', false],
  ['10.0.0.0/8', 'http://x.test', false],
  ['abc/8', 'http://10.1.2.3', false],
  ['fd00::1', 'http://[fd00::1]', true],
  ['fd00::1', 'http://[fd00::2]', false],
  ['[fd00::1]:80', 'http://[fd00::1]', true],
  ['[fd00::1]:81', 'http://[fd00::1]', false],
  ['10.1.2.3', 'http://10.1.2.4', false],
  [',', 'http://x.test', false],
  ['*.example.com', 'http://example.com', false],
  ['*.example.com', 'http://a.example.com', true],
  ['other.test, x.test', 'http://x.test', true],
  ['10.1.2.3', 'http://10.1.2.3:8080', true],
  ['10.1.2.3:80', 'http://10.1.2.3', true],
  ['10.1.2.3:80', 'http://10.1.2.3:8080', false],
  ['example.com', 'http://example.com', true],
  ['example.com', 'http://a.example.com', true],
  ['example.com', 'http://badexample.com', false],
  ['.example.com', 'http://example.com', false],
  ['.example.com', 'http://a.example.com', true],
  ['*.example.com', 'http://a.example.com', true],
  ['example.com:8080', 'http://example.com:8080', true],
  ['example.com:8080', 'http://example.com', false],
  [' other , EXAMPLE.com ', 'http://example.com', true],
  ['*', 'http://x.test', true],
  ['', 'http://x.test', false],
];
for (const [list, address, direct] of excluded) {
  proxy(`NO_PROXY=${list} and ${address}`, () => {
    assert.is(through(address, { HTTP_PROXY: 'http://a:1', NO_PROXY: list }), direct ? undefined : 'http://a:1');
  });
}

proxy.run();
