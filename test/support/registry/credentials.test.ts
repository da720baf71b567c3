// Logins for registries: in pull secrets as kubectl and others write them, and on this machine.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { loginIn, ownLogin } from '../../../scripts/support/registry/credentials.ts';
import { parseReference } from '../../../scripts/support/registry/reference.ts';

const test = suite('support/registry/credentials');

const auth = (text: string): string => Buffer.from(text).toString('base64');
const login = (auths: object | undefined, image: string): unknown =>
  loginIn(JSON.stringify(auths === undefined ? {} : { auths }), parseReference(image));

test('by name and password, or both in one; a password may hold colons', () => {
  assert.equal(login({ 'ghcr.io': { username: 'u', password: 'p' } }, 'ghcr.io/a/b'), { username: 'u', password: 'p' });
  assert.equal(login({ 'ghcr.io': { auth: auth('u:p:q') } }, 'ghcr.io/a/b'), { username: 'u', password: 'p:q' });
  const both = { username: 'u', password: '', auth: auth('x:y') };
  assert.equal(login({ 'ghcr.io': both }, 'ghcr.io/a/b'), { username: 'u', password: '' });
  assert.equal(login({ 'ghcr.io': { username: '', password: 'p', auth: auth('x:y') } }, 'ghcr.io/a'), {
    username: 'x',
    password: 'y',
  });
  assert.equal(login({ 'ghcr.io': { username: 'u', auth: auth('x:y') } }, 'ghcr.io/a'), {
    username: 'x',
    password: 'y',
  });
});

test('by the names that a registry has, and for no other', () => {
  const entry = { username: 'u', password: 'p' };
  for (const name of ['https://index.docker.io/v1/', 'index.docker.io', 'docker.io', 'https://docker.io'])
    assert.equal(login({ [name]: entry }, 'nginx'), entry, name);
  for (const name of ['localhost:5000', 'https://localhost:5000'])
    assert.equal(login({ [name]: entry }, 'localhost:5000/a'), entry, name);
  assert.is(login({ 'quay.io': entry }, 'ghcr.io/a'), undefined);
  assert.is(login({ 'index.docker.io': entry }, 'ghcr.io/a'), undefined);
  assert.is(login(undefined, 'nginx'), undefined);
  assert.throws(() => loginIn('no json', parseReference('nginx')), 'the pull secret holds no docker config');
});

test('the login of this machine, where there is a whole one', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'login-test-'));
  const env = { DOCKER_CONFIG: folder };
  try {
    assert.is(await ownLogin('ghcr.io/a', env), undefined);
    const write = (entry: object): void =>
      writeFileSync(join(folder, 'config.json'), JSON.stringify({ auths: { 'ghcr.io': entry } }));
    write({ auth: auth('u:p') });
    assert.equal(await ownLogin('ghcr.io/a', env), { username: 'u', password: 'p' });
    assert.is(await ownLogin('quay.io/a', env), undefined);
    write({ identitytoken: 't' });
    assert.is(await ownLogin('ghcr.io/a', env), undefined, 'a token is no name and password');
    writeFileSync(join(folder, 'config.json'), 'broken');
    assert.is(await ownLogin('ghcr.io/a', env), undefined);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test.run();
