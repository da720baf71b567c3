// Goes over a text once, window by window, and says which spans of it are secret.

import { EscapedNeedles } from './escapes.ts';
import { KEY_RULES } from './keys.ts';
import { NeedleSet, startOf, type Needle } from './needles.ts';
import { OBJECT_RULES } from './objects.ts';
import { TOKEN_RULES } from './tokens.ts';
import { stringEnd } from './values.ts';
import type { BodyEnd, Rule, Span, View } from './view.ts';

/** Text that is read again when more of it comes; longer than all that one rule looks at behind its beginning. */
const AHEAD = 3072;
/** Text that stays in the window for rules that look back. */
const BACK = 4096;
/** How much of a secret is held until its end comes. */
const HOLD = 2 << 20;
/** What is kept of a text that is dropped, for the backslashes before a quote. */
const SWALLOWED = 80;
const NEEDLE = 1;
const RULE = 2;

export interface Hit extends Span {
  rule: string;
}

const RULES: readonly Rule[] = [...OBJECT_RULES, ...TOKEN_RULES, ...KEY_RULES];
const rulesByStart = new Map<number, Rule[]>();
for (const rule of RULES) {
  for (const start of rule.starts) {
    const key = startOf(start, 0);
    rulesByStart.set(key, [...(rulesByStart.get(key) ?? []), rule]);
  }
}

/** What the scanner looks for; shared by all texts of a redactor. */
export class Vocabulary {
  readonly needles: NeedleSet;
  readonly escaped: EscapedNeedles;
  /** By the first three characters: whether a needle, a rule, or both can begin there. */
  readonly table = new Uint8Array(1 << 15);

  constructor(needles: readonly Needle[]) {
    this.needles = new NeedleSet(needles);
    this.escaped = new EscapedNeedles(new Set(needles.map(({ secret }) => secret)));
    for (const key of rulesByStart.keys()) this.table[key] = RULE;
    for (const key of this.needles.starts) this.table[key] = (this.table[key] ?? 0) | NEEDLE;
  }
}

/** Scans texts that are in memory as a whole. */
export function scanAll(
  text: string,
  vocabulary: Vocabulary,
  options: { prose?: boolean; depth?: number } = {},
): Hit[] {
  const view = { text, final: true, prose: options.prose === true, kind: '' };
  const pass = new Pass(view, vocabulary, options.depth ?? 0);
  pass.run(0);
  return merge(pass.hits);
}

/** One pass over a window. */
class Pass {
  readonly hits: Hit[] = [];
  /** Where the next pass begins: all before is decided. */
  next: number;
  held: { start: number; body: BodyEnd | undefined } | undefined;

  constructor(
    readonly view: View,
    readonly vocabulary: Vocabulary,
    readonly depth: number,
  ) {
    this.next = view.text.length;
  }

  /** Looks from `from` on to where the window has enough behind it; the rule at `forced` has to decide by the window as it is. */
  run(from: number, forced = -1): void {
    const { text, final } = this.view;
    const { needles, escaped } = this.vocabulary;
    const ahead = Math.max(AHEAD, needles.longest, escaped.longest);
    this.next = final ? text.length : Math.max(from, text.length - ahead);
    this.pass(from, forced);
    for (const { start, end, secret } of escaped.find(text, from, this.next))
      this.hits.push({ rule: 'known value', start, end, value: secret });
    if (this.depth < 2) this.base64(from, this.next);
  }

  private pass(from: number, forced: number): void {
    const { text } = this.view;
    const { table } = this.vocabulary;
    let rulesFrom = from;
    let hash = (startOf(text, from) >> 5) & 0x3ff;
    for (let i = from + 2, length = Math.min(this.next + 2, text.length); i < length; i++) {
      hash = ((hash << 5) | (text.charCodeAt(i) & 31)) & 0x7fff;
      const found = table[hash];
      if (found === 0 || found === undefined) continue;
      const at = i - 2;
      if ((found & NEEDLE) !== 0) this.needleAt(at);
      if ((found & RULE) === 0 || at < rulesFrom) continue;
      rulesFrom = this.rulesAt(at, hash, at === forced);
      if (rulesFrom < 0) {
        this.next = at;
        return;
      }
    }
  }

