// Remote includes against real servers: pinned, cached, bounded; no token without TLS.

import { existsSync, readFileSync } from 'node:fs';
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo, Server } from 'node:net';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { HoistError } from '../../../scripts/base/errors.ts';
import { LockFile } from '../../../scripts/tasks/includes/lock-file.ts';
import { basicOf, publicUrl } from '../../../scripts/tasks/includes/public-url.ts';
import { type RemoteOptions, remoteIncludes } from '../../../scripts/tasks/includes/remote.ts';
import { type World, createWorld, refusal } from '../world.ts';

type Handle = (request: IncomingMessage, response: ServerResponse) => void;

interface Context extends World {
  /** Starts a server; resolves with its origin. */
  serve: (handle: Handle) => Promise<string>;
  /** Fetches an include as a run would. */
  load: (url: string, options?: Partial<RemoteOptions>) => Promise<string[]>;
  servers: Server[];
}

const remote = suite<Context>('tasks: remote includes');

remote.before.each((context) => {
  const world = createWorld();
  const servers: Server[] = [];
  Object.assign(context, world, {
    servers,
    async serve(handle: Handle) {
      const server = createServer(handle);
      servers.push(server);
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    },
    async load(url: string, options: Partial<RemoteOptions> = {}) {
      const fetched = remoteIncludes({
        lock: await LockFile.read(join(world.folder, 'tasks.yaml.lock')),
        cache: join(world.folder, 'cache'),
        tokens: new Map(),
        offline: false,
        updateLock: false,
        ci: false,
        signal: new AbortController().signal,
        say: () => undefined,
        ...options,
      });
      const file = await fetched(url, { source: { name: 'x', text: '' } as never, offset: 0 });
      return [...file.tasks.keys()];
    },
  });
});
remote.after.each(({ servers, close }) => {
  for (const server of servers) {
    if ('closeAllConnections' in server) (server as ReturnType<typeof createServer>).closeAllConnections();
    server.close();
  }
  close();
});

const tasks = (name: string): string => `tasks: [{name: ${name}, actions: [{cmd: echo ${name}}]}]\n`;

remote(
  'is pinned when first used, then taken from the cache, and a change is refused until accepted',
  async (context) => {
    const { serve, load, folder } = context;
    let name = 'one';
    let asked = 0;
    const origin = await serve((_request, response) => {
      asked++;
      response.end(tasks(name));
    });
    const url = `${origin}/tasks.yaml`;
    assert.equal(await load(url), ['one']);
    const lock = readFileSync(join(folder, 'tasks.yaml.lock'), 'utf8');
    assert.match(lock, new RegExp(`"${url}": "[0-9a-f]{64}"`));
    name = 'two';
    assert.equal(await load(url), ['one']);
    assert.is(asked, 1);
    assert.equal(await load(url, { offline: true }), ['one']);
    const elsewhere = { cache: join(folder, 'other cache') };
    assert.match(await refusal(load(url, elsewhere)), 'has changed: its SHA-256 is');
    assert.match(await refusal(load(url, { ...elsewhere, offline: true })), 'is not in the cache');
    assert.is(readFileSync(join(folder, 'tasks.yaml.lock'), 'utf8'), lock);
    assert.equal(await load(url, { updateLock: true }), ['two']);
    assert.equal(await load(url, { ci: true }), ['two']);
  },
);

remote('what is not pinned is refused in CI, and asks nobody', async ({ serve, load, folder }) => {
  let asked = 0;
  const origin = await serve((_request, response) => {
    asked++;
    response.end(tasks('one'));
  });
  assert.match(await refusal(load(`${origin}/t`, { ci: true })), 'is not pinned in');
  assert.is(asked, 0);
  assert.not.ok(existsSync(join(folder, 'tasks.yaml.lock')));
});

remote('a server that keeps silent is named, and so is a line without encryption', async ({ serve, load }) => {
  const said: string[] = [];
  const options = { timeoutMs: 300, waitingMs: 10, say: (line: string) => void said.push(line) };
  const origin = await serve(({ url }, response) => {
    if (url !== '/silent') response.end('tasks: [{name: a, actions: [{cmd: echo}]}]');
  });
  await refusal(load(`${origin}/silent`, options));
  assert.equal(said, [`waiting for ${new URL(origin).host}`]);
  // This machine too, but not by a name that says so.
  const elsewhere = origin.replace('127.0.0.1', '0.0.0.0');
  assert.equal(await load(`${elsewhere}/a`, { ...options, waitingMs: 10_000 }), ['a']);
  assert.ok(said.includes(`${elsewhere}/a is read without encryption`), said.join('\n'));
});

remote('a redirect leads to a server, and from https to no other line', async ({ serve, load }) => {
  const origin = await serve(({ url }, response) => {
    response.writeHead(302, { location: url === '/file' ? 'file:///etc/passwd' : 'data:text/plain,tasks' }).end();
  });
  assert.match(await refusal(load(`${origin}/file`)), 'redirects to a file: address');
  assert.match(await refusal(load(`${origin}/data`)), 'redirects to a data: address');
});

