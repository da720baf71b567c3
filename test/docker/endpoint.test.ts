import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { endpointEnv, findEndpoint, isLocal, publishedHost } from '../../scripts/docker/endpoint.ts';

const endpoint = suite<{ home: string }>('docker endpoint');

endpoint.before.each(async (context) => {
  context.home = await mkdtemp(join(tmpdir(), 'hoist-docker-'));
});

endpoint.after.each(({ home }) => rm(home, { recursive: true }));

async function addContext(home: string, name: string, docker: object, tls = false): Promise<string> {
  const id = createHash('sha256').update(name).digest('hex');
  const meta = join(home, '.docker/contexts/meta', id);
  await mkdir(meta, { recursive: true });
  await writeFile(join(meta, 'meta.json'), JSON.stringify({ Name: name, Endpoints: { docker } }));
  const certs = join(home, '.docker/contexts/tls', id, 'docker');
  if (tls) await mkdir(certs, { recursive: true });
  return certs;
}

endpoint('DOCKER_HOST before anything else, in each of its forms', async ({ home }) => {
  await addContext(home, 'work', { Host: 'ssh://me@there' });
  const find = (DOCKER_HOST: string) => findEndpoint({ HOME: home, DOCKER_HOST, DOCKER_CONTEXT: 'work' });
  assert.equal(await find('unix:///run/d.sock'), { host: 'unix:///run/d.sock', source: 'DOCKER_HOST' });
  assert.equal(await find('/run/d.sock'), { host: 'unix:///run/d.sock', source: 'DOCKER_HOST' });
  assert.equal(await find('far:2375'), { host: 'tcp://far:2375', source: 'DOCKER_HOST' });
  assert.equal(await find('ssh://me@there:2222'), { host: 'ssh://me@there:2222', source: 'DOCKER_HOST' });
  try {
    await find('npipe:////./pipe/docker');
    assert.unreachable();
  } catch (error) {
    assert.match(String(error), /the scheme npipe: is not known/);
  }
});

endpoint('TLS as DOCKER_TLS_VERIFY and DOCKER_CERT_PATH say', async ({ home }) => {
  const env = { HOME: home, DOCKER_HOST: 'tcp://far:2376', DOCKER_TLS_VERIFY: '1' };
  assert.is((await findEndpoint(env)).certPath, join(home, '.docker'));
  assert.is((await findEndpoint({ ...env, DOCKER_CERT_PATH: '/certs' })).certPath, '/certs');
});

endpoint('DOCKER_CONTEXT, then the current context, with its certificates', async ({ home }) => {
  const certs = await addContext(home, 'work', { Host: 'tcp://work:2376', SkipTLSVerify: true }, true);
  await addContext(home, 'lab', { Host: 'ssh://lab' });
  await writeFile(join(home, '.docker/config.json'), JSON.stringify({ currentContext: 'lab' }));
  assert.equal(await findEndpoint({ HOME: home }), { host: 'ssh://lab', source: 'context lab' });
  assert.equal(await findEndpoint({ HOME: home, DOCKER_CONTEXT: 'work', DOCKER_HOST: '' }), {
    host: 'tcp://work:2376',
    source: 'context work',
    certPath: certs,
    skipVerify: true,
  });
});

endpoint('a context that is not there is said by name', async ({ home }) => {
  try {
    await findEndpoint({ HOME: home, DOCKER_CONTEXT: 'gone' });
    assert.unreachable();
  } catch (error) {
    assert.match(String(error), /there is no docker context "gone"/);
  }
});

endpoint('the default is a socket of this machine', async ({ home }) => {
  const found = await findEndpoint({ HOME: home, DOCKER_CONTEXT: 'default' });
  assert.is(found.source, 'default');
  assert.match(found.host, /^unix:\/\/.*docker\.sock$/);
});

endpoint('what is on this machine and what is not', () => {
  const at = (host: string) => ({ host, source: 'DOCKER_HOST' });
  for (const host of ['unix:///run/d.sock', 'tcp://127.0.0.1:2375', 'tcp://localhost:2375', 'ssh://me@localhost']) {
    assert.ok(isLocal(at(host)), host);
    assert.is(publishedHost(at(host)), '127.0.0.1');
  }
  assert.not(isLocal(at('ssh://me@far')));
  assert.is(publishedHost(at('ssh://me@far:2222')), 'far');
});

endpoint('a child process gets the same engine', () => {
  assert.equal(endpointEnv({ host: 'tcp://far:2376', source: 'context far', certPath: '/certs' }), {
    DOCKER_HOST: 'tcp://far:2376',
    DOCKER_CONTEXT: undefined,
    DOCKER_TLS_VERIFY: '1',
    DOCKER_CERT_PATH: '/certs',
  });
});

endpoint('certificates that are not to be checked are handed on as such', () => {
  const verify = (more: object): unknown =>
    endpointEnv({ host: 'tcp://far:2376', source: 'context far', ...more })['DOCKER_TLS_VERIFY'];
  assert.equal(
    [{}, { certPath: '/c' }, { certPath: '/c', skipVerify: true }, { certPath: '/c', skipVerify: false }].map(verify),
    [undefined, '1', undefined, '1'],
  );
  assert.is(verify({ skipVerify: true }), undefined);
});

endpoint.run();
