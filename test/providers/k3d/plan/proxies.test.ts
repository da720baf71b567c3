// Which proxy variables nodes get, and what stays out of the proxy.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { nodeEnv, proxyVariables } from '../../../../scripts/providers/k3d/plan/proxies.ts';

const test = suite('providers/k3d/plan/proxies');

test('those that are set, in either case, and NO_PROXY beside them', () => {
  assert.equal(proxyVariables({}), []);
  assert.equal(proxyVariables({ NO_PROXY: 'a' }), []);
  assert.equal(proxyVariables({ HTTP_PROXY: '', https_proxy: '' }), []);
  assert.equal(proxyVariables({ HTTPS_PROXY: 'http://proxy:3128' }), ['HTTPS_PROXY', 'NO_PROXY']);
  assert.equal(proxyVariables({ http_proxy: 'http://proxy:3128', ALL_PROXY: 'socks5://p' }), [
    'HTTP_PROXY',
    'ALL_PROXY',
    'NO_PROXY',
  ]);
});

test('a proxy on this machine is none for a node', () => {
  for (const value of ['http://localhost:3128', 'http://127.0.0.1:3128', 'http://u:p@127.1.2.3', 'http://[::1]:3128'])
    assert.equal(proxyVariables({ HTTP_PROXY: value }), [], value);
  for (const value of ['http://proxy.local:3128', 'http://10.127.0.1:3128', 'http://u@proxy'])
    assert.equal(proxyVariables({ HTTP_PROXY: value }).length, 2, value);
});

test('the values, with the addresses of clusters kept out, each once', () => {
  assert.equal(nodeEnv({}), {});
  const direct = 'localhost,127.0.0.0/8,10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,.svc,.cluster.local';
  assert.equal(nodeEnv({ http_proxy: 'http://proxy:1' }), { HTTP_PROXY: 'http://proxy:1', NO_PROXY: direct });
  assert.is(
    nodeEnv({ HTTP_PROXY: 'http://proxy:1', no_proxy: ' .example.com , localhost,' })['NO_PROXY'],
    `.example.com,${direct}`,
  );
  assert.is(nodeEnv({ HTTP_PROXY: 'http://upper:1', http_proxy: 'http://lower:1' })['HTTP_PROXY'], 'http://upper:1');
});

test.run();
