// Downloads a file and resumes where the last attempt was cut; returns its checksum.

import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { isErrno, messageOf } from '../../base/errors.ts';
import { type Download, DownloadError, type HttpOptions, discard, get, shown } from './http.ts';

export interface DownloadOptions extends HttpOptions {
  /** Bytes so far, and in all where the server says so. */
  onProgress: (done: number, total: number | undefined) => void;
}

export interface Downloaded {
  sha256: string;
  /** Whether part of it came from an earlier attempt. */
  resumed: boolean;
}

/**
 * Downloads `url` into `file`; what an earlier attempt left there is kept and only the rest is asked for.
 * @throws DownloadError of kind `cut` where the transfer broke off: what came so far stays in `file`.
 */
export async function download(url: string, file: string, options: DownloadOptions): Promise<Downloaded> {
  const hash = createHash('sha256');
  const had = await hashPresent(file, hash);
  const headers = had > 0 ? { range: `bytes=${had}-` } : {};
  const answer = await get(url, { ...options, headers });
  if (answer.status === 416) return whenOutOfRange(url, file, options, { answer, had, hash });

  const resumed = answer.status === 206 && contentRange(answer)?.from === had;
  if (answer.status === 206 && !resumed) return fromTheStart(url, file, options, answer);
  const from = resumed ? had : 0;
  const length = Number(answer.headers['content-length'] ?? NaN);
  const total = Number.isNaN(length) ? undefined : from + length;
  const sum = resumed ? hash : createHash('sha256');

  const handle = await open(file, resumed ? 'a' : 'w');
  options.onProgress(from, total);
  try {
    await receive(answer, handle, sum, (received) => options.onProgress(from + received, total));
  } catch (error) {
    options.signal.throwIfAborted();
    // A full disk must not stay full of a file that cannot be finished.
    if (isErrno(error, 'ENOSPC')) await rm(file, { force: true });
    if (error instanceof Error && 'syscall' in error && error.syscall === 'write') throw error;
    throw new DownloadError(`${shown(url)} was cut short: ${messageOf(error)}`, 'cut', {
      hint: 'What came so far is kept: run again to go on.',
    });
  } finally {
    await handle.close();
  }
  return { sha256: sum.digest('hex'), resumed };
}

async function receive(
  { body }: Download,
  file: FileHandle,
  hash: Hash,
  onReceived: (bytes: number) => void,
): Promise<void> {
  let received = 0;
  for await (const chunk of body) {
    const bytes = chunk as Buffer;
    hash.update(bytes);
    // `write` may write a part of it alone, as on a disk that is nearly full.
    await file.writeFile(bytes);
    received += bytes.length;
    onReceived(received);
  }
}

/** 416: there is nothing after what is here, because it is whole, or because it is not what the server has. */
async function whenOutOfRange(
  url: string,
  file: string,
  options: DownloadOptions,
  { answer, had, hash }: { answer: Download; had: number; hash: Hash },
): Promise<Downloaded> {
  if (contentRange(answer)?.total !== had) return fromTheStart(url, file, options, answer);
  discard(answer);
  options.onProgress(had, had);
  return { sha256: hash.digest('hex'), resumed: true };
}

async function fromTheStart(
  url: string,
  file: string,
  options: DownloadOptions,
  answer: Download,
): Promise<Downloaded> {
  discard(answer);
  await rm(file, { force: true });
  return download(url, file, options);
}

// `bytes 100-199/200`, and with 416 an asterisk in place of the range.
function contentRange({ headers }: Download): { from: number | undefined; total: number | undefined } | undefined {
  const [, from, total] = /^bytes (?:(\d+)-\d+|\*)\/(\d+|\*)$/.exec(String(headers['content-range'] ?? '')) ?? [];
  if (total === undefined) return undefined;
  return { from: from === undefined ? undefined : Number(from), total: total === '*' ? undefined : Number(total) };
}

async function hashPresent(file: string, hash: Hash): Promise<number> {
  let bytes = 0;
  try {
    for await (const chunk of createReadStream(file)) {
      hash.update(chunk as Buffer);
      bytes += (chunk as Buffer).length;
    }
  } catch (error) {
    if (!isErrno(error, 'ENOENT')) throw error;
  }
  return bytes;
}
