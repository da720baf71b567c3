// Fetches the indexes of chart repositories, each apart from the others, and merges them for helm under a lock.

import { bytesText } from '../../../base/units.ts';
import { link, readFile, readdir, rename, rm, stat } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { makeFolder } from '../../../host/files/make-folder.ts';
import type { StepContext } from '../../../engine/step.ts';
import { ServicesError, isErrno, messageOf } from '../../../base/errors.ts';
import { collectBounded, tooLarge } from '../../../host/files/bounded.ts';
import { temporaryBeside, writeAtomic } from '../../../host/files/files.ts';
import { withLock } from '../../../host/lock.ts';
import type { Environment } from '../../../host/paths.ts';
import { DownloadError, discard, get } from '../../../tools/download/http.ts';
import type { HelmHome } from '../home.ts';
import { readIndex } from './index-file.ts';

/** Bytes of an index, also unpacked; the largest known ones have a fifth of it. */
const INDEX_MAX = 128 * 2 ** 20;

/** A repository with its credentials, which are never shown or stored. */
export interface Repo {
  name: string;
  url: string;
  username?: string | undefined;
  password?: string | undefined;
}

/** What is kept beside an index. */
interface IndexMeta {
  name: string;
  url: string;
  etag?: string | undefined;
  lastModified?: string | undefined;
  bytes: number;
}

/** The same name may stand for another address tomorrow, so the address is part of the folder's name. */
export function repoKey({ name, url }: Pick<Repo, 'name' | 'url'>): string {
  return `${name}-${createHash('sha256').update(url).digest('hex').slice(0, 12)}`;
}

export function indexFile(home: HelmHome, repo: Repo): string {
  return join(home.repos, repoKey(repo), 'index.yaml');
}

/** Headers for requests below the address of the repository. */
export function authorizationOf({ username, password }: Repo): Record<string, string> {
  if (username === undefined) return {};
  return { authorization: `Basic ${Buffer.from(`${username}:${password ?? ''}`).toString('base64')}` };
}

/**
 * Brings the index up to date; one that has not changed since costs an answer without a body. Where the repository is
 * unreachable, the index of last time serves on, with a warning.
 * @throws ServicesError where there is none yet
 */
export async function refreshIndex(repo: Repo, home: HelmHome, env: Environment, context: StepContext): Promise<void> {
  const folder = join(home.repos, repoKey(repo));
  await makeFolder(folder);
  await withLock(join(home.locks, `${repoKey(repo)}.lock`), { signal: context.signal }, async () => {
    const known = await readMeta(folder);
    try {
      const bytes = await fetchIndex(repo, { folder, known }, env, context);
      context.note(`${bytes === undefined ? 'unchanged, ' : ''}index of ${bytesText(bytes ?? known?.bytes ?? 0)}`);
    } catch (error) {
      if (!(error instanceof DownloadError)) throw error;
      if (known === undefined || !isPassing(error)) throw notFetched(repo, error);
      context.warn(`${messageOf(error)}; the index of last time serves on`);
    }
  });
  await mergeRepositories(home, context.signal);
}

/** Resolves with the size of a new index; undefined where that of last time is still right. */
async function fetchIndex(
  repo: Repo,
  { folder, known }: { folder: string; known: IndexMeta | undefined },
  env: Environment,
  context: StepContext,
): Promise<number | undefined> {
  const url = `${repo.url.replace(/\/$/, '')}/index.yaml`;
  const answer = await get(url, {
    env,
    signal: context.signal,
    headers: {
      'accept-encoding': 'gzip',
      ...authorizationOf(repo),
      ...(known?.etag === undefined ? {} : { 'if-none-match': known.etag }),
      ...(known?.lastModified === undefined ? {} : { 'if-modified-since': known.lastModified }),
    },
  });
  if (answer.status === 304) {
    discard(answer);
    return undefined;
  }
  const total = Number(answer.headers['content-length'] ?? NaN);
  let received: Buffer;
  try {
    received = await collectBounded(answer.body, INDEX_MAX, (done) =>
      context.progress({ done, total: Number.isNaN(total) ? undefined : total, unit: 'bytes' }),
    );
  } catch (error) {
    context.signal.throwIfAborted();
    if (error instanceof RangeError) throw new ServicesError(`${url} cannot be used: ${error.message}`);
    throw new DownloadError(`${url} was cut short: ${messageOf(error)}`, 'cut');
  }
  const content = answer.headers['content-encoding'] === 'gzip' ? unzipped(received, url) : received;
  const index = await readIndex(content.toString('utf8'));
  if (index === undefined) throw new ServicesError(`${url} is no index of a chart repository`);
  await writeAtomic(join(folder, 'index.yaml'), content);
  const header = (name: string): string | undefined => [answer.headers[name]].flat()[0];
  const meta: IndexMeta = {
    name: repo.name,
    url: repo.url,
    etag: header('etag'),
    lastModified: header('last-modified'),
    bytes: content.length,
  };
  // Last, so that a run that is interrupted in between asks for the whole index again.
  await writeAtomic(join(folder, 'meta.json'), `${JSON.stringify(meta)}\n`);
  return content.length;
}

