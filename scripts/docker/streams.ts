// The formats in which an engine streams: JSON lines, output of containers, single files as tar archives.

import { StringDecoder } from 'node:string_decoder';
import { tooLarge } from '../host/files/bounded.ts';

/** Bytes of a line; what an engine reports of itself has far less. */
const LINE_MAX = 16 * 2 ** 20;

/**
 * The lines of a stream of text, without their ends; the last one too where it has no end.
 * @throws RangeError where one has more than 16 MiB
 */
export async function* textLines(chunks: AsyncIterable<Buffer>): AsyncGenerator<string, void, undefined> {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  for await (const chunk of chunks) {
    const lines = (rest + decoder.write(chunk)).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > LINE_MAX) throw tooLarge(LINE_MAX);
    for (const line of lines) yield line.replace(/\r$/, '');
  }
  rest += decoder.end();
  if (rest !== '') yield rest;
}

/** The objects of a stream of JSON lines. */
export async function* jsonLines<T>(answer: AsyncIterable<Buffer>): AsyncGenerator<T, void, undefined> {
  for await (const line of textLines(answer)) {
    if (line.trim() !== '') yield JSON.parse(line) as T;
  }
}

/**
 * The bytes of a container's output, stdout and stderr in the order in which they came. Without a terminal the engine
 * frames them: a byte for the stream, three of padding, four for the length. Only the bytes distinguish them: engines before 23
 * name both formats alike.
 */
export async function* containerOutput(answer: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, undefined> {
  let framed: boolean | undefined;
  let rest: Buffer = Buffer.alloc(0);
  // Of the frame: a part of it is handed on as it comes, since its length is whatever the engine says.
  let left = 0;
  for await (const chunk of answer) {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    if (framed === undefined && rest.length >= 4)
      framed = rest.readUInt32BE(0) % 0x01000000 === 0 && (rest[0] ?? 3) < 3;
    if (framed === false) {
      yield rest;
      rest = Buffer.alloc(0);
      continue;
    }
    while (framed === true && (left > 0 ? rest.length > 0 : rest.length >= 8)) {
      if (left === 0) {
        left = rest.readUInt32BE(4);
        rest = rest.subarray(8);
        continue;
      }
      const part = rest.subarray(0, left);
      left -= part.length;
      rest = rest.subarray(part.length);
      yield part;
    }
  }
  if (framed !== true && rest.length > 0) yield rest;
}

/** The content of the first file in a tar archive; undefined where it holds none. */
export function firstFile(tar: Buffer): Buffer | undefined {
  for (let at = 0; at + 512 <= tar.length;) {
    const header = tar.subarray(at, at + 512);
    const size = Number.parseInt(header.toString('latin1', 124, 136).replace(/\0.*$/s, '').trim(), 8);
    if (Number.isNaN(size)) return undefined;
    const type = String.fromCharCode(header[156] ?? 0);
    if (type === '0' || type === '\0') return tar.subarray(at + 512, at + 512 + size);
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return undefined;
}
