// Reads runs.jsonl: lists 100,000 records within a second, and finds the last ones without reading the rest.

import { open, stat, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigError } from '../base/errors.ts';
import { RUNS_FILE } from './log.ts';
import { upgrade, type Migrations } from './migrate.ts';
import { SCHEMA_VERSION, type BenchmarkRecord, type RunHead } from './record.ts';

/** Where a record stands; its full text is read only when asked for. */
export interface RunRef {
  head: RunHead;
  file: string;
  offset: number;
  length: number;
}

export interface Listing {
  /** In the order in which they were written. */
  runs: RunRef[];
  /** Lines that are no record: half written, or damaged later. */
  damaged: number;
  /** Records of a schema that this version of hoist does not know. */
  newer: number;
}

export interface ListOptions {
  /** Only the newest so many of those that match, found from the end of the file. */
  last?: number;
  match?: (head: RunHead) => boolean;
  migrations?: Migrations;
}

const CHUNK = 1 << 20;
/** No head is longer, and one that is gets parsed with its whole line. */
const HEAD_BYTES = 1024;
const NEWLINE = 0x0a;
const CLOSING_BRACE = 0x7d;

/**
 * Lists the records of a file, or of the runs.jsonl in a directory.
 * @throws ConfigError where the file cannot be read
 */
export async function listRuns(path: string, options: ListOptions = {}): Promise<Listing> {
  const file = await runsFile(path);
  const listing: Listing = { runs: [], damaged: 0, newer: 0 };
  const { last, match } = options;
  await withFile(file, async (handle, size) => {
    for await (const lines of last === undefined ? linesForwards(handle, size) : linesBackwards(handle, size)) {
      for (const { bytes, offset } of lines) {
        const head = headOf(bytes, options.migrations);
        if (head === 'damaged' || head === 'newer') listing[head]++;
        else if (match === undefined || match(head)) {
          listing.runs.push({ head, file, offset, length: bytes.length });
          if (listing.runs.length === last) return;
        }
      }
    }
  });
  if (last !== undefined) listing.runs.reverse();
  return listing;
}

/** Reads the listed records in full; a record whose second half is damaged is left out and counted. */
export async function readRuns(
  refs: readonly RunRef[],
  migrations?: Migrations,
): Promise<{ records: BenchmarkRecord[]; damaged: number }> {
  const found = new Map<RunRef, BenchmarkRecord>();
  for (const file of new Set(refs.map((ref) => ref.file))) {
    await withFile(file, async (handle) => {
      for (const ref of refs.filter((one) => one.file === file)) {
        const bytes = Buffer.allocUnsafe(ref.length);
        await handle.read(bytes, 0, ref.length, ref.offset);
        const record = parse(bytes, migrations);
        if (isRecord(record)) found.set(ref, record);
      }
    });
  }
  const records = refs.flatMap((ref) => found.get(ref) ?? []);
  return { records, damaged: refs.length - records.length };
}

/**
 * The newest run of the same plan and tool that found the same and succeeded, among the newest 1,000 records: a few ms even in a large file.
 * @returns undefined where there is none, and where there is no log yet
 */
export async function lastRunOfPlan(
  path: string,
  planHash: string,
  options: { tool?: string; found?: string } = {},
): Promise<BenchmarkRecord | undefined> {
  const { tool = 'up', found: situation } = options;
  const fits = (head: RunHead): boolean =>
    head.planHash === planHash && head.found === situation && head.tool === tool && head.outcome === 'done';
  let seen = 0;
  let found: BenchmarkRecord | undefined;
  const search = async (handle: FileHandle, size: number): Promise<void> => {
    for await (const lines of linesBackwards(handle, size)) {
      for (const { bytes } of lines) {
        if (++seen > 1000) return;
        const head = headOf(bytes);
        if (typeof head === 'string' || !fits(head)) continue;
        const record = parse(bytes);
        if (!isRecord(record)) continue;
        found = record;
        return;
      }
    }
  };
  try {
    await withFile(await runsFile(path), search);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
  }
  return found;
}

/** Where the records of a log stand, those of a newer schema included, oldest first. */
export async function recordLines(file: string): Promise<{ offset: number; length: number }[]> {
  const found: { offset: number; length: number }[] = [];
  await withFile(file, async (handle, size) => {
    for await (const lines of linesForwards(handle, size)) {
      for (const { bytes, offset } of lines) {
        if (headOf(bytes) !== 'damaged') found.push({ offset, length: bytes.length });
      }
    }
  });
  return found;
}

/** The file of a log that is named by itself or by its directory. */
export async function runsFile(path: string): Promise<string> {
  const found = await stat(path).catch(() => undefined);
  return found?.isDirectory() === true ? join(path, RUNS_FILE) : path;
}

