// Writes to etcd through its gateway: batches, a failure that ends the writing, and single keys.

import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { HoistError } from '../../../scripts/base/errors.ts';
import { type Entry, Etcd } from '../../../scripts/providers/viewer/etcd.ts';
import { type EtcdDouble, startEtcd } from '../../doubles/etcd.ts';
import { thrown } from '../../kube/helpers.ts';

const test = suite<{ double: EtcdDouble; etcd: Etcd }>('providers/viewer/etcd');
const { signal } = new AbortController();
test.before.each(async (context) => {
  context.double = await startEtcd();
  context.etcd = new Etcd(join(context.double.folder, 'etcd.sock'));
});
test.after.each(({ double }) => double.close());

async function* entries(count: number, size = 1): AsyncGenerator<Entry> {
  for (let at = 0; at < count; at++)
    yield await Promise.resolve({ key: `/k/${String(at).padStart(5, '0')}`, value: 'x'.repeat(size) });
}

test('all are written, 500 at a time at most', async ({ etcd, double }) => {
  const written: number[] = [];
  await etcd.putAll(entries(1_201), (count) => written.push(count), signal);
  assert.is(double.keys.size, 1_201);
  assert.equal(
    double.calls.map(({ body }) => body.success.length).sort((a, b) => a - b),
    [201, 500, 500],
  );
  assert.is(written.at(-1), 1_201);
  assert.is(written.length, 3);
  await etcd.putAll(entries(0), () => assert.unreachable(), signal);
});

test('large ones go in smaller batches', async ({ etcd, double }) => {
  await etcd.putAll(entries(5, 2 ** 21), () => undefined, signal);
  assert.equal(double.calls.map(({ body }) => body.success.length).sort(), [1, 2, 2]);
});

test('the first failure ends it', async ({ etcd, double }) => {
  double.broken = [500, 'no space'];
  const error = await thrown(
    HoistError,
    etcd.putAll(entries(100_000), () => undefined, signal),
  );
  assert.is(error.message, 'etcd answers 500 to /v3/kv/txn: no space');
  assert.ok(double.calls.length < 20);
  const reason = new Error('enough');
  const ended = await etcd.putAll(entries(1), () => undefined, AbortSignal.abort(reason)).catch((e: unknown) => e);
  assert.is(ended, reason);
});

test('single keys', async ({ etcd, double }) => {
  await etcd.put('/hoist/ü', 'é', signal);
  await etcd.put('/hoist/b', '', signal);
  await etcd.put('/hoisu', 'x', signal);
  assert.is(await etcd.get('/hoist/ü', signal), 'é');
  assert.is(await etcd.get('/hoist/b', signal), '');
  assert.is(await etcd.get('/none', signal), undefined);
  assert.equal(await etcd.keys('/hoist/', signal), ['/hoist/b', '/hoist/ü']);
  assert.equal(await etcd.keys('/none/', signal), []);
  await etcd.delete('/hoist/b', signal);
  assert.equal([...double.keys.keys()], ['/hoist/ü', '/hoisu']);
});

test.run();
