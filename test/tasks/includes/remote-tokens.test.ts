// Tokens of remote includes over TLS, by the whole command: for their own host alone, and never in the output.

import { spawn } from 'node:child_process';
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { certificate } from '../../doubles/certificates.ts';
import { type World, createWorld } from '../world.ts';

type Handle = (request: IncomingMessage, response: ServerResponse) => void;

const test = suite<World>('tasks: tokens of remote includes');

const servers: Server[] = [];
test.before.each((context) => void Object.assign(context, createWorld()));
test.after.each(({ close }) => {
  for (const server of servers.splice(0)) {
    if ('closeAllConnections' in server) (server as ReturnType<typeof createServer>).closeAllConnections();
    server.close();
  }
  close();
});

/** Starts a server; resolves with its origin. */
async function serve(handle: Handle, tls = false): Promise<string> {
  const server = tls ? createSecureServer(certificate(), handle) : createServer(handle);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `${tls ? 'https' : 'http'}://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const tasks = (name: string): string => `tasks: [{name: ${name}, actions: [{cmd: echo ${name}}]}]\n`;

const BIN = fileURLToPath(new URL('../../../bin/hoist', import.meta.url));

test('over https a token goes to its host, not to the one that it redirects to, and never into the output', async (context) => {
  const { write, folder } = context;
  const seen: (string | undefined)[] = [];
  const handle: Handle = ({ headers, url }, response) => {
    seen.push(headers.authorization);
    if (url === '/moved') response.writeHead(302, { location: `${other}/t` }).end();
    else if (url === '/plain') response.writeHead(302, { location: `${plain}/t` }).end();
    else response.end(tasks('one'));
  };
  const own = await serve(handle, true);
  const other = await serve(handle, true);
  const plain = await serve(handle);
  write('ca.pem', certificate().cert);
  const ran = async (path: string): Promise<{ code: number | null; output: string }> => {
    write('tasks.yaml', `includes: [{far: "${own}${path}"}]\ntasks: [{name: default, actions: [{task: "far:one"}]}]\n`);
    const child = spawn(process.execPath, [BIN, 'run'], {
      cwd: folder,
      env: {
        PATH: process.env['PATH'],
        HOME: folder,
        NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem'),
        MARU_AUTH: JSON.stringify({ [new URL(own).host]: 's3cr3t-token' }),
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
    const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
    return { code, output };
  };
  const direct = await ran('/t');
  assert.is(direct.code, 0, direct.output);
  assert.equal(seen.splice(0), ['Bearer s3cr3t-token']);
  assert.is((await ran('/moved')).code, 0);
  assert.equal(seen.splice(0), ['Bearer s3cr3t-token', undefined]);
  const unsafe = await ran('/plain');
  assert.is(unsafe.code, 2);
  assert.match(unsafe.output, 'without encryption');
  assert.equal(seen.splice(0), ['Bearer s3cr3t-token']);
  assert.not.match(direct.output + unsafe.output, 's3cr3t-token');
});

test.run();
