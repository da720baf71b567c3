// What a restore writes into etcd: the difference alone, in batches, with the identity of the cluster that gets it.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { CreationError } from '../../../../scripts/base/errors.ts';
import { readStored } from '../../../../scripts/providers/embedded/etcd/stored-object.ts';
import { IDENTITY_KEY } from '../../../../scripts/providers/embedded/snapshot/content.ts';
import { type Restored, restoreContent } from '../../../../scripts/providers/embedded/snapshot/restore.ts';
import type { Entry } from '../../../../scripts/providers/snapshots/records.ts';
import { type EtcdDouble, startEtcd } from '../../../doubles/etcd.ts';
import { thrown } from '../../../kube/helpers.ts';
import { stored } from '../etcd/stored.ts';

const test = suite<{ etcd: EtcdDouble }>('providers/embedded/snapshot/restore');
test.before.each(async (context) => void (context.etcd = await startEtcd()));
test.after.each(({ etcd }) => etcd.close());

const OLD = '11111111-1111-4111-8111-111111111111';
const NEW = '22222222-2222-4222-8222-222222222222';
const system = (uid: string): Buffer => stored({ kind: 'Namespace', name: 'kube-system', uid });

const entry = (name: string, value: string | Buffer = 'v'): Entry => ({
  key: `/registry/${name}`,
  value: Buffer.from(value),
});

async function* read(...entries: readonly (Entry | Error)[]): AsyncGenerator<Entry> {
  for (const one of entries) {
    if (one instanceof Error) throw one;
    yield await Promise.resolve(one);
  }
}

const restore = (
  { folder }: EtcdDouble,
  entries: readonly (Entry | Error)[],
  { sameKeys = true, signal = new AbortController().signal } = {},
): Promise<Restored> => restoreContent(folder, () => read(...entries), { sameKeys, signal });

/** What is in etcd, as text. */
const content = ({ keys }: EtcdDouble): Record<string, string> =>
  Object.fromEntries([...keys].map(([key, { value }]) => [key, Buffer.from(value, 'base64').toString('latin1')]));
const set = ({ keys }: EtcdDouble, name: string, value: string | Buffer, lease?: string): void =>
  void keys.set(`/registry/${name}`, {
    ...{ value: Buffer.from(value).toString('base64'), revision: 1 },
    ...(lease === undefined ? {} : { lease }),
  });

test('what is the same is not written, what the snapshot lacks goes, what is no content stays', async ({ etcd }) => {
  set(etcd, 'a/same', 'v');
  set(etcd, 'a/changed', 'before');
  set(etcd, 'a/gone', 'v');
  set(etcd, 'events/e', 'v', '77');
  set(etcd, 'masterleases/1', 'v');
  etcd.keys.set('/elsewhere', { value: '', revision: 1 });
  const done = await restore(etcd, [entry('a/same'), entry('a/changed'), entry('a/new'), entry('a/empty', '')]);
  assert.equal(done, { written: 3, removed: 1 });
  assert.equal(content(etcd), {
    '/registry/a/same': 'v',
    '/registry/a/changed': 'v',
    '/registry/a/new': 'v',
    '/registry/a/empty': '',
    '/registry/events/e': 'v',
    '/registry/masterleases/1': 'v',
    '/elsewhere': '',
  });
  const written = etcd.calls
    .flatMap(({ body }) => (body as Partial<typeof body>).success ?? [])
    .flatMap((one) => one.request_put?.key ?? []);
  assert.is(written.length, 3, 'the one that is the same is left alone');
});

test('the cluster keeps its own identity; one that has none yet gets a new one', async ({ etcd }) => {
  set(etcd, 'namespaces/kube-system', system(NEW));
  const snapshot = [entry('namespaces/kube-system', system(OLD))];
  assert.equal(await restore(etcd, snapshot), { written: 0, removed: 0 });
  const uid = (): string | undefined =>
    readStored(Buffer.from(etcd.keys.get(IDENTITY_KEY)?.value ?? '', 'base64'))?.uid;
  assert.is(uid(), NEW);
  etcd.keys.clear();
  await restore(etcd, snapshot);
  assert.match(uid() ?? '', /^[0-9a-f]{8}-[0-9a-f]{4}-4/);
  assert.is.not(uid(), OLD);
});

test('tokens go along only into the very cluster that signed them', async ({ etcd }) => {
  const type = 'kubernetes.io/service-account-token';
  const secret = stored({ kind: 'Secret', name: 't', namespace: 'a', data: { token: 'signed' }, type });
  await restore(etcd, [entry('secrets/a/t', secret)], { sameKeys: false });
  assert.not.match(content(etcd)['/registry/secrets/a/t'] ?? '', 'signed');
  await restore(etcd, [entry('secrets/a/t', secret)]);
  assert.match(content(etcd)['/registry/secrets/a/t'] ?? '', 'signed');
});

test('a thousand entries are held at most', async ({ etcd }) => {
  const keys = Array.from({ length: 1_001 }, (_, at) => entry(`a/${at}`));
  let seen = 0;
  const counted = async function* (): AsyncGenerator<Entry> {
    for (const [at, one] of keys.entries()) {
      if (at === 1_000) seen = etcd.keys.size;
      yield await Promise.resolve(one);
    }
  };
  const signal = new AbortController().signal;
  const done = await restoreContent(etcd.folder, counted, { sameKeys: true, signal });
  assert.equal([seen, done.written, etcd.keys.size], [1_000, 1_001, 1_001]);
});

test('a damaged snapshot says so itself; what etcd refuses is said of etcd; an end from outside is none of both', async ({
  etcd,
}) => {
  const damaged = new CreationError('the snapshot is damaged');
  assert.is(await thrown(CreationError, restore(etcd, [damaged])), damaged);
  const other = await thrown(CreationError, restore(etcd, [new Error('EIO')]));
  assert.is(other.message, 'the snapshot could not be written into etcd: EIO');
  etcd.broken = [500, 'no space'];
  assert.match((await thrown(CreationError, restore(etcd, []))).message, /into etcd: etcd answers 500: no space/);
  const reason = new Error('enough');
  const ended = await restore(etcd, [], { signal: AbortSignal.abort(reason) }).catch((error: unknown) => error);
  assert.is(ended, reason);
});

test.run();