/** @throws ServicesError where it is none, or unpacks to more than an index has. */
function unzipped(bytes: Buffer, url: string): Buffer {
  try {
    return gunzipSync(bytes, { maxOutputLength: INDEX_MAX });
  } catch (error) {
    const why = isErrno(error, 'ERR_BUFFER_TOO_LARGE') ? tooLarge(INDEX_MAX).message : messageOf(error);
    throw new ServicesError(`${url} cannot be used: ${why}`, { cause: error });
  }
}

async function readMeta(folder: string): Promise<IndexMeta | undefined> {
  try {
    const meta = JSON.parse(await readFile(join(folder, 'meta.json'), 'utf8')) as IndexMeta;
    const { size: bytes } = await stat(join(folder, 'index.yaml'));
    return bytes === meta.bytes ? meta : undefined;
  } catch {
    // Never fetched, or cut off meanwhile: the same as never.
    return undefined;
  }
}

/** Whether the repository is unreachable or out of order, as opposed to one that is not there or refuses. */
function isPassing({ status }: DownloadError): boolean {
  return status === undefined || status === 429 || status >= 500;
}

function notFetched({ name, url }: Repo, cause: DownloadError): ServicesError {
  const refused = cause.status === 401 || cause.status === 403;
  return new ServicesError(`the repository "${name}" cannot be used: ${cause.message}`, {
    cause,
    hint: refused
      ? `Give "username" and "password" of "${name}" in helm.repos, or new ones where they have expired.`
      : `See whether ${url} can be reached from here, or correct its address in helm.repos.`,
  });
}

/** Writes helm's own list of all repositories that have an index, for people who run helm with hoist's folders. */
async function mergeRepositories(home: HelmHome, signal: AbortSignal): Promise<void> {
  await withLock(join(home.locks, 'repositories.lock'), { signal }, async () => {
    const folders = (await readdir(home.repos)).map((name) => join(home.repos, name));
    const found = await Promise.all(folders.map(async (folder) => ({ folder, meta: await readMeta(folder) })));
    const repos = found.flatMap(({ folder, meta }) => (meta ? [{ folder, meta }] : []));
    await makeFolder(home.repositoryCache);
    await Promise.all(repos.map(({ folder, meta }) => shareIndex(folder, meta.name, home)));
    const repositories = repos.map(({ meta: { name, url } }) => ({ name, url }));
    // JSON is YAML, and helm reads it as such.
    const list = { apiVersion: '', generated: new Date(0).toISOString(), repositories };
    await writeAtomic(home.repositoryConfig, `${JSON.stringify(list, null, 2)}\n`, { mode: 0o600 });
  });
}

/** Gives an index the name that helm looks for, without a copy of its bytes. */
async function shareIndex(folder: string, name: string, home: HelmHome): Promise<void> {
  const target = join(home.repositoryCache, `${name}-index.yaml`);
  const temporary = temporaryBeside(target);
  try {
    await link(join(folder, 'index.yaml'), temporary);
    await rename(temporary, target);
  } finally {
    // Of two names for the same file a rename leaves both.
    await rm(temporary, { force: true });
  }
}
