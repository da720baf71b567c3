// The one kubelet of an opened bundle: whatever the API server wants to reach, this answers, from the bundle's logs alone.

import { mkdtempSync, rmSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { request as requestTls } from 'node:https';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { connect as connectTls } from 'node:tls';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { startKubelet } from '../../../scripts/support/open/kubelet.ts';
import type { BundleLogs, LogQuery } from '../../../scripts/support/open/logs.ts';
import { certificate } from '../../doubles/certificates.ts';

interface Context {
  folder: string;
  socket: string;
  stop: () => void;
  queries: LogQuery[];
}

const kubelet = suite<Context>('support/open/kubelet');

kubelet.before.each(async (context) => {
  context.folder = mkdtempSync(join(tmpdir(), 'kubelet-test-'));
  context.socket = join(context.folder, 's');
  context.queries = [];
  const { cert, key } = certificate();
  const read = (query: LogQuery): Promise<Readable | undefined> => {
    context.queries.push(query);
    if (query.pod === 'none') return Promise.resolve(undefined);
    if (query.pod === 'broken') return Promise.reject(new Error('the disk is gone'));
    return Promise.resolve(Readable.from([Buffer.from(`log of ${query.container}\n`)]));
  };
  const logs = Promise.resolve({ read } as unknown as BundleLogs);
  const now = (): Date => new Date('2026-01-02T03:04:05Z');
  context.stop = await startKubelet({ socket: context.socket, certificate: cert, key, logs, now });
});
kubelet.after.each(({ stop, folder }) => {
  stop();
  rmSync(folder, { recursive: true, force: true });
});

/** A connection through the proxy, as the API server makes one to a node. */
const tunnel = (socketPath: string): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const asked = request({ socketPath, method: 'CONNECT', path: 'node:10250' });
    asked.once('connect', (_response, socket) => resolve(socket));
    asked.once('error', reject).end();
  });

interface Asked {
  method?: string;
  headers?: Record<string, string>;
}

async function ask({ socket }: Context, path: string, { method = 'GET', headers = {} }: Asked = {}): Promise<string> {
  const raw = await tunnel(socket);
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const createConnection = (): Socket => connectTls({ socket: raw, rejectUnauthorized: false });
    requestTls({ method, path, headers, createConnection }, resolve).once('error', reject).end();
  });
  const said = await text(answer);
  raw.destroy();
  return `${answer.statusCode} ${said.trim()}`;
}

kubelet('a log is answered, and what the client asks of it is handed on', async (context) => {
  const none = { tailLines: undefined, limitBytes: undefined, sinceMs: undefined, previous: false };
  const cases: [query: string, expected: Partial<LogQuery>][] = [
    ['', none],
    ['?previous=true&tailLines=5&limitBytes=7', { ...none, previous: true, tailLines: 5, limitBytes: 7 }],
    ['?previous=yes&tailLines=-1&limitBytes=x', none],
    ['?tailLines=0&limitBytes=1.5', { ...none, tailLines: 0 }],
    ['?sinceSeconds=5', { ...none, sinceMs: Date.parse('2026-01-02T03:04:00Z') }],
    ['?sinceSeconds=0', { ...none, sinceMs: Date.parse('2026-01-02T03:04:05Z') }],
    ['?sinceTime=2026-01-01T00:00:00Z', { ...none, sinceMs: Date.parse('2026-01-01T00:00:00Z') }],
    ['?sinceTime=2026-01-01T00:00:00Z&sinceSeconds=1', { ...none, sinceMs: Date.parse('2026-01-02T03:04:04Z') }],
    ['?sinceTime=then', none],
  ];
  for (const [query, expected] of cases) {
    assert.is(await ask(context, `/containerLogs/n/p%20x/c${query}`), '200 log of c', query);
    assert.equal(context.queries.at(-1), { namespace: 'n', pod: 'p x', container: 'c', ...expected }, query);
  }
});

kubelet('a log that the bundle does not have is named; one that cannot be read is an error', async (context) => {
  assert.is(await ask(context, '/containerLogs/n/none/c'), '400 the bundle has no log of n/none/c');
  assert.is(
    await ask(context, '/containerLogs/n/none/c?previous=true'),
    '400 the bundle has no earlier log of n/none/c',
  );
  assert.is(await ask(context, '/containerLogs/n/broken/c'), '500 the disk is gone');
});

kubelet('everything else runs not', async (context) => {
  const nothing = '400 the cluster is a support bundle: nothing runs in it';
  for (const path of ['/', '/exec/n/p/c', '/containerLogs/n/p', '/containerLogs/n/p/c/d', '/logs/n/p/c'])
    assert.is(await ask(context, path), nothing, path);
  assert.is(await ask(context, '/containerLogs/n/p/c', { method: 'POST' }), nothing);
  assert.is(await ask(context, '/exec/n/p/c', { headers: { connection: 'Upgrade', upgrade: 'SPDY/3.1' } }), nothing);
  assert.equal(context.queries, []);
});

kubelet(
  'the proxy connects to nothing but itself, and its end is that of all connections',
  async ({ socket, stop }) => {
    const plain = await new Promise<IncomingMessage>((resolve, reject) => {
      request({ socketPath: socket, path: '/' }, resolve).once('error', reject).end();
    });
    assert.is(`${plain.statusCode} ${await text(plain)}`, '400 only CONNECT is answered\n');
    const open = await tunnel(socket);
    const closed = new Promise((resolve) => open.once('close', resolve));
    open.on('error', () => undefined).resume();
    stop();
    await closed;
  },
);

kubelet.run();
