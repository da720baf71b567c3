import { spawnSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { stringify } from 'yaml';
import { ConfigError } from '../../../scripts/base/errors.ts';
import { exec } from '../../../scripts/host/execa.ts';
import { type KubeTarget, readConnection } from '../../../scripts/kube/kubeconfig/read.ts';

const test = suite<{ dir: string }>('kubeconfig connections');

test.before.each(async (context) => {
  context.dir = await mkdtemp(join(tmpdir(), 'hoist-connection-'));
});
test.after.each(async ({ dir }) => {
  await rm(dir, { recursive: true });
});

const pem = (what: string): string => `-----BEGIN ${what}-----\nQUJD\n-----END ${what}-----\n`;
const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** Writes a kubeconfig with one context `c` and reads it. */
async function read(dir: string, cluster: object, user: object, name = 'config'): Promise<KubeTarget> {
  const path = join(dir, name);
  await writeFile(
    path,
    stringify({
      clusters: [{ name: 'k', cluster: { server: 'https://127.0.0.1:6443', ...cluster } }],
      contexts: [{ name: 'c', context: { cluster: 'k', user: 'u', namespace: 'team' } }],
      users: [{ name: 'u', user }],
      'current-context': 'c',
    }),
  );
  return readConnection({ paths: [path], exec });
}

async function refused(promise: Promise<unknown>): Promise<ConfigError> {
  try {
    await promise;
  } catch (error) {
    assert.instance(error, ConfigError, String(error));
    return error as ConfigError;
  }
  throw new Error('nothing was refused');
}

/** Leaves out what is undefined. */
const said = (value: object): unknown => JSON.parse(JSON.stringify(value));

test('certificates and keys as data', async ({ dir }) => {
  const target = await read(
    dir,
    { 'certificate-authority-data': base64(pem('CERTIFICATE')), 'tls-server-name': 'api', 'proxy-url': 'http://proxy' },
    { 'client-certificate-data': base64(pem('CERTIFICATE')), 'client-key-data': base64(pem('KEY')) },
  );
  assert.equal(said(target), {
    connection: {
      server: 'https://127.0.0.1:6443',
      ca: pem('CERTIFICATE'),
      clientCertificate: pem('CERTIFICATE'),
      clientKey: pem('KEY'),
      tlsServerName: 'api',
      proxyUrl: 'http://proxy',
    },
    context: 'c',
    cluster: 'k',
    user: 'u',
    namespace: 'team',
  });
});

test('files are relative to the kubeconfig, and data counts before them', async ({ dir }) => {
  await mkdir(join(dir, 'pki'));
  await writeFile(join(dir, 'pki', 'ca.crt'), 'ca');
  await writeFile(join(dir, 'crt'), 'crt');
  await writeFile(join(dir, 'key'), 'key');
  const user = { 'client-certificate': 'crt', 'client-key': join(dir, 'key') };
  const { connection } = await read(dir, { 'certificate-authority': 'pki/ca.crt' }, user);
  assert.equal([connection.ca, connection.clientCertificate, connection.clientKey], ['ca', 'crt', 'key']);
  const data = { ...user, 'client-key-data': base64(pem('KEY')) };
  assert.is((await read(dir, {}, data)).connection.clientKey, pem('KEY'));
});

test('tokens: the one in a file counts before the one beside it', async ({ dir }) => {
  assert.is((await read(dir, {}, { token: 'plain' })).connection.token, 'plain');
  await writeFile(join(dir, 'token'), 'renewed\n');
  assert.is((await read(dir, {}, { token: 'old', tokenFile: 'token' })).connection.token, 'renewed');
});

test('insecure, without a scheme, with a password, on behalf of another', async ({ dir }) => {
  const insecure = await read(dir, { server: '127.0.0.1:1', 'insecure-skip-tls-verify': true }, {});
  assert.is(insecure.connection.insecureSkipTlsVerify, true);
  assert.is(insecure.connection.server, 'https://127.0.0.1:1');
  assert.is((await read(dir, { server: 'localhost:8080' }, {})).connection.server, 'http://localhost:8080');
  const { headers } = (await read(dir, {}, { username: 'me', password: 'p', as: 'you', 'as-groups': ['g'] }))
    .connection;
  assert.equal(headers, {
    authorization: `Basic ${base64('me:p')}`,
    'impersonate-user': 'you',
    'impersonate-group': 'g',
  });
  const many = await read(dir, {}, { as: 'x', 'as-groups': ['a', 'b'], 'as-user-extra': { Scopes: ['r', 'w'] } });
  assert.equal(many.connection.headers, {
    'impersonate-user': 'x',
    'impersonate-group': ['a', 'b'],
    'impersonate-extra-scopes': ['r', 'w'],
  });
});

test('several files: the first entry of a name counts, whole, with its own folder; kubectl agrees', async ({ dir }) => {
  await mkdir(join(dir, 'b'));
  await writeFile(join(dir, 'b', 'ca'), 'of b');
  const a = join(dir, 'a');
  const b = join(dir, 'b', 'config');
  const [k, d] = [{ server: 'https://a' }, { server: 'https://d', 'certificate-authority': 'ca' }];
  await writeFile(a, stringify({ clusters: [{ name: 'k', cluster: k }], users: null, 'current-context': '' }));
  await writeFile(
    b,
    stringify({
      clusters: [
        { name: 'k', cluster: { server: 'https://b', 'tls-server-name': 'of-b' } },
        { name: 'd', cluster: d },
      ],
      contexts: [
        { name: 'one', context: { cluster: 'k' } },
        { name: 'two', context: { cluster: 'd' } },
      ],
      'current-context': 'one',
    }),
  );
  const paths = [a, join(dir, 'missing'), b];
  const one = await readConnection({ paths, exec });
  assert.equal(said(one.connection), { server: 'https://a' });
  const two = await readConnection({ paths, context: 'two', exec });
  assert.equal(said(two.connection), { server: 'https://d', ca: 'of b' });

  const env = { ...process.env, KUBECONFIG: paths.join(':') };
  const kubectl = spawnSync('kubectl', ['config', 'view', '--minify', '-o', 'jsonpath={.clusters[0].cluster}'], {
    env,
  });
  if (kubectl.error === undefined) assert.equal(JSON.parse(kubectl.stdout.toString()), { server: 'https://a' });
});

test('what is wrong is said with its place, all unreadable files at once, and without a credential', async ({
  dir,
}) => {
  const table: [object, object, RegExp][] = [
    [{ server: '' }, {}, /cluster "k": has no server/],
    [{ server: 'ftp://x' }, {}, /is no address/],
    [{ 'certificate-authority-data': 'QUJD' }, {}, /certificate-authority-data is no PEM/],
    [{ 'certificate-authority': 'missing' }, {}, /certificate-authority cannot be read: ENOENT/],
    [{ 'certificate-authority-data': base64(pem('X')), 'insecure-skip-tls-verify': true }, {}, /only one of them/],
    [
      {},
      { 'client-certificate-data': base64(pem('X')), token: 'secret' },
      /only one of client-certificate and client-key/,
    ],
    [{}, { tokenFile: 'missing', token: 'secret' }, /user "u": tokenFile cannot be read/],
    [{}, { 'auth-provider': { name: 'gcp', config: { 'access-token': 'secret' } } }, /auth-provider "gcp"/],
  ];
  for (const [cluster, user, message] of table) {
    const error = await refused(read(dir, cluster, user));
    assert.match(error.message, message);
    assert.not.match(error.message, 'secret');
  }
  const [bad, twice] = [join(dir, 'bad'), join(dir, 'twice')];
  await writeFile(bad, 'users:\n- user: {token: secret\n');
  await writeFile(twice, 'users: [{name: a}, {name: a}]\n');
  const error = await refused(readConnection({ paths: [bad, twice], exec }));
  assert.is(error.problems.length, 2);
  assert.match(error.message, /bad:\d+:\d+: is not valid YAML/);
  assert.match(error.message, '`users` has "a" twice');
  assert.not.match(error.message, 'secret');
});

test('contexts that are not there', async ({ dir }) => {
  await read(dir, {}, {});
  const paths = [join(dir, 'config')];
  assert.is((await refused(readConnection({ paths, context: 'C1', exec }))).hint, 'Did you mean "c"?');
  assert.is((await refused(readConnection({ paths, context: 'production', exec }))).hint, 'There are "c".');
  assert.match(
    (await refused(readConnection({ paths: [join(dir, 'none')], exec }))).message,
    'no current context is set',
  );
});

const V1 = 'client.authentication.k8s.io/v1';

/** A log-in program that answers with a script's output. */
async function program(dir: string, script: string): Promise<string> {
  const path = join(dir, 'log-in');
  await writeFile(path, `#!/bin/sh\n${script}\n`);
  await chmod(path, 0o755);
  return './log-in';
}

test('a log-in program: its arguments, its environment, what it is told, and its token', async ({ dir }) => {
  const answer = (token: string): string =>
    `{"apiVersion":"${V1}","kind":"ExecCredential","status":{"token":"${token}","expirationTimestamp":"2030-01-01T00:00:00Z"}}`;
  const command = await program(dir, `printf %s "$KUBERNETES_EXEC_INFO" > "$OUT"; echo '${answer("'$1-$EXTRA'")}'`);
  const out = join(dir, 'info');
  const env = [
    { name: 'OUT', value: out },
    { name: 'EXTRA', value: 'more' },
  ];
  const login = { apiVersion: V1, command, args: ['first'], env, provideClusterInfo: true, interactiveMode: 'Never' };
  const target = await read(dir, { 'tls-server-name': 'api' }, { exec: login });
  assert.is(target.connection.token, 'first-more');
  assert.is(target.expiresAt, '2030-01-01T00:00:00Z');
  const { stdout } = await exec({ file: 'cat', args: [out] });
  assert.equal(JSON.parse(stdout), {
    apiVersion: V1,
    kind: 'ExecCredential',
    spec: { interactive: false, cluster: { server: 'https://127.0.0.1:6443', 'tls-server-name': 'api' } },
  });
});

test('a log-in program that gives a certificate, and one that a token makes needless', async ({ dir }) => {
  const status = { clientCertificateData: pem('CERTIFICATE'), clientKeyData: pem('KEY') };
  await writeFile(join(dir, 'answer'), JSON.stringify({ apiVersion: V1, kind: 'ExecCredential', status }));
  const command = await program(dir, `cat ${join(dir, 'answer')}`);
  const { connection } = await read(dir, {}, { exec: { apiVersion: V1, command } });
  assert.equal([connection.clientCertificate, connection.clientKey], [pem('CERTIFICATE'), pem('KEY')]);
  const both = await read(dir, {}, { token: 'mine', exec: { apiVersion: V1, command: 'no-such-program' } });
  assert.is(both.connection.token, 'mine');
});

test('log-in programs that are of no use', async ({ dir }) => {
  const ask = async (script: string, more: object = {}): Promise<ConfigError> => {
    const command = await program(dir, script);
    return refused(read(dir, {}, { exec: { apiVersion: V1, command, installHint: 'Install it.', ...more } }));
  };
  const missing = await ask('', { command: 'no-such-program-of-hoist' });
  assert.match(missing.message, 'user "u": the log-in program no-such-program-of-hoist is not installed');
  assert.is(missing.hint, 'Install it.');
  const failed = await ask('echo secret; echo "session has ended" >&2; exit 3');
  assert.match(failed.message, 'failed: session has ended');
  assert.not.match(failed.message, 'secret');
  const long = await ask('for i in 1 2 3 4 5 6; do echo "line $i" >&2; done; exit 3');
  assert.match(long.message, /failed: line 2\nline 3\nline 4\nline 5\nline 6$/);
  const flood = await ask('echo \'{"token": "secret\'; head -c 300000000 /dev/zero | tr "\\0" x');
  assert.match(flood.message, 'wrote more than 1000000 bytes: that is no credential');
  assert.not.match(flood.message, 'secret');
  for (const answer of ['secret', '{}', `{"apiVersion":"${V1}","kind":"ExecCredential"}`]) {
    const error = await ask(`echo '${answer}'`);
    assert.match(error.message, 'gave no credential');
    assert.not.match(error.message, 'secret');
  }
  assert.match((await ask('', { interactiveMode: 'Always' })).message, 'wants a terminal');
  assert.match((await ask('', { apiVersion: 'client.authentication.k8s.io/v1alpha1' })).message, 'exec.apiVersion is');
});

test.run();
