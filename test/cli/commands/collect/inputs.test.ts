// The specs at the `uri` of a spec: which take its place, and that it stays where none can be had.

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Place, createPlace } from '../../invoke.ts';

const test = suite<Place>('cli/commands/collect/inputs');
test.before.each((context) => void Object.assign(context, createPlace()));
test.after.each((context) => context.close());

const spec = (uri: string, name: string, kind = 'SupportBundle'): string =>
  `apiVersion: troubleshoot.sh/v1beta2\nkind: ${kind}\nmetadata: {name: b}\nspec:\n  uri: ${uri}\n  hostCollectors: [{run: {collectorName: ${name}, command: echo, args: []}}]\n`;

test('the spec of its kind at the address takes its place, and is not followed any further', async ({
  write,
  invoke,
}) => {
  const asked: string[] = [];
  const server = createServer(({ url = '' }, response) => {
    asked.push(url);
    const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    if (url === '/good') response.end(`${spec(`${base}/further`, 'theirs')}---\n${spec('""', 'other', 'Preflight')}`);
    else if (url === '/other') response.end(spec('""', 'other', 'Preflight'));
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const plan = async (uri: string, more = ['--follow-uri']): Promise<string> => {
    write('spec.yaml', spec(uri, 'ours'));
    const { stdout, stderr, error } = await invoke('collect', ['spec.yaml', '--dry-run', ...more]);
    assert.is(error, '');
    return stdout + stderr;
  };
  try {
    const good = await plan(`${base}/good`);
    assert.match(good, 'run/theirs');
    assert.not.match(good, /run\/(ours|other)/);
    for (const [path, why] of [
      ['/other', 'no SupportBundle is there'],
      ['/gone', 'the server answered 404'],
    ] as const) {
      const kept = await plan(base + path);
      assert.match(kept, `${base}${path} cannot be followed, so that its own content is used: ${why}`);
      assert.match(kept, 'run/ours');
    }
    assert.match(await plan('""'), 'run/ours');
    assert.match(await plan(`${base}/good`, []), 'run/ours');
    assert.equal(asked, ['/good', '/other', '/gone']);
  } finally {
    server.closeAllConnections();
    server.close();
  }
});

test.run();
