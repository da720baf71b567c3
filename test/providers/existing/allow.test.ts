// Which servers may be worked on without a further word.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Address, isAllowed } from '../../../scripts/providers/existing/allow.ts';

const allow = suite('existing: allowed servers');

const table: readonly [what: string, address: Address | string, patterns: readonly string[], allowed: boolean][] = [
  ['this machine', 'https://127.0.0.1:6443', [], true],
  ['any address of the loopback', 'https://127.8.9.1:6443', [], true],
  ['its IPv6 address', 'https://[::1]:6443', [], true],
  ['its name', 'https://localhost:6443', [], true],
  ['what k3d writes', 'https://0.0.0.0:40123', [], true],
  ['a local proxy without TLS', 'http://127.0.0.1:8001', [], true],
  ['another machine', 'https://10.0.0.7:6443', [], false],
  ['a name that only begins like a local one', 'https://127.0.0.1.example.com', [], false],
  ['a name that only ends like a local one', 'https://notlocalhost', [], false],
  ['a tunnel to another machine', { server: 'https://127.0.0.1:6443', tlsServerName: 'prod.example.com' }, [], false],
  ['a local name at a local address', { server: 'https://127.0.0.1:6443', tlsServerName: 'localhost' }, [], true],
  ['an exact host', 'https://api.dev.example.com', ['api.dev.example.com'], true],
  ['another host of it', 'https://api.prod.example.com', ['api.dev.example.com'], false],
  ['a host in other letters', 'https://API.dev.example.com', ['api.DEV.example.com'], true],
  ['a pattern', 'https://a.b.dev.example.com:6443', ['*.dev.example.com'], true],
  ['a pattern is no part of a host', 'https://x.dev.example.com.evil.net', ['*.dev.example.com'], false],
  ['a dot is a dot', 'https://api-dev.example.com', ['api.dev.example.com'], false],
  ['the right port', 'https://10.0.0.7:6443', ['10.0.0.*:6443'], true],
  ['the wrong port', 'https://10.0.0.7:6444', ['10.0.0.*:6443'], false],
  ['the port of the scheme', 'https://10.0.0.7', ['10.0.0.7:443'], true],
  ['an IPv6 host', 'https://[fd00::7]:6443', ['[fd00::7]:6443'], true],
  ['the name of a tunnel', { server: 'https://127.0.0.1:1', tlsServerName: 'api.dev.io' }, ['api.dev.io'], true],
  [
    'a name that nothing proves',
    { server: 'https://10.0.0.7', tlsServerName: 'api.dev.io', insecure: true },
    ['api.dev.io'],
    false,
  ],
];

for (const [what, address, patterns, allowed] of table) {
  allow(`${what} is ${allowed ? 'allowed' : 'refused'}`, () => {
    assert.is(isAllowed(typeof address === 'string' ? { server: address } : address, patterns), allowed);
  });
}

allow.run();
