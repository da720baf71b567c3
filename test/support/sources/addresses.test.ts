// Specs at addresses: logins are sent and never shown, and what begins with TLS ends with it.

import { createServer } from 'node:http';
import { createServer as createTls } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { Agent, getGlobalDispatcher, setGlobalDispatcher } from 'undici';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readTexts } from '../../../scripts/support/sources/texts.ts';
import { certificate } from '../../doubles/certificates.ts';

const addresses = suite('specs at addresses');

const listen = async (server: Server): Promise<number> => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
};

const read = (url: string): ReturnType<typeof readTexts> =>
  readTexts([url], {
    cwd: '/',
    env: {},
    stdin: process.stdin,
    access: () => Promise.reject(new Error('no cluster')),
    signal: new AbortController().signal,
  });

const failure = (url: string): Promise<string> =>
  read(url).then(
    () => 'read',
    (error: unknown) => (error as Error).message,
  );

addresses('a login is sent to its own server, and is no part of the name', async () => {
  const seen: (string | undefined)[] = [];
  const other = createServer((request, response) => {
    seen.push(request.headers.authorization);
    response.end('kind: SupportBundle\n');
  });
  const otherPort = await listen(other);
  const server = createServer((request, response) => {
    seen.push(request.headers.authorization);
    response.writeHead(302, { location: `http://127.0.0.1:${otherPort}/x` }).end();
  });
  const port = await listen(server);
  try {
    const [text] = await read(`http://ann:tok3n%2FSecret@127.0.0.1:${port}/a`);
    assert.equal(text, { name: `http://127.0.0.1:${port}/a`, text: 'kind: SupportBundle\n' });
    assert.equal(seen, [`Basic ${Buffer.from('ann:tok3n/Secret').toString('base64')}`, undefined]);
  } finally {
    server.close();
    other.close();
  }
});

addresses('a redirect that leaves TLS, or HTTP altogether, is an error that says so', async () => {
  const pair = certificate();
  const plain = createServer((_request, response) => response.end('kind: SupportBundle\n'));
  const plainPort = await listen(plain);
  const targets: Record<string, string> = { '/plain': `http://127.0.0.1:${plainPort}/`, '/file': 'file:///etc/passwd' };
  const server = createTls(pair, (request, response) => {
    const location = targets[request.url ?? ''];
    if (location === undefined) response.end('fine');
    else response.writeHead(302, { location }).end();
  });
  const port = await listen(server);
  const before = getGlobalDispatcher();
  setGlobalDispatcher(new Agent({ connect: { ca: pair.cert } }));
  try {
    assert.is((await read(`https://127.0.0.1:${port}/`))[0]?.text, 'fine');
    assert.match(await failure(`https://127.0.0.1:${port}/plain`), 'redirects to an address without TLS');
    assert.match(await failure(`https://127.0.0.1:${port}/file`), 'redirects to file:, which is no https address');
  } finally {
    setGlobalDispatcher(before);
    server.close();
    plain.close();
  }
});

addresses.run();
