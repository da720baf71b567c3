// Writes to etcd as it is reached in its own folder: through its JSON gateway, over a socket.

import { request } from 'node:http';
import { HoistError } from '../../base/errors.ts';
import { toleratesLateErrors } from '../../host/late-errors.ts';

export interface Entry {
  key: string;
  value: string;
}

/** Bytes and entries of one transaction. */
const MOST_BYTES = 4 << 20;
const MOST_ENTRIES = 500;
/** Transactions at once: etcd writes one after the other, the rest is encoding. */
const AT_ONCE = 4;
const MOST_ANSWER = 256 << 20;

export class Etcd {
  readonly #socket: string;

  /** @param socket path of its socket; at most 107 bytes, so mostly relative to the working directory */
  constructor(socket: string) {
    this.#socket = socket;
  }

  /** Writes all, in no order; a key must not come twice. @param onWritten called with how many are written */
  async putAll(entries: AsyncIterable<Entry>, onWritten: (count: number) => void, signal: AbortSignal): Promise<void> {
    const running = new Set<Promise<void>>();
    let failure: { error: unknown } | undefined;
    let written = 0;
    for await (const batch of batches(entries)) {
      signal.throwIfAborted();
      if (failure) throw failure.error;
      const work: Promise<void> = this.#put(batch, signal)
        .then(() => onWritten((written += batch.length)))
        .catch((error: unknown) => void (failure ??= { error }))
        .finally(() => running.delete(work));
      running.add(work);
      if (running.size >= AT_ONCE) await Promise.race(running);
    }
    await Promise.all(running);
    if (failure) throw failure.error;
  }

  async #put(batch: readonly Entry[], signal: AbortSignal): Promise<void> {
    const success = batch.map(({ key, value }) => ({ request_put: { key: encoded(key), value: encoded(value) } }));
    await this.#call('/v3/kv/txn', { success }, signal);
  }

  put(key: string, value: string, signal: AbortSignal): Promise<void> {
    return this.#put([{ key, value }], signal);
  }

  /** undefined where there is no such key. */
  async get(key: string, signal: AbortSignal): Promise<string | undefined> {
    const { kvs = [] } = (await this.#call('/v3/kv/range', { key: encoded(key) }, signal)) as {
      kvs?: { value?: string }[];
    };
    return kvs[0] && Buffer.from(kvs[0].value ?? '', 'base64').toString('utf8');
  }

  async delete(key: string, signal: AbortSignal): Promise<void> {
    await this.#call('/v3/kv/deleterange', { key: encoded(key) }, signal);
  }

  /** All keys that begin so. */
  async keys(prefix: string, signal: AbortSignal): Promise<string[]> {
    const end = Buffer.from(prefix);
    end[end.length - 1] = (end.at(-1) ?? 0) + 1;
    const query = { key: encoded(prefix), range_end: end.toString('base64'), keys_only: true };
    const { kvs = [] } = (await this.#call('/v3/kv/range', query, signal)) as { kvs?: { key: string }[] };
    return kvs.map(({ key }) => Buffer.from(key, 'base64').toString('utf8'));
  }

  #call(path: string, body: object, signal: AbortSignal): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const headers = { 'content-type': 'application/json' };
      const sent = request({ socketPath: this.#socket, path, method: 'POST', headers, signal }, (answer) => {
        let text = '';
        answer.setEncoding('utf8');
        answer.on('data', (chunk: string) => {
          text += chunk;
          if (text.length > MOST_ANSWER) answer.destroy(new HoistError('etcd answers more than is worth reading'));
        });
        answer.on('error', reject);
        answer.on('end', () => {
          if (answer.statusCode === 200) resolve(JSON.parse(text));
          else reject(new HoistError(`etcd answers ${answer.statusCode ?? 0} to ${path}: ${text.slice(0, 500)}`));
        });
      });
      sent.on('error', reject);
      toleratesLateErrors(sent).end(JSON.stringify(body));
    });
  }
}

const encoded = (text: string): string => Buffer.from(text).toString('base64');

async function* batches(entries: AsyncIterable<Entry>): AsyncGenerator<Entry[]> {
  let batch: Entry[] = [];
  let bytes = 0;
  for await (const entry of entries) {
    batch.push(entry);
    bytes += entry.key.length + entry.value.length;
    if (bytes < MOST_BYTES && batch.length < MOST_ENTRIES) continue;
    yield batch;
    batch = [];
    bytes = 0;
  }
  if (batch.length > 0) yield batch;
}
