// Task files that URLs name: pinned by a lock file, kept in a cache, fetched within limits, tokens for their own host alone.

import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder } from '../../host/files/make-folder.ts';
import { HoistError, messageOf } from '../../base/errors.ts';
import { writeAtomic } from '../../host/files/files.ts';
import { parseTaskFile } from '../file/read.ts';
import type { LockFile } from './lock-file.ts';
import { basicOf, publicUrl } from './public-url.ts';
import type { Remote } from './program.ts';

const MOST_BYTES = 4 * 1024 * 1024;
const WAITING_MS = 3_000;
const TIMEOUT_MS = 30_000;
const LOOPBACK = /^(?:127\.|localhost$|\[::1\]$)/;
const MOST_REDIRECTS = 5;

export interface RemoteOptions {
  lock: LockFile;
  /** Folder of what was fetched, by its sum. */
  cache: string;
  /** Token by host. */
  tokens: ReadonlyMap<string, string>;
  offline: boolean;
  /** Pins what the URLs stand for now, whatever the lock file says. */
  updateLock: boolean;
  /** Refuses URLs that are not pinned: no user is there to see what is. */
  ci: boolean;
  /** ms for the whole of one file; defaults to 30 s. */
  timeoutMs?: number;
  /** ms without an answer after which that is said; defaults to 3 s. */
  waitingMs?: number;
  signal: AbortSignal;
  say: (line: string) => void;
}

export function remoteIncludes(options: RemoteOptions): Remote {
  return async (url) => parseTaskFile(await contentOf(url, options), publicUrl(url), url);
}

async function contentOf(address: string, options: RemoteOptions): Promise<string> {
  const url = publicUrl(address);
  const { lock, updateLock, offline, ci } = options;
  const pinned = lock.sumOf(url);
  if (pinned !== undefined && !updateLock) {
    const cached = await fromCache(pinned, options);
    if (cached !== undefined) return cached;
  }
  if (offline) {
    throw new HoistError(`${url} is not in the cache`, { hint: 'Run once without --offline.' });
  }
  if (pinned === undefined && ci && !updateLock) {
    throw new HoistError(`${url} is not pinned in ${lock.path}, as it must be where CI is set`, {
      hint: 'Run it outside of CI once, or with --update-lock, and commit the lock file.',
    });
  }
  const text = await fetchText(address, options);
  const sum = createHash('sha256').update(text).digest('hex');
  if (pinned !== undefined && pinned !== sum && !updateLock) {
    throw new HoistError(`${url} has changed: its SHA-256 is ${sum}, but ${lock.path} pins ${pinned}`, {
      hint: 'Look at what changed; --update-lock accepts it.',
    });
  }
  await makeFolder(options.cache);
  await writeAtomic(join(options.cache, sum), text);
  lock.pin(url, sum);
  if (await lock.save()) options.say(`pinned ${url} in ${lock.path}`);
  return text;
}

/** Undefined where it is not there, or is not what its name says. */
async function fromCache(sum: string, { cache }: RemoteOptions): Promise<string | undefined> {
  const text = await readFile(join(cache, sum), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  return createHash('sha256').update(text).digest('hex') === sum ? text : undefined;
}

/** Says what is waited for where that takes long. */
async function fetchText(address: string, options: RemoteOptions): Promise<string> {
  const { host, hostname, protocol } = new URL(address);
  if (protocol === 'http:' && !LOOPBACK.test(hostname)) options.say(`${publicUrl(address)} is read without encryption`);
  const timer = setTimeout(() => options.say(`waiting for ${host}`), options.waitingMs ?? WAITING_MS);
  try {
    return await follow(address, options);
  } finally {
    clearTimeout(timer);
  }
}

async function follow(address: string, { tokens, signal, timeoutMs = TIMEOUT_MS }: RemoteOptions): Promise<string> {
  const url = publicUrl(address);
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
  const first = new URL(address);
  const basic = first.protocol === 'https:' ? basicOf(first) : undefined;
  first.username = '';
  first.password = '';
  let at = first;
  for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
    // A token goes to the host that it is for, and never unencrypted.
    const known = at.protocol === 'https:' && at.host === first.host;
    const token = known ? tokens.get(at.host) : undefined;
    const authorization = token === undefined ? (known ? basic : undefined) : `Bearer ${token}`;
    let response: Response;
    try {
      response = await fetch(at, {
        redirect: 'manual',
        signal: deadline,
        headers: {
          accept: 'application/vnd.github.raw+json',
          'user-agent': 'hoist',
          ...(authorization === undefined ? {} : { authorization }),
        },
      });
    } catch (error) {
      signal.throwIfAborted();
      throw new HoistError(`${url} cannot be fetched: ${reasonOf(error, timeoutMs)}`);
    }
    const location = response.headers.get('location');
    if (response.status >= 300 && response.status < 400 && location !== null) {
      await response.body?.cancel();
      const next = new URL(location, at);
      if (!['http:', 'https:'].includes(next.protocol)) {
        throw new HoistError(`${url} redirects to a ${next.protocol} address, which is no server's`);
      }
      if (at.protocol === 'https:' && next.protocol !== 'https:') {
        throw new HoistError(`${url} redirects to ${next.host} without encryption`);
      }
      at = next;
      continue;
    }
    if (!response.ok) {
      await response.body?.cancel();
      const hint = [401, 403, 404].includes(response.status)
        ? `A token for ${first.host} can be given in MARU_AUTH.`
        : undefined;
      throw new HoistError(`${url} cannot be fetched: the server answered with ${response.status}`, { hint });
    }
    return bounded(response, url, timeoutMs);
  }
  throw new HoistError(`${url} redirects more than ${MOST_REDIRECTS} times`);
}

function reasonOf(error: unknown, timeoutMs: number): string {
  if (error instanceof Error && error.name === 'TimeoutError') return `no whole answer within ${timeoutMs / 1000} s`;
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return messageOf(cause);
}

async function bounded(response: Response, url: string, timeoutMs: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
      bytes += chunk.length;
      if (bytes > MOST_BYTES) throw new HoistError(`${url} is larger than ${MOST_BYTES} bytes`);
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof HoistError) throw error;
    throw new HoistError(`${url} cannot be fetched: ${reasonOf(error, timeoutMs)}`);
  }
  return Buffer.concat(chunks).toString('utf8');
}
