import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { sshArgs } from '../../scripts/docker/connect.ts';
import { listContainers, readContainerFile, removeContainer } from '../../scripts/docker/containers.ts';
import { connectDocker } from '../../scripts/docker/client.ts';
import { DockerError, DockerUnreachableError } from '../../scripts/docker/docker-errors.ts';
import { execInContainer } from '../../scripts/docker/exec-in.ts';
import { pullImage } from '../../scripts/docker/images.ts';
import { certificateFiles } from '../doubles/certificates.ts';

const engines = suite<{ folder: string; socket: string; servers: Server[] }>('docker engine');

engines.before.each(async (context) => {
  context.folder = await mkdtemp(join(tmpdir(), 'hoist-docker-'));
  context.socket = join(context.folder, 'd.sock');
  context.servers = [];
});

engines.after.each(async ({ folder, servers }) => {
  await Promise.all(
    servers.map((server) => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    }),
  );
  await rm(folder, { recursive: true });
});

async function serve(context: { socket: string; servers: Server[] }, answer: RequestListener): Promise<void> {
  const server = createServer(answer);
  context.servers.push(server);
  await new Promise<void>((resolve) => server.listen(context.socket, resolve));
}

const at = (socket: string) => connectDocker({ host: `unix://${socket}`, source: 'DOCKER_HOST' });

