// Secrets from env variables and files.

import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ConfigError } from '../../scripts/base/errors.ts';
import { type ResolvedSecrets, resolveSecrets, secretManifest, secretValues } from '../../scripts/services/secrets.ts';
import { settingsSchema } from '../../scripts/settings/schema.ts';
import { certificate } from '../doubles/certificates.ts';

const secrets = suite<{ folder: string }>('services: secrets', { folder: '' });
secrets.before((context) => {
  context.folder = mkdtempSync(join(tmpdir(), 'hoist-secrets-'));
  writeFileSync(join(context.folder, 'key.pem'), 'KEY');
});
secrets.after(({ folder }) => rmSync(folder, { recursive: true }));

function resolve(list: unknown, folder: string, env: Record<string, string> = {}): Promise<ResolvedSecrets> {
  const settings = settingsSchema.parse({ secrets: list }).secrets;
  return resolveSecrets(settings, { env, folder, where: (path) => path.join('.') });
}

async function problems(list: unknown, folder: string, env: Record<string, string> = {}): Promise<string[]> {
  try {
    await resolve(list, folder, env);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.map((p) => `${p.where}: ${p.message}`);
    throw error;
  }
  return [];
}

secrets('values come from env variables and files, and go as base64', async ({ folder }) => {
  const list = [{ name: 'api', data: { token: { env: 'TOKEN' }, key: { file: 'key.pem' } } }];
  const resolved = await resolve(list, folder, { TOKEN: 't0p' });
  const [secret] = resolved.secrets;
  assert.ok(secret);
  assert.equal(secretManifest(secret, 'web').object, {
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'Opaque',
    metadata: { name: 'api', namespace: 'web' },
    data: { token: 'dDBw', key: 'S0VZ' },
  });
  assert.equal(secretValues(resolved.secrets), ['t0p', 'KEY']);
});

secrets('types have the names and keys that Kubernetes wants', async ({ folder }) => {
  const { cert, key } = certificate();
  writeFileSync(join(folder, 'c.pem'), cert);
  writeFileSync(join(folder, 'k.pem'), key);
  const tls = (crt: string, own: string): object => ({
    name: 'web',
    type: 'tls',
    data: { 'tls.crt': { file: crt }, 'tls.key': { file: own } },
  });
  assert.is((await resolve([tls('c.pem', 'k.pem')], folder)).secrets[0]?.type, 'kubernetes.io/tls');
  assert.equal(await problems([tls('key.pem', 'key.pem')], folder), [
    'secrets.0.data.tls.crt: secret "web": the value is no certificate in PEM form',
    'secrets.0.data.tls.key: secret "web": the value is no private key in PEM form, or one with a passphrase',
  ]);
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  writeFileSync(join(folder, 'other.pem'), privateKey.export({ type: 'sec1', format: 'pem' }));
  assert.equal(await problems([tls('c.pem', 'other.pem')], folder), [
    'secrets.0.data.tls.key: secret "web": the private key does not belong to the certificate of "tls.crt"',
  ]);
  const half = { name: 'web', type: 'tls', data: { 'tls.crt': { file: 'c.pem' } } };
  assert.equal(await problems([half], folder), ['secrets.0.data: secret "web" of type tls needs the key "tls.key"']);
});

secrets('a docker configuration is looked at before it is sent', async ({ folder }) => {
  const list = [{ name: 'r', type: 'dockerconfigjson', data: { '.dockerconfigjson': { env: 'D' } } }];
  assert.equal(await problems(list, folder, { D: '{"auths":{}}' }), []);
  const opaque = [{ name: 'r', data: { '.dockerconfigjson': { env: 'D' } } }];
  assert.equal(await problems(opaque, folder, { D: 'user:hunter2' }), [], 'only of that type');
  const [problem] = await problems(list, folder, { D: 'user:hunter2' });
  assert.match(problem ?? '', 'no Docker configuration with "auths"');
  assert.not.match(problem ?? '', 'hunter2');
});

secrets('everything that is missing is told at once', async ({ folder }) => {
  const list = [
    { name: 'a', data: { x: { env: 'NOT_SET' } } },
    { name: 'b', data: { y: { file: 'missing' } } },
  ];
  const found = await problems(list, folder);
  assert.is(found[0], 'secrets.0.data.x: secret "a": the env variable NOT_SET is not set');
  assert.match(found[1] ?? '', /^secrets\.1\.data\.y: secret "b": the file cannot be read: ENOENT/);
});

secrets('an optional secret that lacks a value is left out, with a note', async ({ folder }) => {
  const { secrets: list, notes } = await resolve(
    [{ name: 'a', optional: true, data: { x: { env: 'NOT_SET' } } }],
    folder,
  );
  assert.equal(list, []);
  assert.equal(notes, ['left out: secret "a": the env variable NOT_SET is not set']);
});

secrets.run();