  private needleAt(at: number): void {
    const needle = this.vocabulary.needles.at(this.view.text, at);
    if (needle) this.hits.push({ rule: 'known value', start: at, end: at + needle.form.length, value: needle.secret });
  }

  /** Where to look for rules next; -1 where more text is needed. */
  private rulesAt(at: number, hash: number, forced: boolean): number {
    const view = forced ? { ...this.view, final: true } : this.view;
    for (const rule of rulesByStart.get(hash) ?? []) {
      const finding = rule.find(view, at);
      if (!finding) continue;
      if ('more' in finding) {
        this.held = { start: finding.more, body: finding.body };
        return -1;
      }
      for (const span of finding.spans) if (span.end > span.start) this.hits.push({ ...span, rule: rule.name });
      return Math.max(finding.resume, at + 1);
    }
    return at + 1;
  }

  /**
   * Runs of base64, or of hexadecimal digits, that hold a secret: every run of 20 has two of the places that are looked at.
   * Programs break long ones into lines of the same length: these are one run.
   */
  private base64(from: number, limit: number): void {
    const { text } = this.view;
    let done = from;
    for (let i = from - (from % 10); i < limit; i += 10) {
      if (i < done || !BASE64[text.charCodeAt(i)] || !BASE64[text.charCodeAt(i + 10)]) continue;
      let start = i;
      while (start > done && start > from && BASE64[text.charCodeAt(start - 1)]) start--;
      const end = endOfRun(text, start, i + 1);
      done = end;
      if (end >= text.length && !this.view.final && end - start < MAX_BASE64) {
        this.next = Math.min(this.next, start);
        this.held = { start: Math.min(start, this.held?.start ?? start), body: undefined };
        return;
      }
      if (end - start >= 20) this.encoded(start, end);
    }
  }

  private encoded(start: number, end: number): void {
    const run = this.view.text.slice(start, end);
    if (HEX.test(run)) this.encodedAs('hex', run, { start, end });
    let last = end;
    while (this.view.text.charAt(last) === '=' && last - end < 2) last++;
    this.encodedAs('base64', run, { start, end: last });
  }

  private encodedAs(encoding: 'base64' | 'hex', run: string, span: Span): void {
    if (!printable(Buffer.from(run.slice(0, 16), encoding))) return;
    const decoded = Buffer.from(run, encoding).toString('latin1');
    const [first] = scanAll(decoded, this.vocabulary, { depth: this.depth + 1 });
    if (first) this.hits.push({ ...span, rule: `${first.rule} in ${encoding}`, value: decoded });
  }
}

/** Lines of these lengths go on in the next one: those of coreutils, OpenSSL and MIME. */
const LINES = [76, 64];

/** Where a run ends that begins at `start`; `at` is within its first line. */
function endOfRun(text: string, start: number, at: number): number {
  let end = at;
  while (BASE64[text.charCodeAt(end)] && end - start < MAX_BASE64) end++;
  const width = end - start;
  if (!LINES.includes(width)) return end;
  for (;;) {
    const line = end + (text.startsWith('\r\n', end) ? 2 : 1);
    if (line === end + 1 && text.charAt(end) !== '\n' && end < text.length) return end;
    // What follows is to be in sight.
    if (line >= text.length) return line;
    if (!BASE64[text.charCodeAt(line)] || line - start > MAX_BASE64) return end;
    let next = line;
    while (BASE64[text.charCodeAt(next)] && next - line <= width) next++;
    if (next - line > width) return end;
    end = next;
    if (next - line < width) return end;
  }
}

const HEX = /^(?:[0-9a-f]{2})+$|^(?:[0-9A-F]{2})+$/;
const MAX_BASE64 = 1 << 20;
const BASE64: readonly boolean[] = Array.from({ length: 256 }, (_, code) =>
  /[A-Za-z0-9+/]/.test(String.fromCharCode(code)),
);

function printable(bytes: Buffer): boolean {
  for (const byte of bytes) if (byte < 0x20 ? byte !== 9 && byte !== 10 && byte !== 13 : byte === 0x7f) return false;
  return true;
}

