// The credentials in the kubeconfig that k3s writes, and the kubeconfig that is made of them.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import { CreationError } from '../../../../scripts/base/errors.ts';
import { connectionFrom, kubeconfigText } from '../../../../scripts/providers/k3d/access/kubeconfig.ts';

const credentials = suite('credentials of k3s');

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const KEYS = ['certificate-authority-data', 'client-certificate-data', 'client-key-data'];
const written = (keys: readonly string[], quote = ''): string =>
  keys.map((key) => `    ${key}: ${quote}${base64(`pem of ${key}`)}${quote}\n`).join('');

credentials('all three, with or without quotes, and the address as seen from here', () => {
  for (const quote of ['', '"']) {
    assert.equal(connectionFrom(`server: https://inside:6443\n${written(KEYS, quote)}`, 'https://0.0.0.0:1'), {
      server: 'https://0.0.0.0:1',
      ca: 'pem of certificate-authority-data',
      clientCertificate: 'pem of client-certificate-data',
      clientKey: 'pem of client-key-data',
    });
  }
});

credentials('one that lacks any of them is none that k3s wrote', () => {
  for (const lost of KEYS) {
    const text = written(KEYS.filter((key) => key !== lost));
    assert.throws(
      () => connectionFrom(text, 'https://s'),
      (error: unknown) => error instanceof CreationError,
      lost,
    );
  }
});

credentials('the kubeconfig has one context with them, whatever is in the name or the address', () => {
  const connection = { server: 'https://[::1]:6443', ca: 'ca', clientCertificate: 'crt', clientKey: 'key' };
  const name = 'hoist-dev';
  assert.equal(parse(kubeconfigText('dev', connection)), {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster: { server: connection.server, 'certificate-authority-data': base64('ca') } }],
    users: [{ name, user: { 'client-certificate-data': base64('crt'), 'client-key-data': base64('key') } }],
    contexts: [{ name, context: { cluster: name, user: name } }],
    'current-context': name,
  });
});

credentials.run();
