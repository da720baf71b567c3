// Specs from wherever they are: every operand's text, or every reason at once; redirects as far as they may lead.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { failureOf } from '../../failure.ts';
import { ConfigError } from '../../../scripts/base/errors.ts';
import type { ClusterAccess } from '../../../scripts/support/cluster/reach.ts';
import { type SourceInputs, readTexts } from '../../../scripts/support/sources/texts.ts';

interface Context {
  folder: string;
  server: Server;
  base: string;
}

const sources = suite<Context>('support/sources/texts');

sources.before(async (context) => {
  context.folder = mkdtempSync(join(tmpdir(), 'texts-test-'));
  writeFileSync(join(context.folder, 'a.yaml'), 'text of a');
  context.server = createServer(({ url = '' }, response) => {
    const [, status = '', left = '', to = ''] = /^\/(\d+)\/?(\d*)(?:\?to=(.*))?$/.exec(url) ?? [];
    const location =
      to !== '' ? to : left !== '' ? (left === '1' ? '/200' : `/${status}/${Number(left) - 1}`) : undefined;
    response.writeHead(Number(status), location === undefined ? {} : { location }).end(`body of ${url}`);
  });
  await new Promise<void>((resolve) => context.server.listen(0, '127.0.0.1', resolve));
  context.base = `http://127.0.0.1:${(context.server.address() as AddressInfo).port}`;
});
sources.after(({ folder, server }) => {
  rmSync(folder, { recursive: true, force: true });
  server.close();
});

/** Texts by name, or what is wrong with which operand. */
async function read(
  { folder }: Pick<Context, 'folder'>,
  operands: string[],
  more: Partial<SourceInputs> = {},
): Promise<string[]> {
  const inputs: SourceInputs = {
    cwd: folder,
    env: {},
    stdin: Readable.from(['from stdin']) as never,
    access: () => Promise.reject(new Error('no cluster')),
    signal: new AbortController().signal,
    ...more,
  };
  try {
    return (await readTexts(operands, inputs)).map(({ name, text }) => `${name}: ${text}`);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map(({ where, message }) => `${where} ${message}`);
  }
}

sources('files, standard input and addresses, in the order of the operands', async (context) => {
  const { base } = context;
  assert.equal(await read(context, ['a.yaml', '-', `${base}/200`]), [
    'a.yaml: text of a',
    'stdin: from stdin',
    `${base}/200: body of /200`,
  ]);
});

sources('all that cannot be read is named at once; an interruption is none of it', async (context) => {
  const found = await read(context, ['none.yaml', 'a.yaml', `${context.base}/404`, 'secret/n/s']);
  assert.is(found.length, 3);
  assert.match(found.join('\n'), /^none\.yaml cannot be read: /m);
  assert.match(found.join('\n'), `${context.base}/404 cannot be read: the server answered 404`);
  assert.match(found.join('\n'), 'secret/n/s cannot be read: no cluster');
  const stopped = read(context, ['none.yaml'], { signal: AbortSignal.abort(new Error('interrupted')) });
  assert.is(await failureOf(stopped), 'interrupted');
});

sources('answers that lead elsewhere are followed five times; others are no specs', async (context) => {
  const { base } = context;
  const cases: [path: string, found: string][] = [
    ['/302/5', 'body of /200'],
    ['/302/6', 'it redirects too often'],
    ['/300/1', 'body of /200'],
    ['/399/1', 'body of /200'],
    ['/302', 'the server answered 302'],
    ['/201', 'the server answered 201'],
    ['/200/1', 'body of /200/1'],
    ['/400/1', 'the server answered 400'],
    ['/302?to=ftp://x', 'it redirects to ftp:, which is no https address'],
  ];
  for (const [path, end] of cases) {
    const [found = ''] = await read(context, [`${base}${path}`]);
    assert.ok(found.endsWith(`: ${end}`), `${path}: ${found}`);
  }
});

sources('objects of the cluster: one key of them, or all; Secrets decoded', async (context) => {
  const data = { a: 'text a', b: 'text b' };
  const encoded = Object.fromEntries(
    Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString('base64')]),
  );
  const asked: string[] = [];
  const json = ({ path }: { path: string }) => {
    asked.push(path);
    return Promise.resolve({
      metadata: { namespace: 'n', name: 'o' },
      data: path.includes('/secrets/') ? encoded : path.endsWith('empty') ? undefined : data,
    });
  };
  const access = (): Promise<ClusterAccess> => Promise.resolve({ client: { json } } as unknown as ClusterAccess);
  assert.equal(await read(context, ['secret/n/o', 'configmap/n/o/b'], { access }), [
    'secret/n/o/a: text a',
    'secret/n/o/b: text b',
    'configmap/n/o/b: text b',
  ]);
  assert.equal(asked, ['/api/v1/namespaces/n/secrets/o', '/api/v1/namespaces/n/configmaps/o']);
  assert.equal(await read(context, ['configmap/n/empty'], { access }), []);
  const cases: [operand: string, why: string][] = [
    ['secret/n/o/c', 'it has no key "c"'],
    ['secret/n', 'it has another form than secret/NAMESPACE/NAME[/KEY]'],
    ['configmap//o', 'it has another form than configmap/NAMESPACE/NAME[/KEY]'],
    ['secret/n/o/a/b', 'it has another form than secret/NAMESPACE/NAME[/KEY]'],
  ];
  for (const [operand, why] of cases)
    assert.equal(await read(context, [operand], { access }), [`${operand} cannot be read: ${why}`]);
});

sources.run();