remote('limits of size, time and redirects hold, and nothing is pinned', async ({ serve, load, folder }) => {
  const big = Buffer.alloc(1024 * 1024, '#');
  const origin = await serve(({ url }, response) => {
    if (url === '/silent') return;
    if (url === '/slow') {
      response.write('tasks:');
      return;
    }
    if (url === '/loop') {
      response.writeHead(302, { location: '/loop' }).end();
      return;
    }
    if (url === '/gone') {
      response.writeHead(404).end();
      return;
    }
    const more = (): void => {
      if (!response.destroyed) response.write(big, more);
    };
    more();
  });
  assert.match(await refusal(load(`${origin}/big`)), 'is larger than 4194304 bytes');
  for (const path of ['silent', 'slow'])
    assert.match(await refusal(load(`${origin}/${path}`, { timeoutMs: 200 })), 'no whole answer within 0.2 s', path);
  assert.match(await refusal(load(`${origin}/loop`)), 'redirects more than 5 times');
  assert.match(await refusal(load(`${origin}/gone`)), 'the server answered with 404');
  const stop = new AbortController();
  const stopped = load(`${origin}/silent`, { signal: stop.signal });
  stop.abort(new Error('stopped by the user'));
  assert.match(await refusal(stopped), 'stopped by the user');
  assert.not.ok(existsSync(join(folder, 'tasks.yaml.lock')));
});

remote('an answer that a token may change says so, and others do not', async ({ serve, load }) => {
  const origin = await serve(({ url }, response) => response.writeHead(Number(url?.slice(1))).end());
  for (const [status, hint] of [
    [400, undefined],
    [401, `A token for ${new URL(origin).host} can be given in MARU_AUTH.`],
    [403, `A token for ${new URL(origin).host} can be given in MARU_AUTH.`],
    [404, `A token for ${new URL(origin).host} can be given in MARU_AUTH.`],
    [500, undefined],
    // A redirect without a place to go.
    [302, undefined],
  ] as const) {
    const error = await load(`${origin}/${status}`).then(
      () => undefined,
      (thrown: unknown) => thrown as HoistError,
    );
    assert.match(error?.message ?? '', `cannot be fetched: the server answered with ${status}`);
    assert.is(error?.hint, hint);
  }
});

remote('five redirects are followed, and a file of 4 MiB is read', async ({ serve, load }) => {
  const most = 4 * 1024 * 1024;
  const origin = await serve(({ url }, response) => {
    const [, kind, count] = url?.split('/') ?? [];
    const left = Number(count);
    if (kind === 'hop' && left > 0) response.writeHead(307, { location: `/hop/${left - 1}` }).end();
    else response.end(tasks('one').padEnd(kind === 'size' ? left : 0, ' '));
  });
  assert.equal(await load(`${origin}/hop/5`), ['one']);
  assert.match(await refusal(load(`${origin}/hop/6`)), 'redirects more than 5 times');
  assert.equal(await load(`${origin}/size/${most}`), ['one']);
  assert.match(await refusal(load(`${origin}/size/${most + 1}`)), `is larger than ${most} bytes`);
});

remote('a damaged file of the cache is fetched again, and is never run', async ({ serve, load, write, folder }) => {
  const origin = await serve((_request, response) => response.end(tasks('one')));
  await load(`${origin}/t`);
  const sum = /"([0-9a-f]{64})"/.exec(readFileSync(join(folder, 'tasks.yaml.lock'), 'utf8'))?.[1] ?? '';
  write(`cache/${sum}`, tasks('evil'));
  assert.equal(await load(`${origin}/t`), ['one']);
});

remote('no token goes over http', async ({ serve, load }) => {
  let token: string | undefined;
  const origin = await serve(({ headers }, response) => {
    token = headers.authorization;
    response.end(tasks('one'));
  });
  await load(`${origin}/t`, { tokens: new Map([[new URL(origin).host, 's3cr3t-token']]) });
  assert.is(token, undefined);
});

remote(
  'what lets somebody in stands in no lock file and no message, and a new token is the same file',
  async (context) => {
    const { serve, load, folder } = context;
    const asked: (string | undefined)[] = [];
    let status = 200;
    const origin = await serve(({ url }, response) => {
      asked.push(url);
      response.writeHead(status).end(tasks('one'));
    });
    const url = (token: string): string =>
      `${origin}/tasks.yaml?ref=main&private_token=${token}&X-Amz-Signature=s3cr3t-sig`;
    const said: string[] = [];
    assert.equal(await load(url('hunter2-first'), { say: (line) => void said.push(line) }), ['one']);
    assert.equal(asked, ['/tasks.yaml?ref=main&private_token=hunter2-first&X-Amz-Signature=s3cr3t-sig']);
    const lock = readFileSync(join(folder, 'tasks.yaml.lock'), 'utf8');
    assert.match(lock, `"${origin}/tasks.yaml?ref=main":`);
    assert.equal(await load(url('hunter2-second'), { offline: true }), ['one']);
    status = 500;
    const refused = await refusal(load(url('hunter2-third'), { updateLock: true }));
    assert.match(refused, `${origin}/tasks.yaml?ref=main cannot be fetched: the server answered with 500`);
    for (const text of [lock, ...said, refused]) assert.not.match(text, /hunter2|s3cr3t/);
  },
);

remote('a user and password of an address become a header, over TLS alone', async (context) => {
  const { serve, load } = context;
  const seen: (string | undefined)[] = [];
  const origin = await serve(({ headers }, response) => {
    seen.push(headers.authorization);
    response.end(tasks('one'));
  });
  assert.equal(await load(origin.replace('://', '://me:hunter2@')), ['one']);
  assert.equal(seen, [undefined]);
  const https = basicOf(new URL('https://me:p%40ss@host/x'));
  assert.is(https, `Basic ${btoa('me:p@ss')}`);
  assert.is(publicUrl('https://me:p%40ss@host/x?a=1&key=b'), 'https://host/x?a=1&key=b');
  assert.is(publicUrl('https://host/x y?q=a+b'), 'https://host/x y?q=a+b');
});

remote.run();
