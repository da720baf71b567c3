// Reads and writes keys of a cluster's etcd over its socket: what the API has no word for, as all keys at one revision.

import { type FileHandle, open } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { HoistError } from '../../../base/errors.ts';
import { collectBounded } from '../../../host/files/bounded.ts';
import { toleratesLateErrors } from '../../../host/late-errors.ts';

export interface KeyValue {
  key: string;
  value: Buffer;
}

/** A key as it stands. */
export interface StoredKey extends KeyValue {
  /** Of its last change. */
  revision: string;
  /** etcd removes the key by itself after some time. */
  expires: boolean;
}

/** etcd's limits are 128 operations and 1.5 MiB; the gateway's JSON is decoded before they count. */
const MOST_OPERATIONS = 128;
const MOST_BYTES = 2 ** 20;
/** A page of keys; one object has at most 1.5 MiB. */
const PAGE_KEYS = 250;
const ANSWER_MAX = 600 * 2 ** 20;
/** A path in a socket's address has at most 107 bytes, on macOS 103. */
const SOCKET_PATH_MAX = 103;
const TIMEOUT_MS = 30_000;

interface RangeAnswer {
  header?: { revision?: string };
  kvs?: { key: string; value?: string; mod_revision?: string; lease?: string }[];
  more?: boolean;
}

/**
 * etcd speaks JSON over HTTP beside gRPC; that takes no library, and at these sizes no time.
 * Close it after use.
 */
export class EtcdClient {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  readonly #folder: string;
  #handle: FileHandle | undefined;

  /** @param folder the cluster's own, where `etcd.sock` is. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** The revision of the newest change. */
  async revision(signal?: AbortSignal): Promise<string> {
    const answer = await this.#call<RangeAnswer>('range', { key: encode('\0'), count_only: true }, signal);
    return answer.header?.revision ?? '0';
  }

  /** All keys below a prefix, page by page, as they were at one revision; defaults to the current one. */
  async *keys(prefix: string, options: { revision?: string; signal?: AbortSignal } = {}): AsyncGenerator<StoredKey[]> {
    let from = prefix;
    let revision = options.revision;
    for (;;) {
      const query = { key: encode(from), range_end: encode(endOf(prefix)), limit: PAGE_KEYS, revision };
      const answer = await this.#call<RangeAnswer>('range', query, options.signal);
      const page = (answer.kvs ?? []).map(({ key, value = '', mod_revision = '0', lease = '0' }) => ({
        key: Buffer.from(key, 'base64').toString('utf8'),
        value: Buffer.from(value, 'base64'),
        revision: mod_revision,
        expires: lease !== '0',
      }));
      if (page.length > 0) yield page;
      const last = page.at(-1);
      if (answer.more !== true || last === undefined) return;
      revision ??= answer.header?.revision;
      from = `${last.key}\0`;
    }
  }

  /** Writes keys that are not there yet; of a batch in which one is, none is written. Resolves with how many were. */
  async create(pairs: readonly KeyValue[], signal?: AbortSignal): Promise<number> {
    let created = 0;
    for (const batch of batches(pairs)) {
      const compare = batch.map(({ key }) => ({ key: encode(key), target: 'CREATE', create_revision: '0' }));
      const answer = await this.#call<{ succeeded?: boolean }>('txn', { compare, success: puts(batch) }, signal);
      if (answer.succeeded === true) created += batch.length;
    }
    return created;
  }

  /** Writes and deletes keys, whatever is there. */
  async change(
    { put, remove }: { put: readonly KeyValue[]; remove: readonly string[] },
    signal?: AbortSignal,
  ): Promise<void> {
    for (const batch of batches(put)) await this.#call('txn', { success: puts(batch) }, signal);
    for (let at = 0; at < remove.length; at += MOST_OPERATIONS) {
      const success = remove
        .slice(at, at + MOST_OPERATIONS)
        .map((key) => ({ request_delete_range: { key: encode(key) } }));
      await this.#call('txn', { success }, signal);
    }
  }

  async close(): Promise<void> {
    this.#agent.destroy();
    await this.#handle?.close();
    this.#handle = undefined;
  }

  async #call<T>(method: 'range' | 'txn', body: object, signal: AbortSignal | undefined): Promise<T> {
    const socketPath = await this.#socketPath();
    const limit = AbortSignal.timeout(TIMEOUT_MS);
    const end = signal ? AbortSignal.any([signal, limit]) : limit;
    const text = await new Promise<string>((resolve, rejectWith) => {
      // Node's own error says neither who ended it nor why.
      const reject = (error: Error): void => {
        if (signal?.aborted === true) rejectWith(signal.reason as Error);
        else rejectWith(limit.aborted ? new HoistError(`etcd has not answered within ${TIMEOUT_MS / 1000} s`) : error);
      };
      const call = request(
        {
          socketPath,
          path: `/v3/kv/${method}`,
          method: 'POST',
          agent: this.#agent,
          signal: end,
        },
        (response) => {
          collectBounded(response, ANSWER_MAX).then((bytes) => {
            const answer = bytes.toString('utf8');
            if (response.statusCode === 200) resolve(answer);
            else reject(new HoistError(`etcd answers ${response.statusCode ?? 0}: ${answer.slice(0, 200)}`));
          }, reject);
        },
      );
      call.on('error', reject);
      toleratesLateErrors(call).end(JSON.stringify(body));
    });
    return JSON.parse(text) as T;
  }

  /** A long path is reached by way of the open folder, which has a short name on Linux. */
  async #socketPath(): Promise<string> {
    const path = join(this.#folder, 'etcd.sock');
    if (Buffer.byteLength(path) <= SOCKET_PATH_MAX) return path;
    this.#handle ??= await open(this.#folder);
    return `/proc/self/fd/${this.#handle.fd}/etcd.sock`;
  }
}

function encode(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64');
}

/** The first key after all those with a prefix. */
function endOf(prefix: string): string {
  return prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1);
}

function puts(batch: readonly KeyValue[]): object[] {
  return batch.map(({ key, value }) => ({ request_put: { key: encode(key), value: value.toString('base64') } }));
}

/** One transaction each. */
function* batches(pairs: readonly KeyValue[]): Generator<KeyValue[]> {
  let batch: KeyValue[] = [];
  let bytes = 0;
  for (const pair of pairs) {
    const size = pair.key.length + pair.value.length;
    if (batch.length > 0 && (batch.length === MOST_OPERATIONS || bytes + size > MOST_BYTES)) {
      yield batch;
      [batch, bytes] = [[], 0];
    }
    batch.push(pair);
    bytes += size;
  }
  if (batch.length > 0) yield batch;
}