async function withFile(file: string, work: (handle: FileHandle, size: number) => Promise<void>): Promise<void> {
  const handle = await open(file, 'r').catch((cause: unknown) => {
    const missing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
    const message = missing ? 'there is no such benchmark log' : `cannot be read: ${String(cause)}`;
    throw new ConfigError([{ where: file, message }], {
      hint: 'Run `hoist up` first, or set `logDir` to the folder of a log.',
      cause,
    });
  });
  try {
    await work(handle, (await handle.stat()).size);
  } finally {
    await handle.close();
  }
}

interface Line {
  bytes: Buffer;
  offset: number;
}

/** The lines of one read at a time; their bytes are overwritten by the next, which spares a second copy of the file. */
async function* linesForwards(handle: FileHandle, size: number): AsyncGenerator<Line[]> {
  let buffer = Buffer.allocUnsafe(CHUNK);
  let filled = 0;
  for (let position = 0; position < size;) {
    if (filled === buffer.length) buffer = Buffer.concat([buffer, Buffer.allocUnsafe(buffer.length)]);
    const { bytesRead } = await handle.read(buffer, filled, buffer.length - filled, position);
    if (bytesRead === 0) break;
    const base = position - filled;
    position += bytesRead;
    filled += bytesRead;
    const bytes = buffer.subarray(0, filled);
    const lines: Line[] = [];
    let start = 0;
    for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, start)) {
      if (end > start) lines.push({ bytes: bytes.subarray(start, end), offset: base + start });
      start = end + 1;
    }
    if (position >= size && start < filled) lines.push({ bytes: bytes.subarray(start), offset: base + start });
    yield lines;
    buffer.copyWithin(0, start, filled);
    filled -= start;
  }
}

async function* linesBackwards(handle: FileHandle, size: number): AsyncGenerator<Line[]> {
  let rest = Buffer.alloc(0);
  for (let position = size, length = 1 << 16; position > 0; length = Math.min(CHUNK, length * 2)) {
    const chunk = Buffer.allocUnsafe(Math.min(length, position));
    position -= chunk.length;
    await handle.read(chunk, 0, chunk.length, position);
    let bytes = Buffer.concat([chunk, rest]);
    const lines: Line[] = [];
    for (let end = bytes.lastIndexOf(NEWLINE); end >= 0; end = bytes.lastIndexOf(NEWLINE)) {
      if (end + 1 < bytes.length) lines.push({ bytes: bytes.subarray(end + 1), offset: position + end + 1 });
      bytes = bytes.subarray(0, end);
    }
    yield lines;
    rest = bytes;
  }
  if (rest.length > 0) yield [{ bytes: rest, offset: 0 }];
}

/** The head of a line without parsing what follows it: `,"cluster":` cannot stand inside a JSON string unescaped. */
function headOf(raw: Buffer, migrations?: Migrations): RunHead | 'damaged' | 'newer' {
  const line = withoutMarks(raw);
  if (line[line.length - 1] !== CLOSING_BRACE) return 'damaged';
  const text = line.toString('utf8', 0, HEAD_BYTES);
  const end = text.indexOf(',"cluster":');
  const head = end < 0 ? jsonOf(line) : jsonOf(`${text.slice(0, end)}}`);
  if (head === undefined || typeof head['schema'] !== 'number') return 'damaged';
  if (head['schema'] > SCHEMA_VERSION) return 'newer';
  const current = head['schema'] === SCHEMA_VERSION ? head : parse(line, migrations);
  return isHead(current) ? current : 'damaged';
}

/** Without what Windows editors put around: a byte order mark, and carriage returns. */
function withoutMarks(line: Buffer): Buffer {
  const start = line.subarray(0, 3).toString('hex') === 'efbbbf' ? 3 : 0;
  return line.subarray(start, line.at(-1) === 0x0d ? -1 : undefined);
}

function parse(line: Buffer, migrations?: Migrations): unknown {
  const json = jsonOf(line);
  return json === undefined ? undefined : upgrade(json, migrations);
}

function jsonOf(text: Buffer | string): Record<string, unknown> | undefined {
  try {
    const json: unknown = JSON.parse((typeof text === 'string' ? text : withoutMarks(text)).toString());
    return typeof json === 'object' && json !== null ? (json as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function isHead(json: unknown): json is RunHead {
  const head = json as Partial<RunHead> | undefined;
  return (
    typeof head?.id === 'string' &&
    typeof head.startedAt === 'string' &&
    typeof head.planHash === 'string' &&
    typeof head.durationMs === 'number'
  );
}

function isRecord(json: unknown): json is BenchmarkRecord {
  const record = json as Partial<BenchmarkRecord> | undefined;
  return (
    isHead(json) &&
    typeof record?.system === 'object' &&
    typeof record.versions === 'object' &&
    (record.run === undefined || Array.isArray(record.run.steps))
  );
}
