// The one way in which a text leaves the program: what is secret in it is hidden, everything else stays byte for byte.

import { createHmac, randomBytes } from 'node:crypto';
import { Transform } from 'node:stream';
import type { CustomRedactors } from './custom.ts';
import { RedactionError } from './redact-errors.ts';
import type { Hiding } from './hiding.ts';
import { latin1, needlesOf } from './needles.ts';
import { Utf16Text, utf16Of } from './utf16.ts';
import { Scanner, scanAll, Vocabulary, type Hit } from './scanner.ts';

/** What stands where a secret stood. */
export const HIDDEN = '***HIDDEN***';

export interface RedactorOptions {
  /** A token instead of HIDDEN: the same for the same value, wherever it stands; nothing leads from it to the value. */
  tokenize?: boolean;
  /** Rules of the user's own, which come after hoist's. */
  custom?: CustomRedactors | undefined;
  /** Secrets that are known from the start. */
  values?: readonly string[];
}

/** What was hidden, without any of it. */
export interface RedactionReport {
  files: readonly { path: string; rules: Readonly<Record<string, number>> }[];
  /** How often each rule hid something, over all files and messages. */
  rules: Readonly<Record<string, number>>;
}

export interface Redactor {
  /** For contents of any length; an error means that nothing of the file may be kept. */
  stream(path: string): Transform;
  /** For contents that are in memory. @throws where the user's rules cannot be applied */
  buffer(path: string, content: Buffer): Buffer;
  /** For messages. */
  text(text: string): string;
  /** These values are secret from now on, in every form in which they can be written. */
  mask(values: readonly string[]): void;
  report(): RedactionReport;
}

export function createRedactor(options: RedactorOptions = {}): Redactor {
  return new ContentRedactor(options);
}

/** How much is looked at to distinguish text from binary data. */
const SNIFFED = 8192;
/** What is handed to the scanner at once. */
const PART = 256 * 1024;

class ContentRedactor implements Redactor {
  private readonly values = new Set<string>();
  private readonly counts = new Map<string, Map<string, number>>();
  private readonly key = randomBytes(32);
  private readonly custom: CustomRedactors | undefined;
  private readonly tokenize: boolean;
  private known: Vocabulary | undefined;

  constructor({ tokenize = false, custom, values = [] }: RedactorOptions) {
    this.tokenize = tokenize;
    this.custom = custom;
    this.mask(values);
  }

  mask(values: readonly string[]): void {
    for (const value of values) {
      if (this.values.has(value)) continue;
      this.values.add(value);
      this.known = undefined;
    }
  }

  text(text: string): string {
    const ascii = isAscii(text);
    const bytes = ascii ? text : latin1(text);
    const hits = scanAll(bytes, this.vocabulary, { prose: true });
    if (hits.length === 0) return text;
    const hidden = this.applied('', bytes, hits);
    return ascii ? hidden : Buffer.from(hidden, 'latin1').toString('utf8');
  }

  buffer(path: string, content: Buffer): Buffer {
    const utf16 = utf16Of(content.subarray(0, SNIFFED));
    if (utf16) {
      const text = new Utf16Text(utf16);
      const plain = text.decode(content, true);
      const hidden = this.buffer(path, plain);
      return hidden === plain ? content : text.encode(hidden, true);
    }
    if (isBinary(content.subarray(0, SNIFFED))) return this.binary(path, content);
    const text = content.toString('latin1');
    const hits = scanAll(text, this.vocabulary);
    const hidden = hits.length === 0 ? text : this.applied(path, text, hits);
    const custom = this.custom?.for(path);
    const out = custom ? custom.all(hidden, this.hidingIn(path)) : hidden;
    return out === text ? content : Buffer.from(out, 'latin1');
  }

  stream(path: string): Transform {
    const custom = this.custom?.for(path);
    if (custom?.needsWhole) return this.collecting(path);
    const hiding = this.hidingIn(path);
    const scanner = new Scanner(
      () => this.vocabulary,
      (hit, found) => {
        hiding.count(hit.rule);
        return hiding.by(hit.value ?? found, hit.bare);
      },
    );
    let binary: BinaryMask | undefined;
    const lines = custom?.lines(hiding);
    let utf16: Utf16Text | undefined;
    const feed = (bytes: Buffer, final: boolean): Buffer => {
      if (utf16) return utf16.encode(feedText(utf16.decode(bytes, final), final), final);
      return feedText(bytes, final);
    };
    const feedText = (bytes: Buffer, final: boolean): Buffer => {
      if (binary) return binary.push(bytes, final);
      let out = '';
      for (let at = 0; at < bytes.length; at += PART) out += scanner.push(bytes.toString('latin1', at, at + PART));
      if (final) out += scanner.push('', true);
      return Buffer.from(lines ? lines.push(out, final) : out, 'latin1');
    };
    const begin = (bytes: Buffer, final: boolean): Buffer => {
      const encoding = utf16Of(bytes.subarray(0, SNIFFED));
      if (encoding) utf16 = new Utf16Text(encoding);
      else if (isBinary(bytes.subarray(0, SNIFFED)))
        binary = new BinaryMask(this.vocabulary, () => this.count(path, 'known value'));
      return feed(bytes, final);
    };
    return sniffing(begin, feed);
  }

