// What is packed passes the redactor unpacked: gzip and tar within the files of a bundle, to any depth up to a bound.

import { Readable, type Transform, type Writable, pipeline } from 'node:stream';
import { promisify } from 'node:util';
import { crc32, createGunzip, createGzip, gunzip, gzip } from 'node:zlib';
import { extract, pack } from 'tar-stream';
import { RedactionError } from '../../base/redact/redact-errors.ts';
import { bytesText } from '../../base/units.ts';
import type { Redactor } from '../types.ts';

/** Bytes of a packed file that is kept as it is where nothing in it is hidden; longer ones are always packed again. */
const SMALL = 1 << 20;
/** Bytes of a file in a tar: its length stands before it, so that it is redacted as a whole. */
const MOST_MEMBER = 64 << 20;
/** Bytes of all that is in a packed file: a small one can hold any number of zeros. */
const MOST_UNPACKED = 2 * 2 ** 30;
const MOST_DEPTH = 4;
/** Where a tar's magic ends. */
const TAR_HEAD = 262;
const LEVEL = 4;

export interface Packed {
  path: string;
  redactor: Redactor;
  /** Shared by all files of a bundle. */
  budget?: PackedBudget;
  depth?: number;
}

/** Bytes of all that is packed in the files of a bundle: a thousand small ones, each within its bound, would take a day. */
export class PackedBudget {
  #left = 4 * MOST_UNPACKED;
  readonly #signal: AbortSignal | undefined;

  /** @param signal ends the work on what is packed */
  constructor(signal?: AbortSignal) {
    this.#signal = signal;
  }

  /** @throws RedactionError where there is no more */
  spend(bytes: number): void {
    this.#signal?.throwIfAborted();
    this.#left -= bytes;
    if (this.#left < 0) throw tooLong('all that is packed has, unpacked,', 4 * MOST_UNPACKED);
  }
}

type Packing = 'gzip' | 'tar' | undefined;

/** By their first bytes. They are left out and named: there is nothing to unpack them with. */
const OTHERS: readonly (readonly [name: string, magic: string])[] = [
  ['zip', 'PK\u0003\u0004'],
  ['xz', '\u00fd7zXZ\u0000'],
  ['bzip2', 'BZh'],
  ['zstd', '\u0028\u00b5\u002f\u00fd'],
  ['7z', '7z\u00bc\u00af\u0027\u001c'],
];

/** @throws RedactionError for what is packed in another way */
function packingOf(head: Buffer): Packing {
  if (head[0] === 0x1f && head[1] === 0x8b && head[2] === 8) return 'gzip';
  if (head.toString('latin1', TAR_HEAD - 5, TAR_HEAD) === 'ustar') return 'tar';
  const other = otherOf(head);
  if (other !== undefined) throw new RedactionError(`packed in a way that cannot be looked into: ${other}`);
  return undefined;
}

function otherOf(head: Buffer): string | undefined {
  const start = head.toString('latin1', 0, 8);
  const [name] = OTHERS.find(([, magic]) => start.startsWith(magic)) ?? [];
  // Of a text that begins so, "BZh" is followed by a level and the magic of a block.
  return name === 'bzip2' && !/^BZh[1-9]1AY&/.test(start) ? undefined : name;
}

function packingOrClose(head: Buffer, content: Readable): Packing {
  try {
    return packingOf(head);
  } catch (error) {
    content.destroy();
    throw error;
  }
}

/** Whether a gzip file holds nothing but its content: no name or comment in its header, no bytes or other members at its end. */
function isBare(content: Buffer, unpacked: Buffer): boolean {
  const end = content.length - 8;
  return (
    content[3] === 0 &&
    content.readUInt32LE(end) === crc32(unpacked) &&
    content.readUInt32LE(end + 4) === unpacked.length
  );
}

/** @throws RedactionError where it cannot be looked into */
export async function redactBuffer(content: Buffer, packed: Packed): Promise<Buffer> {
  const { path, redactor } = packed;
  const packing = packingOf(content);
  if (packing === undefined) return redactor.buffer(path, content);
  if (packing === 'gzip' && content.length <= SMALL) {
    const unpacked = await promisify(gunzip)(content, { maxOutputLength: MOST_MEMBER }).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') return undefined;
      throw error;
    });
    if (unpacked !== undefined) {
      packed.budget?.spend(unpacked.length);
      const hidden = await redactBuffer(unpacked, deeper(packed));
      return hidden.equals(unpacked) && isBare(content, unpacked) ? content : promisify(gzip)(hidden, { level: LEVEL });
    }
  }
  const parts: Buffer[] = [];
  for await (const part of redactPacked(Readable.from([content]), packing, packed)) parts.push(part as Buffer);
  const whole = Buffer.concat(parts);
  return packing === 'tar' && whole.equals(content) ? content : whole;
}

