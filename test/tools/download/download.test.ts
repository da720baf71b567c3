import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { type IncomingMessage, type ServerResponse, request } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { execa } from 'execa';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { moduleAt, scriptOf } from '../../child.ts';
import { type DownloadOptions, download } from '../../../scripts/tools/download/download.ts';
import { DownloadError, get, getText } from '../../../scripts/tools/download/http.ts';
import { certificate } from '../../doubles/certificates.ts';
import { startSlowLine } from '../../doubles/slow-line.ts';
import { type Publisher, halfOf, serveFile, sha256, startPublisher } from '../publisher.ts';

const test = suite<{ folder: string; file: string; site: Publisher }>('download');
const body = Buffer.from(Array.from({ length: 50_000 }, (_, at) => at % 251));

test.before.each(async (context) => {
  context.folder = await mkdtemp(join(tmpdir(), 'hoist-download-'));
  context.file = join(context.folder, 'tool.part');
  context.site = await startPublisher();
  context.site.routes.set('/tool', body);
});
test.after.each(async ({ folder, site }) => {
  await site.close();
  await rm(folder, { recursive: true });
});

function optionsWith(changes: Partial<DownloadOptions> = {}): DownloadOptions {
  return { env: {}, signal: new AbortController().signal, onProgress: () => undefined, ...changes };
}

async function failureOf(promise: Promise<unknown>): Promise<DownloadError> {
  const error: unknown = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  assert.instance(error, DownloadError);
  return error as DownloadError;
}

test('writes the file, tells its sum and how far it is', async ({ site, file }) => {
  const progress: [number, number | undefined][] = [];
  const onProgress = (done: number, total: number | undefined): void => void progress.push([done, total]);
  const got = await download(`${site.url}/tool`, file, optionsWith({ onProgress }));
  assert.equal(got, { sha256: sha256(body), resumed: false });
  assert.equal(await readFile(file), body);
  assert.equal(progress.at(-1), [body.length, body.length]);
});

test('keeps what came before a cut, and asks for the rest alone', async ({ site, file }) => {
  const half = halfOf(body);
  site.routes.set('/tool', half.handler);
  const onHalf = (done: number): void => {
    if (done === body.length / 2) half.cut();
  };
  const error = await failureOf(download(`${site.url}/tool`, file, optionsWith({ onProgress: onHalf })));
  assert.is(error.kind, 'cut');
  assert.is(error.exitCode, 5);
  const { size } = await stat(file);
  assert.is(size, body.length / 2);

  site.routes.set('/tool', body);
  const progress: number[] = [];
  const onProgress = (done: number): void => void progress.push(done);
  const got = await download(`${site.url}/tool`, file, optionsWith({ onProgress }));
  assert.equal(got, { sha256: sha256(body), resumed: true });
  assert.equal(await readFile(file), body);
  assert.equal(site.asked, ['/tool', `/tool bytes=${size}-`]);
  assert.ok(progress.length > 1 && progress.every((done, i) => (i === 0 ? done === size : done > size)));
});

test('begins again where the server knows no ranges', async ({ site, file }) => {
  await writeFile(file, 'of another file');
  site.routes.set('/tool', (_, response) => void response.end(body));
  assert.equal(await download(`${site.url}/tool`, file, optionsWith()), { sha256: sha256(body), resumed: false });
  assert.equal(await readFile(file), body);
});

test('takes a file that is whole already as it is', async ({ site, file }) => {
  await writeFile(file, body);
  assert.equal(await download(`${site.url}/tool`, file, optionsWith()), { sha256: sha256(body), resumed: true });
});

test('begins again where it has more than the server', async ({ site, file }) => {
  await writeFile(file, Buffer.concat([body, body]));
  assert.equal(await download(`${site.url}/tool`, file, optionsWith()), { sha256: sha256(body), resumed: false });
  assert.equal(await readFile(file), body);
});