  report(): RedactionReport {
    const rules: Record<string, number> = {};
    const files: { path: string; rules: Record<string, number> }[] = [];
    for (const [path, counts] of [...this.counts].sort(([a], [b]) => (a < b ? -1 : 1))) {
      if (path !== '') files.push({ path, rules: Object.fromEntries(counts) });
      for (const [rule, count] of counts) rules[rule] = (rules[rule] ?? 0) + count;
    }
    return { files, rules };
  }

  private get vocabulary(): Vocabulary {
    this.known ??= new Vocabulary(needlesOf(this.values));
    return this.known;
  }

  /** A file that the user's rules need as a whole. */
  private collecting(path: string): Transform {
    const parts: Buffer[] = [];
    let length = 0;
    const redact = (content: Buffer): Buffer => this.buffer(path, content);
    return new Transform({
      transform(chunk: Buffer, _encoding, done) {
        length += chunk.length;
        if (length > MAX_WHOLE) {
          done(new RedactionError(`a redactor with a yamlPath names it, and it is larger than ${MAX_WHOLE >> 20} MiB`));
          return;
        }
        parts.push(chunk);
        done();
      },
      flush(done) {
        try {
          done(null, redact(Buffer.concat(parts)));
        } catch (error) {
          done(error as Error);
        }
      },
    });
  }

  private binary(path: string, content: Buffer): Buffer {
    return new BinaryMask(this.vocabulary, () => this.count(path, 'known value')).push(content, true);
  }

  private applied(path: string, text: string, hits: readonly Hit[]): string {
    const hiding = this.hidingIn(path);
    let out = '';
    let from = 0;
    for (const hit of hits) {
      hiding.count(hit.rule);
      out += text.slice(from, hit.start) + hiding.by(hit.value ?? text.slice(hit.start, hit.end), hit.bare);
      from = hit.end;
    }
    return out + text.slice(from);
  }

  private hidingIn(path: string): Hiding {
    return {
      by: (secret, bare) => {
        const by = this.tokenize ? this.token(secret) : HIDDEN;
        return bare === true ? `"${by}"` : by;
      },
      count: (rule) => this.count(path, rule),
    };
  }

  private token(secret: string): string {
    const hash = createHmac('sha256', this.key).update(secret.trim(), 'latin1').digest('hex');
    return `***TOKEN_SECRET_${hash.slice(0, 10).toUpperCase()}***`;
  }

  private count(path: string, rule: string): void {
    const counts = this.counts.get(path) ?? new Map<string, number>();
    this.counts.set(path, counts);
    counts.set(rule, (counts.get(rule) ?? 0) + 1);
  }
}

/** Calls `begin` once there is enough to see what it is, and `feed` for all that follows. */
function sniffing(
  begin: (head: Buffer, final: boolean) => Buffer,
  feed: (bytes: Buffer, final: boolean) => Buffer,
): Transform {
  let head: Buffer[] | undefined = [];
  const push = (bytes: Buffer, final: boolean): Buffer | undefined => {
    if (!head) return feed(bytes, final);
    head.push(bytes);
    if (!final && head.reduce((sum, part) => sum + part.length, 0) < SNIFFED) return undefined;
    const whole = Buffer.concat(head);
    head = undefined;
    return begin(whole, final);
  };
  return new Transform({
    transform(chunk: Buffer | string, encoding, done) {
      try {
        done(null, push(typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk, false));
      } catch (error) {
        done(error as Error);
      }
    },
    flush(done) {
      try {
        done(null, push(Buffer.alloc(0), true));
      } catch (error) {
        done(error as Error);
      }
    },
  });
}

const MAX_WHOLE = 64 << 20;

/** Binary data keeps its length; of it only known secrets are hidden. */
class BinaryMask {
  private rest = Buffer.alloc(0);

  constructor(
    private readonly vocabulary: Vocabulary,
    private readonly count: () => void,
  ) {}

  push(part: Buffer, final: boolean): Buffer {
    const { needles, table } = this.vocabulary;
    if (needles.longest === 0) return part;
    const bytes = Buffer.concat([this.rest, part]);
    const text = bytes.toString('latin1');
    const decided = final ? bytes.length : Math.max(0, bytes.length - needles.longest);
    let end = 0;
    for (let at = 0; at < decided; at++) {
      const hash =
        ((text.charCodeAt(at) & 31) << 10) | ((text.charCodeAt(at + 1) & 31) << 5) | (text.charCodeAt(at + 2) & 31);
      if (((table[hash] ?? 0) & 1) === 0) continue;
      const needle = needles.at(text, at);
      if (!needle) continue;
      end = Math.max(end, at + needle.form.length);
      bytes.fill('*', at, at + needle.form.length);
      this.count();
    }
    const cut = Math.max(decided, Math.min(end, bytes.length));
    this.rest = bytes.subarray(cut);
    return bytes.subarray(0, cut);
  }
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7f) return false;
  return true;
}

/**
 * Whether these first bytes are those of binary data: a NUL among them, and more than a few other bytes that no text has.
 * A log with NULs in it, as a crash leaves it, is a text.
 */
function isBinary(head: Buffer): boolean {
  if (!head.includes(0)) return false;
  let odd = 0;
  let counted = 0;
  for (const byte of head) {
    if (byte === 0) continue;
    counted++;
    if (byte < 0x09 || (byte > 0x0d && byte < 0x20 && byte !== 0x1b) || byte === 0x7f || byte > 0xf4) odd++;
  }
  return counted === 0 || odd > counted / 50;
}
