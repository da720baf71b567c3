// A kubeconfig out of a Secret: which entries it means, and that it leads to nothing of this machine.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { HoistError } from '../../../scripts/base/errors.ts';
import { inlineConnection } from '../../../scripts/fleet/targets/inline-kubeconfig.ts';

const inline = suite('kubeconfigs of Secrets');

const pem = '-----BEGIN CERTIFICATE-----\nQUJD\n';
const data = Buffer.from(pem).toString('base64');
const server = 'https://api.example:6443';

function config(cluster: object = {}, user: object | 'none' = {}, more: object = {}): string {
  return JSON.stringify({
    clusters: [{ name: 'k', cluster: { server, ...cluster } }],
    contexts: [{ name: 'c', context: { cluster: 'k', user: 'u' } }],
    users: user === 'none' ? [] : [{ name: 'u', user }],
    ...more,
  });
}

async function refusal(text: string): Promise<string> {
  const error: unknown = await inlineConnection(text, 'secret n/s').catch((thrown: unknown) => thrown);
  assert.instance(error, HoistError, String(error));
  return (error as HoistError).message;
}

inline('all that a connection can hold, and only what is meant', async () => {
  const user = { 'client-certificate-data': data, 'client-key-data': data, token: 't' };
  const cluster = {
    'certificate-authority-data': data,
    'insecure-skip-tls-verify': true,
    'tls-server-name': 'api',
    'proxy-url': 'socks5://127.0.0.1:1080',
  };
  assert.equal(await inlineConnection(config({ ...cluster, server: `${server}/` }, user), 's'), {
    server,
    ca: pem,
    clientCertificate: pem,
    clientKey: pem,
    token: 't',
    insecureSkipTlsVerify: true,
    tlsServerName: 'api',
    proxyUrl: 'socks5://127.0.0.1:1080',
  });
  const bare = { ca: undefined, clientCertificate: undefined, clientKey: undefined, token: undefined };
  const none = { server, ...bare, insecureSkipTlsVerify: undefined, tlsServerName: undefined, proxyUrl: undefined };
  const empty = { 'certificate-authority-data': '', 'insecure-skip-tls-verify': false, 'tls-server-name': 1 };
  assert.equal(await inlineConnection(config(empty, { token: '' }), 's'), none);
  assert.equal(await inlineConnection(config({}, 'none'), 's'), none);
});

inline('a proxy that is none is refused', async () => {
  for (const proxy of ['ftp://127.0.0.1', 'proxy', 1])
    assert.match(await refusal(config({ 'proxy-url': proxy }, 'none')), 'has a wrong proxy-url');
});

inline('the current context, else the first; as YAML too', async () => {
  const two = (current: string): string => `
clusters:
- {name: a, cluster: {server: "https://a"}}
- {name: b, cluster: {server: "https://b"}}
contexts:
- {name: one, context: {cluster: a}}
- {name: two, context: {cluster: b}}
current-context: ${current}
`;
  assert.is((await inlineConnection(two('two'), 's')).server, 'https://b');
  assert.is((await inlineConnection(two('one'), 's')).server, 'https://a');
  assert.is((await inlineConnection(two('gone'), 's')).server, 'https://a');
  assert.is((await inlineConnection(two('1'), 's')).server, 'https://a');
});

inline('files and programs of this machine are refused, wherever they are named', async () => {
  for (const key of ['client-certificate', 'client-key', 'tokenFile', 'exec', 'auth-provider']) {
    assert.match(await refusal(config({}, { [key]: 'x' })), `secret n/s: the kubeconfig has ${key}: `);
  }
  assert.match(await refusal(config({ 'certificate-authority': '/ca' })), 'has certificate-authority: ');
});

inline('what is no kubeconfig is refused, and nothing of it is shown', async () => {
  for (const [text, message] of [
    ['', 'is no YAML mapping'],
    ['{"token": secret', 'is no YAML mapping'],
    ['- secret', 'is no YAML mapping'],
    [`# ${'s'.repeat(999_998)}`, 'is no YAML mapping'],
    [`# ${'s'.repeat(999_999)}`, 'is larger than 1 MB'],
    ['users: secret', 'has no context'],
    [config({}, {}, { clusters: [] }), 'has no cluster "k"'],
    [config({ server: undefined }), 'has no server'],
    [config({ server: 'ftp://secret' }), 'has no server'],
    [config({ server: 'https://' }), 'has no server'],
    [config({ 'certificate-authority-data': 'c2VjcmV0' }), 'has data that is no PEM in base64'],
    [config({}, { 'client-key-data': 5 }), 'has data that is no PEM in base64'],
  ] as const) {
    assert.is(await refusal(text), `secret n/s: the kubeconfig ${message}`);
  }
});

inline.run();