/** The content as it may be kept; what makes that impossible is the stream's error. */
export async function redactStream(content: Readable, packed: Packed): Promise<Readable> {
  const { head, ended, whole } = await peek(content, TAR_HEAD);
  const packing = packingOrClose(head, content);
  if (packing === undefined) return chain(whole(), packed.redactor.stream(packed.path));
  if (packing !== 'gzip' || ended) {
    if (ended) return Readable.from([await redactBuffer(head, packed)]);
    return redactPacked(whole(), packing, packed);
  }
  const more = await peek(whole(), SMALL);
  if (more.ended) return Readable.from([await redactBuffer(more.head, packed)]);
  return redactPacked(more.whole(), packing, packed);
}

function redactPacked(content: Readable, packing: Exclude<Packing, undefined>, packed: Packed): Readable {
  const inner = deeper(packed);
  if (packing === 'tar') return Readable.from(retarred(content, inner));
  return Readable.from(gzipped(content, inner));
}

async function* gzipped(content: Readable, packed: Packed): AsyncGenerator<Buffer> {
  const unpacked = Readable.from(bounded(chain(content, createGunzip()), packed), { objectMode: false });
  const hidden = await redactStream(unpacked, packed);
  yield* chain(hidden, createGzip({ level: LEVEL })) as AsyncIterable<Buffer>;
}

async function* bounded(content: Readable, { budget }: Packed): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const part of content as AsyncIterable<Buffer>) {
    bytes += part.length;
    budget?.spend(part.length);
    if (bytes > MOST_UNPACKED) throw tooLong('unpacked, it has', MOST_UNPACKED);
    yield part;
  }
}

/** Links stay as they are; what a tar says of a file beyond its header is lost where that is rewritten. */
async function* retarred(content: Readable, packed: Packed): AsyncGenerator<Buffer> {
  const { path, redactor } = packed;
  const entries = extract();
  const out = pack();
  const nameOf = (name: string): string => redactor.text?.(name) ?? name;
  const work = async (): Promise<void> => {
    for await (const entry of entries) {
      // Of its extended header only names and sizes are read, which `pack` writes itself where they need one.
      const header = { ...entry.header, pax: undefined };
      if (header.size > MOST_MEMBER) throw tooLong('a file in it has', MOST_MEMBER);
      const parts: Buffer[] = [];
      for await (const part of entry as AsyncIterable<Buffer>) parts.push(part);
      const member = await redactBuffer(Buffer.concat(parts), { ...packed, path: `${path}/${header.name}` });
      await new Promise<void>((resolve, reject) => {
        const { name, linkname } = header;
        const own = {
          ...header,
          name: nameOf(name),
          size: member.length,
          ...(typeof linkname === 'string' ? { linkname: nameOf(linkname) } : {}),
        };
        out.entry(own, member, (error) => (error ? reject(error) : resolve()));
      });
    }
    out.finalize();
  };
  pipeline(content, entries as unknown as Writable, () => undefined);
  work().catch((error: unknown) => {
    content.destroy();
    out.destroy(error as Error);
  });
  yield* out as unknown as AsyncIterable<Buffer>;
}

function deeper({ depth = 0, ...packed }: Packed): Packed {
  if (depth >= MOST_DEPTH) throw new RedactionError(`packed in itself more than ${MOST_DEPTH} times`);
  return { ...packed, depth: depth + 1 };
}

const tooLong = (what: string, bytes: number): RedactionError =>
  new RedactionError(`${what} more than ${bytesText(bytes)}`);

/** An error of the first one reaches the reader through the second, which it destroys. */
function chain<T extends Transform>(from: Readable, to: T): T {
  pipeline(from, to, () => undefined);
  return to;
}

/** The first bytes of a stream, at least `most` of them where it has so many, and the stream as if nobody had looked. */
async function peek(content: Readable, most: number): Promise<{ head: Buffer; ended: boolean; whole: () => Readable }> {
  const parts: Buffer[] = [];
  let size = 0;
  const iterator = (content as AsyncIterable<Buffer | string>)[Symbol.asyncIterator]();
  let ended = false;
  while (size < most) {
    const next = await iterator.next();
    if (next.done === true) {
      ended = true;
      break;
    }
    const part = Buffer.from(next.value as Buffer);
    parts.push(part);
    size += part.length;
  }
  const rest = async function* (): AsyncGenerator<Buffer> {
    try {
      yield* parts;
      if (ended) return;
      for (;;) {
        const next = await iterator.next();
        if (next.done === true) return;
        yield next.value as Buffer;
      }
    } finally {
      await iterator.return?.();
    }
  };
  return { head: Buffer.concat(parts), ended, whole: () => Readable.from(rest(), { objectMode: false }) };
}
