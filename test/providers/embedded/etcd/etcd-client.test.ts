// Keys of etcd over its socket: pages at one revision, batches that are one transaction each, and what is refused.

import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { HoistError } from '../../../../scripts/base/errors.ts';
import { EtcdClient, type KeyValue, type StoredKey } from '../../../../scripts/providers/embedded/etcd/etcd-client.ts';
import { type EtcdDouble, startEtcd } from '../../../doubles/etcd.ts';
import { thrown } from '../../../kube/helpers.ts';

const test = suite<{ etcd: EtcdDouble; client: EtcdClient }>('providers/embedded/etcd/etcd-client');
test.before.each(async (context) => {
  context.etcd = await startEtcd();
  context.client = new EtcdClient(context.etcd.folder);
});
test.after.each(async ({ client, etcd }) => {
  await client.close();
  await etcd.close();
});

const pair = (key: string, value = 'v'): KeyValue => ({ key, value: Buffer.from(value) });
async function pages(client: EtcdClient, prefix: string, revision?: string): Promise<StoredKey[][]> {
  const found: StoredKey[][] = [];
  for await (const page of client.keys(prefix, revision === undefined ? {} : { revision })) found.push(page);
  return found;
}

test('what is written is read, with its revision and whether it goes by itself', async ({ client, etcd }) => {
  assert.is(await client.create([pair('/a/ü', 'é'), pair('/a/empty', '')]), 2);
  etcd.keys.set('/a/z', { value: '', revision: 9, lease: '77' });
  etcd.keys.set('/b', { value: '', revision: 9 });
  const [page = []] = await pages(client, '/a/');
  assert.equal(page, [
    { key: '/a/empty', value: Buffer.from(''), revision: '2', expires: false },
    { key: '/a/z', value: Buffer.from(''), revision: '9', expires: true },
    { key: '/a/ü', value: Buffer.from('é'), revision: '2', expires: false },
  ]);
  assert.equal(await pages(client, '/none/'), []);
  assert.is(await client.revision(), '2');
});

test('a prefix ends where the next one begins', async ({ client, etcd }) => {
  for (const key of ['/a', '/a/', '/a/x', '/a0', '/b']) etcd.keys.set(key, { value: '', revision: 1 });
  assert.equal(
    (await pages(client, '/a/')).flat().map(({ key }) => key),
    ['/a/', '/a/x'],
  );
});

test('many keys come in pages, all as they were at the revision of the first one', async ({ client, etcd }) => {
  for (let at = 0; at < 501; at++) etcd.keys.set(`/a/${String(at).padStart(4, '0')}`, { value: '', revision: 1 });
  const found = await pages(client, '/a/');
  assert.equal(
    found.map((page) => page.length),
    [250, 250, 1],
  );
  assert.is(new Set(found.flat().map(({ key }) => key)).size, 501);
  assert.equal(
    etcd.calls.map(({ body }) => body.revision),
    [undefined, '1', '1'],
  );
  await pages(client, '/a/', '7');
  assert.equal(
    etcd.calls.slice(3).map(({ body }) => body.revision),
    ['7', '7', '7'],
  );
  etcd.keys.delete('/a/0500');
  assert.equal(
    (await pages(client, '/a/')).map((page) => page.length),
    [250, 250],
  );
});

test('of a batch in which one key is there, none is written', async ({ client, etcd }) => {
  etcd.keys.set('/k/0130', { value: '', revision: 1 });
  const pairs = Array.from({ length: 200 }, (_, at) => pair(`/k/${String(at).padStart(4, '0')}`));
  assert.is(await client.create(pairs), 128);
  assert.is(etcd.keys.size, 129);
  assert.equal(
    etcd.calls.map(({ body }) => body.success.length),
    [128, 72],
  );
});

test('a batch has 128 operations and a mebibyte at most; what is larger goes alone', async ({ client, etcd }) => {
  const sizes = async (values: number[]): Promise<number[]> => {
    etcd.calls.length = 0;
    await client.change({ put: values.map((size, at) => pair(String(at), 'x'.repeat(size - 1))), remove: [] });
    return etcd.calls.map(({ body }) => body.success.length);
  };
  assert.equal(await sizes(Array<number>(128).fill(8)), [128]);
  assert.equal(await sizes(Array<number>(9).fill(8)), [9]);
  assert.equal(await sizes([2 ** 19, 2 ** 19]), [2]);
  assert.equal(await sizes([2 ** 19, 2 ** 19 + 1]), [1, 1]);
  assert.equal(await sizes([2 ** 20 + 5, 8, 8]), [1, 2]);
  assert.equal(await sizes([8, 2 ** 20 + 5, 8]), [1, 1, 1]);
  assert.equal(await sizes([2 ** 20, 2 ** 20]), [1, 1]);
});

test('keys are changed and removed, whatever is there', async ({ client, etcd }) => {
  for (let at = 0; at < 130; at++) etcd.keys.set(`/old/${at}`, { value: '', revision: 1 });
  await client.change({
    put: [pair('/old/0', 'new')],
    remove: Array.from({ length: 129 }, (_, at) => `/old/${at + 1}`),
  });
  assert.equal([...etcd.keys.keys()], ['/old/0']);
  assert.is(Buffer.from(etcd.keys.get('/old/0')?.value ?? '', 'base64').toString(), 'new');
  assert.equal(
    etcd.calls.map(({ body }) => body.success.length),
    [1, 128, 1],
  );
});

test('a refusal is an error with its beginning, and an end from outside ends it', async ({ client, etcd }) => {
  etcd.broken = [400, `etcdserver: ${'x'.repeat(400)}`];
  const error = await thrown(HoistError, client.revision());
  assert.is(error.message, `etcd answers 400: etcdserver: ${'x'.repeat(188)}`);
  const reason = new Error('enough');
  const ended = await client.revision(AbortSignal.abort(reason)).catch((e: unknown) => e);
  assert.ok(ended instanceof Error && (ended === reason || ended.cause === reason));
});

test('a folder whose socket has a long path', async () => {
  if (process.platform !== 'linux') return;
  const folder = join(mkdtempSync(join(tmpdir(), 'hoist-etcd-')), 'x'.repeat(20));
  mkdirSync(folder);
  const etcd = await startEtcd(folder);
  // The server listens by its short name; the client is given a long one for the same folder.
  const client = new EtcdClient(`${folder}${'/.'.repeat(60)}/../${'x'.repeat(20)}`);
  assert.is(await client.revision(), '1');
  await client.close();
  await etcd.close();
});

test('a call that is cancelled rejects with the reason, whether or not the answer has begun', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'etcd-silent-'));
  const reason = new HoistError('interrupted');
  for (const begins of [false, true]) {
    const server = createServer((_, response) => {
      if (begins) response.write('{');
    });
    const asked = once(server, 'request');
    await new Promise<void>((done) => server.listen(join(folder, 'etcd.sock'), done));
    const client = new EtcdClient(folder);
    const abort = new AbortController();
    const asking = thrown(HoistError, client.revision(abort.signal));
    await asked;
    abort.abort(reason);
    assert.is(await asking, reason);
    await client.close();
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  }
  rmSync(folder, { recursive: true });
});

test.run();