test('a redirect from TLS to an address without is not followed', async ({ site, folder }) => {
  site.routes.set('/elsewhere', Buffer.from('changed on the way'));
  const { cert, key } = certificate();
  const secure = createSecureServer({ cert, key }, (_, response) => {
    response.writeHead(302, { location: `${site.url}/elsewhere` }).end();
  });
  await new Promise<void>((resolve) => secure.listen(0, '127.0.0.1', resolve));
  try {
    const { port } = secure.address() as AddressInfo;
    const authority = join(folder, 'ca.pem');
    await writeFile(authority, cert);
    // Authorities are read once, when a process starts.
    const script = `
      import { getText } from ${moduleAt('scripts/tools/download/http.ts')};
      const signal = new AbortController().signal;
      console.log(await getText('https://127.0.0.1:${port}/x', { env: {}, signal }).catch((error) => error.message));
    `;
    const env = { ...process.env, NODE_EXTRA_CA_CERTS: authority };
    const { stdout } = await promisify(execFile)(process.execPath, scriptOf(script), { env });
    assert.match(
      stdout,
      /^a redirect leads from https to http:\/\/127\.0\.0\.1:\d+\/, without TLS; it is not followed\n$/,
    );
  } finally {
    await new Promise((resolve) => secure.close(resolve));
  }
});

test('follows redirects', async ({ site, file }) => {
  site.routes.set('/latest', (_, response) => void response.writeHead(302, { location: '/tool' }).end());
  await download(`${site.url}/latest`, file, optionsWith());
  assert.equal(await readFile(file), body);
});

test('a slow transfer is waited for', async ({ site, file }) => {
  site.routes.set('/tool', (_, response) => {
    response.writeHead(200);
    const parts = [0, 1, 2, 3, 4].map((part) => body.subarray(part * 10_000, (part + 1) * 10_000));
    const timer = setInterval(() => {
      const part = parts.shift();
      if (part) return void response.write(part);
      clearInterval(timer);
      response.end();
    }, 20);
  });
  const got = await download(`${site.url}/tool`, file, optionsWith());
  assert.is(got.sha256, sha256(body));
});

test('a cancelled transfer ends with the reason of its signal, and what came is kept', async ({ site, file }) => {
  site.routes.set('/tool', (_, response) => {
    response.writeHead(200, { 'content-length': body.length });
    response.write(body.subarray(0, 10_000));
  });
  const abort = new AbortController();
  const reason = new Error('enough');
  const onProgress = (done: number): void => {
    if (done > 0) abort.abort(reason);
  };
  try {
    await download(`${site.url}/tool`, file, optionsWith({ signal: abort.signal, onProgress }));
    assert.unreachable();
  } catch (error) {
    assert.is(error, reason);
  }
  assert.is((await stat(file)).size, 10_000);
});

test('a connection that is reset is a transfer that broke off, and what came is kept', async ({ site, file }) => {
  let asked: IncomingMessage | undefined;
  site.routes.set('/tool', (request, response) => {
    asked = request;
    response.writeHead(200, { 'content-length': body.length });
    response.write(body.subarray(0, 10_000));
  });
  const onProgress = (done: number): void => {
    if (done > 0) asked?.socket.resetAndDestroy();
  };
  const error = await failureOf(download(`${site.url}/tool`, file, optionsWith({ onProgress })));
  assert.is(error.kind, 'cut');
  assert.is((await stat(file)).size, 10_000);
});

test('a file that cannot be written is no transfer that broke off', async ({ site, file }) => {
  const large = Buffer.alloc(200_000, 1);
  site.routes.set('/large', large);
  const script = `
    import { download } from ${moduleAt('scripts/tools/download/download.ts')};
    process.on('SIGXFSZ', () => undefined);
    const options = { env: {}, signal: new AbortController().signal, onProgress: () => undefined };
    await download(process.argv[1], process.argv[2], options).catch(({ name, code, syscall }) => {
      console.log(JSON.stringify({ name, code, syscall }));
    });`;
  // The limit of the shell is in blocks of 512 or 1024 bytes; it leaves room for what tsx caches, and not for the file.
  const child = await execa(
    'sh',
    ['-c', 'ulimit -f 100; exec "$@"', 'sh', process.execPath, ...scriptOf(script), `${site.url}/large`, file],
    { env: { TSX_DISABLE_CACHE: '1' } },
  );
  assert.equal(JSON.parse(child.stdout), { name: 'Error', code: 'EFBIG', syscall: 'write' });
});

test('a file that is not there is distinguished', async ({ site, file }) => {
  const error = await failureOf(download(`${site.url}/other`, file, optionsWith()));
  assert.is(error.kind, 'absent');
  assert.is(error.message, `${site.url}/other answered 404`);
});