/** Spans that overlap become one; a rule that knows its secret speaks for it. */
function merge(hits: readonly Hit[]): Hit[] {
  const sorted = [...hits].sort((a, b) => a.start - b.start || b.end - a.end);
  const out: Hit[] = [];
  for (const hit of sorted) {
    const last = out[out.length - 1];
    if (last && hit.start < last.end) {
      if (hit.end <= last.end) continue;
      out[out.length - 1] = { start: last.start, end: hit.end, rule: last.rule };
    } else {
      out.push(hit);
    }
  }
  return out;
}

/** What is done with a hit: the text that takes its place. */
export type Replace = (hit: Hit, found: string) => string;

/** Redacts a text that comes in parts; holds a bounded part of it. */
export class Scanner {
  private text = '';
  private scanned = 0;
  private emitted = 0;
  private kind = '';
  private pending: Hit[] = [];
  private swallowing: BodyEnd | undefined;

  constructor(
    private readonly vocabulary: () => Vocabulary,
    private readonly replace: Replace,
  ) {}

  /** The redacted part of the text that is decided now. */
  push(part: string, final = false): string {
    let out = '';
    this.text += part;
    if (this.swallowing && !this.swallow(this.swallowing, final)) return out;
    const vocabulary = this.vocabulary();
    const view: View = { text: this.text, final, prose: false, kind: this.kind };
    let pass = new Pass(view, vocabulary, 0);
    pass.run(this.scanned);
    const hits = pass.hits;
    // What is too long to be held is decided by the window as it is.
    while (pass.held && this.text.length - pass.held.start > HOLD) {
      const { start, body } = pass.held;
      if (body) return out + this.swallowFrom(start, body, hits);
      const from = pass.next;
      pass = new Pass(view, vocabulary, 0);
      pass.run(from, from);
      hits.push(...pass.hits);
    }
    this.kind = view.kind;
    this.pending = merge([...this.pending, ...hits.filter((hit) => hit.end > this.emitted)]);
    this.scanned = pass.next;
    const decided = final ? this.text.length : Math.min(pass.held?.start ?? Infinity, this.scanned - BACK);
    out += this.emit(decided);
    const cut = Math.max(0, this.emitted - BACK);
    if (cut > 0) {
      this.text = this.text.slice(cut);
      this.scanned -= cut;
      this.emitted -= cut;
      this.pending = this.pending.map((hit) => ({ ...hit, start: hit.start - cut, end: hit.end - cut }));
    }
    return out;
  }

  private emit(to: number): string {
    let out = '';
    while (this.pending[0] && this.pending[0].start < to) {
      const [hit] = this.pending;
      // A span that reaches beyond stays as a whole.
      if (hit.end > to) {
        to = hit.start;
        break;
      }
      this.pending.shift();
      const start = Math.max(hit.start, this.emitted);
      if (hit.end <= start) continue;
      out += this.text.slice(this.emitted, start) + this.replace(hit, this.text.slice(start, hit.end));
      this.emitted = hit.end;
    }
    if (to > this.emitted) {
      out += this.text.slice(this.emitted, to);
      this.emitted = to;
    }
    return out;
  }

  /** Hides the text from `start` on, and what follows until it ends. */
  private swallowFrom(start: number, body: BodyEnd, hits: readonly Hit[]): string {
    const value = this.text.slice(start, start + HOLD);
    this.pending = merge([...this.pending, ...hits, { start, end: this.text.length, rule: 'long secret', value }]);
    const out = this.emit(this.text.length);
    this.text = this.text.slice(-SWALLOWED);
    this.scanned = this.emitted = this.text.length;
    this.swallowing = body;
    return out;
  }

  /** Drops text up to the end of a secret that was too long to be held; whether the end was there. */
  private swallow(ending: BodyEnd, final: boolean): boolean {
    const end = endOf(this.text, ending);
    if (end < 0 && !final) {
      this.text = this.text.slice(-SWALLOWED);
      this.scanned = this.emitted = this.text.length;
      return false;
    }
    this.swallowing = undefined;
    this.scanned = this.emitted = end < 0 ? this.text.length : end;
    return true;
  }
}

function endOf(text: string, ending: BodyEnd): number {
  if (ending.kind === 'pem') return text.search(/[^A-Za-z0-9+/=\s\\:,.-]/);
  return stringEnd(text, 0, ending.level);
}
