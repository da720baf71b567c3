// The logs in a bundle: where that of a container is, and the part of it that a client asks for.

import { createInterface } from 'node:readline';
import { Readable, Transform } from 'node:stream';
import type { FileStore } from '../bundle/store.ts';

export interface LogQuery {
  namespace: string;
  pod: string;
  container: string;
  previous: boolean;
  /** Newest lines; defaults to all. */
  tailLines?: number | undefined;
  /** Lines from then on, ms since the epoch; lines without a time at their start stay. */
  sinceMs?: number | undefined;
  /** First bytes of what is left. */
  limitBytes?: number | undefined;
}

const ROOT = 'cluster-resources/pods/logs/';

export class BundleLogs {
  readonly #store: FileStore;
  /** Logs of older bundles, by `POD/CONTAINER`: they are in the folder of their collector. */
  readonly #elsewhere = new Map<string, string>();

  constructor(store: FileStore) {
    this.#store = store;
    for (const path of store.list()) {
      if (!path.endsWith('.log') || path.startsWith(ROOT)) continue;
      const short = path.split('/').slice(-2).join('/');
      if (!this.#elsewhere.has(short)) this.#elsewhere.set(short, path);
    }
  }

  /** undefined where the bundle has no such log. */
  async read(query: LogQuery): Promise<Readable | undefined> {
    const path = this.#find(query);
    if (path === undefined) return undefined;
    const { tailLines, sinceMs, limitBytes } = query;
    const whole = (): Readable => this.#store.stream(path) ?? Readable.from([]);
    if (tailLines === undefined && sinceMs === undefined) return limited(whole(), limitBytes);
    const kept = { skip: 0, sinceMs };
    if (tailLines !== undefined) {
      let lines = 0;
      for await (const line of linesOf(whole())) if (isSince(line, sinceMs)) lines++;
      kept.skip = Math.max(0, lines - tailLines);
    }
    return limited(Readable.from(partOf(whole(), kept)), limitBytes);
  }

  #find({ namespace, pod, container, previous }: LogQuery): string | undefined {
    const file = `${container}${previous ? '-previous' : ''}.log`;
    const path = `${ROOT}${namespace}/${pod}/${file}`;
    return this.#store.get(path) ? path : this.#elsewhere.get(`${pod}/${file}`);
  }
}

function linesOf(source: Readable): AsyncIterable<string> {
  return createInterface({ input: source, crlfDelay: Infinity });
}

async function* partOf(
  source: Readable,
  { skip, sinceMs }: { skip: number; sinceMs: number | undefined },
): AsyncGenerator<Buffer> {
  let seen = 0;
  for await (const line of linesOf(source)) {
    if (isSince(line, sinceMs) && seen++ >= skip) yield Buffer.from(`${line}\n`);
  }
}

function isSince(line: string, sinceMs: number | undefined): boolean {
  if (sinceMs === undefined) return true;
  const [time] = /^\d{4}-\d{2}-\d{2}T[\d:.]+(Z|[+-]\d{2}:\d{2})/.exec(line) ?? [];
  const ms = time === undefined ? NaN : Date.parse(time);
  return Number.isNaN(ms) || ms >= sinceMs;
}

function limited(source: Readable, bytes: number | undefined): Readable {
  if (bytes === undefined) return source;
  let left = bytes;
  return source.pipe(
    new Transform({
      transform(chunk: Buffer, _encoding, done) {
        const part = chunk.subarray(0, left);
        left -= part.length;
        done(null, part);
      },
    }),
  );
}