test('a busy server is asked again', async ({ site, file }) => {
  let asked = 0;
  site.routes.set('/tool', (request, response) => {
    if (++asked === 1) response.writeHead(503).end();
    else serveFile(body, request, response);
  });
  await download(`${site.url}/tool`, file, optionsWith());
  assert.is(asked, 2);
});

test('a server that stays busy is given up', async ({ site }) => {
  site.routes.set('/tool', (_, response) => void response.writeHead(503).end());
  const error = await failureOf(get(`${site.url}/tool`, optionsWith()));
  assert.is(error.message, `${site.url}/tool answered 503`);
  assert.is(site.asked.length, 3);
});

test('a closed port is unreachable', async ({ site, file }) => {
  await site.close();
  const error = await failureOf(download(`${site.url}/tool`, file, optionsWith()));
  assert.is(error.kind, 'unreachable');
  assert.ok(error.message.startsWith(`${site.url} cannot be reached: `));
});

test('an unknown name is unreachable', async ({ file }) => {
  const error = await failureOf(download('http://publisher.invalid/tool', file, optionsWith()));
  assert.is(error.kind, 'unreachable');
});

test('a site that never answers is unreachable', async ({ site }) => {
  site.routes.set('/tool', () => undefined);
  const error = await failureOf(get(`${site.url}/tool`, { ...optionsWith(), answerMs: 200 }));
  assert.is(error.kind, 'unreachable');
  assert.match(error.message, /no answer within 0.2 s/);
});

test('a line of 1 kB/s is slow, not dead: the handshake takes its seconds, and so does the file', async ({
  folder,
  file,
}) => {
  const { key, cert } = certificate();
  const content = Buffer.alloc(3_000, 'x');
  const site = createSecureServer({ key, cert }, (_incoming, response) => response.end(content));
  await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
  const slow = await startSlowLine((site.address() as AddressInfo).port, 1_000);
  const authority = join(folder, 'authority.pem');
  await writeFile(authority, cert);
  // In a process of its own: Node takes authorities besides its own only where it starts.
  const run = `import { download } from ${moduleAt('scripts/tools/download/download.ts')};
    const { signal } = new AbortController();
    const options = { env: {}, signal, onProgress() {} };
    await download('https://127.0.0.1:${slow.port}/tool', ${JSON.stringify(file)}, options);`;
  try {
    const began = performance.now();
    await promisify(execFile)(process.execPath, scriptOf(run), {
      env: { ...process.env, NODE_EXTRA_CA_CERTS: authority },
      timeout: 60_000,
    });
    assert.equal(await readFile(file), content);
    assert.ok(performance.now() - began > 3_000, 'the line was not slow');
  } finally {
    slow.close();
    site.closeAllConnections();
    site.close();
  }
});

test('goes through the proxy that the environment names', async ({ site, file }) => {
  const proxy = await startPublisher();
  const asked: (string | undefined)[] = [];
  const { port } = site.server.address() as AddressInfo;
  // Plain requests name the whole address to a proxy.
  proxy.server.removeAllListeners('request');
  proxy.server.on('request', (incoming: IncomingMessage, response: ServerResponse) => {
    asked.push(incoming.url);
    const { pathname } = new URL(incoming.url ?? '');
    request({ host: '127.0.0.1', port, path: pathname }, (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(response);
    }).end();
  });
  try {
    await download('http://publisher.invalid/tool', file, optionsWith({ env: { HTTP_PROXY: proxy.url } }));
    assert.equal(await readFile(file), body);
    assert.equal(asked, ['http://publisher.invalid/tool']);
  } finally {
    await proxy.close();
  }
});

test('a password in the URL is sent as authorization and never shown', async ({ site }) => {
  let authorization: string | undefined;
  site.routes.set('/sums', (request, response) => {
    authorization = request.headers.authorization;
    response.end('text');
  });
  const url = site.url.replace('//', '//user:TOP-SECRET@');
  assert.is(await getText(`${url}/sums`, optionsWith()), 'text');
  assert.is(authorization, `Basic ${Buffer.from('user:TOP-SECRET').toString('base64')}`);
  const error = await failureOf(get(`${url}/other`, optionsWith()));
  assert.not.match(error.message + String(error.cause), /TOP-SECRET/);
});

test.run();
