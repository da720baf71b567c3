// Text in UTF-16, as Windows writes it: recognized by its first bytes, read as UTF-8, and written again as it was.

import { StringDecoder } from 'node:string_decoder';
import { TextDecoder } from 'node:util';
import { RedactionError } from './redact-errors.ts';

export type Utf16 = 'utf-16le' | 'utf-16be';

/**
 * By the byte order mark and some zeros beside plain letters, blanks or ends of lines, which texts of all languages have;
 * without a mark by zeros in nearly every second place.
 */
export function utf16Of(head: Buffer): Utf16 | undefined {
  const pairs = head.length >> 1;
  let [little, big] = [0, 0];
  for (let at = 0; at + 1 < head.length; at += 2) {
    const [first, second] = [head.readUInt8(at), head.readUInt8(at + 1)];
    if (second === 0 && isLetter(first)) little++;
    else if (first === 0 && isLetter(second)) big++;
  }
  if (head[0] === 0xff && head[1] === 0xfe) return little * 20 > pairs ? 'utf-16le' : undefined;
  if (head[0] === 0xfe && head[1] === 0xff) return big * 20 > pairs ? 'utf-16be' : undefined;
  if (pairs < 8) return undefined;
  if (little > pairs * 0.9) return 'utf-16le';
  return big > pairs * 0.9 ? 'utf-16be' : undefined;
}

const isLetter = (byte: number): boolean => (byte >= 0x20 && byte < 0x7f) || (byte >= 9 && byte <= 13);

/** Gives the text as UTF-8, and takes it back, in parts that are cut anywhere. */
export class Utf16Text {
  readonly #decoder: TextDecoder;
  readonly #back = new StringDecoder('utf8');

  constructor(readonly encoding: Utf16) {
    this.#decoder = new TextDecoder(encoding, { fatal: true, ignoreBOM: true });
  }

  /** @throws RedactionError for what is no UTF-16 */
  decode(bytes: Buffer, final: boolean): Buffer {
    try {
      return Buffer.from(this.#decoder.decode(bytes, { stream: !final }), 'utf8');
    } catch {
      throw new RedactionError('it begins like text in UTF-16, and is none');
    }
  }

  encode(text: Buffer, final: boolean): Buffer {
    const bytes = Buffer.from(this.#back.write(text) + (final ? this.#back.end() : ''), 'utf16le');
    return this.encoding === 'utf-16be' ? bytes.swap16() : bytes;
  }
}
