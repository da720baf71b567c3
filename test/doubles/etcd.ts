// A stand-in for etcd as far as hoist uses its JSON gateway: keys in memory, behind a socket file.

import { createServer } from 'node:http';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

interface Stored {
  value: string;
  revision: number;
  lease?: string;
}

interface Txn {
  compare?: { key: string }[];
  success: { request_put?: { key: string; value: string }; request_delete_range?: { key: string } }[];
}

interface Range {
  key: string;
  range_end?: string;
  limit?: number;
  revision?: string;
  count_only?: boolean;
}

export interface EtcdDouble {
  /** Where its socket `etcd.sock` is. */
  folder: string;
  /** By key, as text. */
  keys: Map<string, Stored>;
  /** Bodies of all calls so far. */
  calls: { path: string; body: Txn & Range }[];
  /** What it answers instead of what was asked for: a status and a text. */
  broken: [status: number, text: string] | undefined;
  close(): Promise<void>;
}

const plain = (base64: string): string => Buffer.from(base64, 'base64').toString('utf8');
const encoded = (of: string): string => Buffer.from(of, 'utf8').toString('base64');

export async function startEtcd(folder = mkdtempSync(join(tmpdir(), 'hoist-etcd-'))): Promise<EtcdDouble> {
  let revision = 1;
  const double: EtcdDouble = {
    ...{ folder, keys: new Map(), calls: [], broken: undefined },
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          rmSync(folder, { recursive: true, force: true });
          resolve();
        });
        server.closeAllConnections();
      }),
  };
  const { keys } = double;
  const txn = ({ compare = [], success }: Txn): object => {
    if (compare.some(({ key }) => keys.has(plain(key)))) return {};
    revision += 1;
    for (const { request_put: put, request_delete_range: gone } of success) {
      if (put) keys.set(plain(put.key), { value: put.value, revision });
      if (gone) keys.delete(plain(gone.key));
    }
    return { succeeded: true };
  };
  const range = ({ key, range_end: end, limit = Infinity, count_only: countOnly }: Range): object => {
    const [from, to] = [plain(key), end === undefined ? undefined : plain(end)];
    const found = [...keys]
      .filter(([name]) => (to === undefined ? name === from : name >= from && name < to))
      .sort(([a], [b]) => (a < b ? -1 : 1));
    const header = { revision: String(revision) };
    if (countOnly === true) return { header };
    const kvs = found.slice(0, limit).map(([name, { value, revision: at, lease }]) => ({
      ...{ key: encoded(name), mod_revision: String(at) },
      // As protobuf has it: what is empty is left out.
      ...(value === '' ? {} : { value }),
      ...(lease === undefined ? {} : { lease }),
    }));
    return { header, ...(kvs.length === 0 ? {} : { kvs }), ...(found.length > limit ? { more: true } : {}) };
  };
  const server = createServer((request, response) => {
    void text(request).then((sent) => {
      const body = JSON.parse(sent) as Txn & Range;
      const path = request.url ?? '';
      double.calls.push({ path, body });
      if (double.broken) {
        response.writeHead(double.broken[0]).end(double.broken[1]);
        return;
      }
      if (path === '/v3/kv/deleterange') keys.delete(plain(body.key));
      response.end(JSON.stringify(path === '/v3/kv/txn' ? txn(body) : path === '/v3/kv/range' ? range(body) : {}));
    });
  });
  server.on('connection', (socket) => socket.on('error', () => undefined));
  await new Promise<void>((resolve) => server.listen(join(folder, 'etcd.sock'), resolve));
  return double;
}