async function failure(act: () => Promise<unknown>): Promise<Error & { status?: number; hint?: string }> {
  try {
    await act();
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
}

engines('a kept connection that closes as it is used again: what only reads is asked once more', async (context) => {
  const used = new WeakSet<object>();
  const asked: string[] = [];
  await serve(context, ({ method = '', url = '', socket }, answer) => {
    asked.push(`${method} ${url}`);
    if (used.has(socket) || url === '/dead') socket.destroy();
    else answer.end('[]');
    used.add(socket);
  });
  const engine = at(context.socket);
  await engine.json({ path: '/one' });
  assert.equal(await engine.json({ path: '/two' }), []);
  assert.instance(await failure(() => engine.json({ method: 'POST', path: '/three' })), DockerUnreachableError);
  assert.instance(await failure(() => engine.json({ path: '/dead' })), DockerUnreachableError);
  assert.equal(asked, ['GET /one', 'GET /two', 'GET /two', 'POST /three', 'GET /dead']);
  engine.close();
});

engines('asks by label, exactly', async (context) => {
  const asked: string[] = [];
  await serve(context, (request, answer) => {
    asked.push(decodeURIComponent(request.url ?? ''));
    answer.end(JSON.stringify([{ Id: '1', Names: ['/k3d-dev-server-0'], Image: 'i', State: 'running', Labels: null }]));
  });
  const engine = at(context.socket);
  const found = await listContainers(engine, { app: 'k3d', 'k3d.cluster': 'dev' });
  assert.equal(asked, ['/containers/json?all=true&filters={"label":["app=k3d","k3d.cluster=dev"]}']);
  assert.equal(found, [{ id: '1', name: 'k3d-dev-server-0', image: 'i', state: 'running', labels: {} }]);
  engine.close();
});

engines("an error carries the engine's own words and its status", async (context) => {
  await serve(context, (request, answer) => {
    answer.statusCode = request.method === 'DELETE' ? 409 : 404;
    answer.end(JSON.stringify({ message: 'No such container: x' }));
  });
  const engine = at(context.socket);
  const error = await failure(() => engine.json({ path: '/containers/x/json' }));
  assert.instance(error, DockerError);
  assert.is(error.message, 'No such container: x');
  assert.is(error.status, 404);
  assert.is(await readContainerFile(engine, 'x', '/f'), undefined);
  await removeContainer(engine, 'x');
  engine.close();
});

engines('no socket, nobody who listens, no right to use it, no answer in time', async (context) => {
  const engine = at(context.socket);
  const none = await failure(() => engine.json({ path: '/info' }));
  assert.instance(none, DockerUnreachableError);
  assert.match(none.message, /no Docker engine answers at unix:.*\(DOCKER_HOST\): there is no such socket/);
  assert.match(none.hint ?? '', /Start Docker/);

  const { host, port } = { host: '127.0.0.1', port: 1 };
  const refused = connectDocker({ host: `tcp://${host}:${port}`, source: 'context far' });
  assert.match((await failure(() => refused.json({ path: '/info' }))).message, /nothing listens there/);

  await serve(context, () => undefined);
  assert.match((await failure(() => engine.json({ path: '/info', timeoutMs: 20 }))).message, /no answer within 20 ms/);
  const abort = AbortSignal.abort(new Error('enough'));
  assert.is((await failure(() => engine.json({ path: '/info', signal: abort }))).message, 'enough');
  engine.close();
});

engines('a pull fails where its stream says so, or breaks off', async (context) => {
  let text = '{"status":"Downloading","id":"a","progressDetail":{"current":1,"total":2}}\n';
  let breakOff = true;
  await serve(context, (_request, answer) => {
    answer.write(text);
    if (breakOff) setImmediate(() => answer.destroy());
    else answer.end();
  });
  const engine = at(context.socket);
  const pull = () => pullImage(engine, 'registry:2', { platform: 'linux/amd64', env: {} });
  assert.is((await failure(pull)).message, 'registry:2 cannot be pulled: the engine broke off');
  breakOff = false;
  text += '{"errorDetail":{"message":"manifest unknown"},"error":"manifest unknown"}\n';
  assert.is((await failure(pull)).message, 'registry:2 cannot be pulled: manifest unknown');
  engine.close();
});

engines('a pull goes with the credentials of the environment that the engine was found with', async (context) => {
  const logins: unknown[] = [];
  await serve(context, ({ headers }, answer) => {
    const auth = headers['x-registry-auth'];
    logins.push(typeof auth === 'string' ? JSON.parse(Buffer.from(auth, 'base64url').toString()) : auth);
    answer.end();
  });
  const engine = at(context.socket);
  const config = (name: string): string => join(context.folder, name);
  await mkdir(config('plain'));
  await mkdir(config('helped'));
  const auth = Buffer.from('me:s3:cret').toString('base64');
  await writeFile(join(config('plain'), 'config.json'), JSON.stringify({ auths: { 'registry.example': { auth } } }));
  await writeFile(join(config('helped'), 'config.json'), JSON.stringify({ credsStore: 'double' }));
  const helper = join(context.folder, 'docker-credential-double');
  await writeFile(
    helper,
    '#!/bin/sh\nread server\necho "{\\"Username\\":\\"<token>\\",\\"Secret\\":\\"$OF_HELPER-$server\\"}"\n',
  );
  await chmod(helper, 0o755);
  const pull = (env: Record<string, string>): Promise<void> =>
    pullImage(engine, 'registry.example/team/web:1', { platform: 'linux/amd64', env });

  await pull({ DOCKER_CONFIG: config('plain') });
  await pull({ DOCKER_CONFIG: config('helped'), OF_HELPER: 'token', PATH: `${context.folder}:/usr/bin:/bin` });
  await pull({ DOCKER_CONFIG: config('nothing') });
  assert.equal(logins, [
    { username: 'me', password: 's3:cret', serveraddress: 'registry.example' },
    { identitytoken: 'token-registry.example', serveraddress: 'registry.example' },
    undefined,
  ]);
  engine.close();
});

engines('over ssh as the docker command does it: dial-stdio, with the words of ssh when it fails', async (context) => {
  await serve(context, (request, answer) => answer.end(JSON.stringify({ path: request.url })));
  const ssh = join(context.folder, 'ssh');
  const bridge = `import { connect } from 'node:net';
const socket = connect(process.argv[2]);
process.stdin.pipe(socket);
socket.pipe(process.stdout);
socket.on('close', () => process.exit());`;
  await writeFile(join(context.folder, 'bridge.mjs'), bridge);
  await writeFile(ssh, `#!/bin/sh\nexec ${process.execPath} ${context.folder}/bridge.mjs ${context.socket}\n`);
  await chmod(ssh, 0o755);
  const path = process.env['PATH'];
  process.env['PATH'] = `${context.folder}:${path ?? ''}`;
  try {
    const engine = connectDocker({ host: 'ssh://me@there:2222', source: 'DOCKER_HOST' });
    assert.equal(await engine.json({ path: '/info' }), { path: '/info' });
    assert.equal(await engine.json({ path: '/again' }), { path: '/again' });
    engine.close();

    await writeFile(ssh, '#!/bin/sh\necho "Permission denied (publickey)." >&2\nexit 255\n');
    const closed = connectDocker({ host: 'ssh://me@there', source: 'DOCKER_HOST' });
    const error = await failure(() => closed.json({ path: '/info' }));
    assert.match(error.message, /ssh ended with code 255: Permission denied \(publickey\)/);
    closed.close();
  } finally {
    process.env['PATH'] = path;
  }
});

engines("ssh's own configuration counts, and nothing is asked for", () => {
  assert.equal(sshArgs(new URL('ssh://me@there:2222')), [
    ...['-o', 'BatchMode=yes', '-o', 'ConnectTimeout=30', '-T'],
    ...['-l', 'me', '-p', '2222', '--', 'there', 'docker', 'system', 'dial-stdio'],
  ]);
});

engines('answers, files and outputs without an end are read up to a bound', async (context) => {
  const mebi = Buffer.alloc(2 ** 20, ' ');
  await serve(context, (request, answer) => {
    if (request.url === '/exec/e/json') return void answer.end('{"ExitCode":0}');
    if (request.url?.endsWith('/exec') === true) return void answer.end('{"Id":"e"}');
    const count = request.url === '/exec/e/start' ? 40 : 200;
    void (async () => {
      for (let i = 0; i < count && !answer.destroyed; i++) {
        if (!answer.write(mebi)) await new Promise((resolve) => answer.once('drain', resolve).once('close', resolve));
      }
      answer.end();
    })();
  });
  const engine = at(context.socket);
  try {
    assert.match((await failure(() => engine.json({ path: '/containers/json' }))).message, 'larger than 64 MiB');
    assert.match((await failure(() => readContainerFile(engine, 'c', '/x'))).message, 'larger than 16 MiB');
    const { exitCode, output } = await execInContainer(engine, 'c', ['yes']);
    assert.equal([exitCode, output.length], [0, 16 * 2 ** 20]);
  } finally {
    engine.close();
  }
});

engines('an engine behind TLS is known by its own name', async (context) => {
  const files = certificateFiles(context.folder);
  await writeFile(join(context.folder, 'ca.pem'), await readFile(files.cert));
  await writeFile(join(context.folder, 'cert.pem'), await readFile(files.cert));
  await writeFile(join(context.folder, 'key.pem'), await readFile(files.key));
  const tls = { cert: await readFile(files.cert), key: await readFile(files.key) };
  const server = createSecureServer(tls, (_request, answer) => void answer.end('{"ok":true}'));
  context.servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const endpoint = { host: `tcp://127.0.0.1:${port}`, source: 'DOCKER_HOST', certPath: context.folder };
  const engine = connectDocker(endpoint);
  try {
    assert.equal(await engine.json({ path: '/_ping' }), { ok: true });
  } finally {
    engine.close();
  }
});

engines.run();
