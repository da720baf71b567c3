// Reads Go's syntax of regular expressions (RE2 with Perl's additions, as regexp.Compile takes it) into a tree.

import { HoistError } from '../errors.ts';
import {
  clean,
  fold,
  negate,
  PERL,
  POSIX,
  rangesOfProperty,
  unicodeProperty,
  MAX_RUNE,
  type Ranges,
} from './classes.ts';
import { countsWithin, type Node } from './node.ts';

/** A pattern that Go refuses; `position` counts characters (UTF-16) from 0. */
export class GoRegExpError extends HoistError {
  override readonly name = 'GoRegExpError';

  constructor(
    readonly pattern: string,
    readonly position: number,
    readonly reason: string,
  ) {
    super(`regular expression \`${pattern.slice(0, 200)}\`, character ${position + 1}: ${reason}`, {
      hint: "Go's syntax is wanted: https://github.com/google/re2/wiki/Syntax.",
    });
  }
}

interface Flags {
  fold: boolean;
  multiline: boolean;
  dotAll: boolean;
  swapGreed: boolean;
}

/** What is open: a group, or the whole pattern. */
interface Frame {
  /** The group's number; 0 for a group without one. */
  capture: number;
  position: number;
  flags: Flags;
  branches: Node[];
  items: Node[];
  /** Whether the last item is there to be repeated. */
  repeatable: boolean;
}

export interface Parsed {
  root: Node;
  /** Names by number of the group, '' for those without; [0] is the whole match. Go allows a name twice. */
  names: readonly string[];
  /** The pattern without names, for an engine that does not take a name twice. */
  unnamed: string;
}

const MAX_DEPTH = 1000;
const MAX_LENGTH = 1_000_000;

/** The tree of `pattern`; throws a GoRegExpError with the place. */
export function parse(pattern: string): Parsed {
  return new Parser(pattern).parse();
}

class Parser {
  private readonly names = [''];
  private readonly cuts: [from: number, to: number][] = [];
  private readonly stack: Frame[] = [];
  private frame: Frame;
  private flags: Flags = { fold: false, multiline: false, dotAll: false, swapGreed: false };
  private at = 0;
  private afterRepeat = -1;

  constructor(private readonly pattern: string) {
    this.frame = this.newFrame(0, 0);
  }

  parse(): Parsed {
    const { pattern } = this;
    if (pattern.length > MAX_LENGTH) this.fail(0, 'expression too large');
    const lone = pattern.search(/[\ud800-\udfff]/u);
    if (lone >= 0) this.fail(lone, 'invalid UTF-8');
    while (this.at < pattern.length) this.step();
    if (this.stack.length > 0) this.fail(this.frame.position, 'missing closing )');
    let unnamed = '';
    let from = 0;
    for (const [start, end] of this.cuts) {
      unnamed += pattern.slice(from, start);
      from = end;
    }
    return { root: this.closed(), names: this.names, unnamed: unnamed + pattern.slice(from) };
  }

  private step(): void {
    const start = this.at;
    const char = this.pattern.charAt(start);
    switch (char) {
      case '(':
        return this.open();
      case ')':
        return this.close();
      case '|':
        this.at++;
        this.frame.branches.push(concat(this.frame.items));
        this.frame.items = [];
        this.frame.repeatable = false;
        return;
      case '^':
        this.at++;
        return this.push({ type: 'assertion', source: this.flags.multiline ? '(?<![^\\n])' : '^' });
      case '$':
        this.at++;
        return this.push({ type: 'assertion', source: this.flags.multiline ? '(?![^\\n])' : '$' });
      case '.':
        this.at++;
        return this.push({ type: 'char', source: this.flags.dotAll ? '[^]' : '[^\\n]' });
      case '[':
        return this.push({ type: 'char', source: this.bracket() });
      case '*':
        return this.repeat(0, Infinity, start + 1, false);
      case '+':
        return this.repeat(1, Infinity, start + 1, false);
      case '?':
        return this.repeat(0, 1, start + 1, false);
      case '{':
        return this.braces();
      case '\\':
        return this.escape();
      default:
        this.literal(this.rune());
    }
  }

  private open(): void {
    const { pattern, at: start } = this;
    if (pattern.charAt(start + 1) !== '?') {
      this.names.push('');
      return this.enter(this.names.length - 1, start, start + 1);
    }
    const name = /^\(\?(P?<)([^>]*)(>?)/.exec(pattern.slice(start, start + 1000));
    if (name) {
      const [whole, , given = '', end] = name;
      if (end === '' || !/^[A-Za-z0-9_]+$/.test(given)) this.fail(start, `invalid named capture: \`${whole}\``);
      this.names.push(given);
      this.cuts.push([start + 1, start + whole.length]);
      return this.enter(this.names.length - 1, start, start + whole.length);
    }
    this.perlFlags(start);
  }

  /** `(?i)`, `(?s-m:` and what else sets flags. */
  private perlFlags(start: number): void {
    const flags = { ...this.flags };
    let on = true;
    let seen = false;
    for (let at = start + 2; at < this.pattern.length; at++) {
      const char = this.pattern.charAt(at);
      const flag = FLAG_OF[char];
      if (flag) {
        flags[flag] = on;
        seen = true;
      } else if (char === '-' && on) {
        on = false;
        seen = false;
      } else if ((char === ':' || char === ')') && (on || seen)) {
        if (char === ':') this.enter(0, start, at + 1);
        this.at = at + 1;
        this.flags = flags;
        return;
      } else {
        this.fail(start, `invalid or unsupported Perl syntax: \`${this.pattern.slice(start, at + 1)}\``);
      }
    }
    this.fail(start, `invalid or unsupported Perl syntax: \`${this.pattern.slice(start)}\``);
  }

  private enter(capture: number, position: number, next: number): void {
    if (this.stack.length >= MAX_DEPTH - 2) this.fail(position, 'expression nests too deeply');
    this.stack.push(this.frame);
    this.frame = this.newFrame(capture, position);
    this.at = next;
  }

  private newFrame(capture: number, position: number): Frame {
    return { capture, position, flags: this.flags, branches: [], items: [], repeatable: false };
  }

  private close(): void {
    const above = this.stack.pop();
    if (!above) return this.fail(this.at, 'unexpected )');
    const { capture, flags } = this.frame;
    const item = this.closed();
    this.frame = above;
    this.flags = flags;
    this.at++;
    this.push(capture > 0 ? { type: 'capture', item } : item);
  }

  private closed(): Node {
    const last = concat(this.frame.items);
    return this.frame.branches.length === 0 ? last : { type: 'alternate', items: [...this.frame.branches, last] };
  }

  private push(node: Node): void {
    this.frame.items.push(node);
    this.frame.repeatable = true;
  }

  private literal(code: number): void {
    this.push({ type: 'char', source: this.flags.fold ? setSource(fold([code, code]), false) : charSource(code) });
  }

  private braces(): void {
    const start = this.at;
    const counts = /^\{(0|[1-9]\d*)(,(0|[1-9]\d*)?)?\}/.exec(this.pattern.slice(start, start + 300));
    if (!counts) {
      this.at++;
      return this.literal(0x7b);
    }
    const min = Number(counts[1]);
    const max = counts[2] === undefined ? min : counts[3] === undefined ? Infinity : Number(counts[3]);
    if (min > 1000 || (max !== Infinity && max > 1000) || min > max) {
      this.fail(start, `invalid repeat count: \`${counts[0]}\``);
    }
    this.repeat(min, max, start + counts[0].length, true);
  }

  private repeat(min: number, max: number, end: number, counted: boolean): void {
    const start = this.at;
    const mark = this.pattern.charAt(end) === '?';
    const next = mark ? end + 1 : end;
    if (this.afterRepeat === start) {
      this.fail(start, `invalid nested repetition operator: \`${this.pattern.slice(start, next)}\``);
    }
    const item = this.frame.repeatable ? this.frame.items.pop() : undefined;
    if (!item)
      return this.fail(start, `missing argument to repetition operator: \`${this.pattern.slice(start, next)}\``);
    const lazy = mark !== this.flags.swapGreed;
    const node: Node = { type: 'repeat', item, min, max, lazy, counted, position: start };
    if (counted && (min >= 2 || max >= 2) && !countsWithin(node, 1000)) {
      this.fail(start, `invalid repeat count: \`${this.pattern.slice(start, next)}\``);
    }
    this.push(node);
    this.at = next;
    this.afterRepeat = next;
  }

  private escape(): void {
    const start = this.at;
    const next = this.pattern.charAt(start + 1);
    const assertion = ASSERTIONS[next];
    if (assertion !== undefined) {
      this.at += 2;
      return this.push({ type: 'assertion', source: assertion });
    }
    if (next === 'C') this.fail(start, 'invalid escape sequence: `\\C` (a single byte)');
    if (next === 'Q') return this.quoted();
    const members = this.classEscape();
    if (members) return this.push({ type: 'char', source: members.source() });
    this.literal(this.escapedRune());
  }

  private quoted(): void {
    const from = this.at + 2;
    const end = this.pattern.indexOf('\\E', from);
    const to = end < 0 ? this.pattern.length : end;
    this.at = from;
    while (this.at < to) this.literal(this.rune());
    if (end >= 0) this.at = end + 2;
  }

  /** `\d`, `\pL`, `\P{Greek}`, at the place; undefined where there is no class. */
  private classEscape(): Members | undefined {
    const { pattern, at: start } = this;
    const letter = pattern.charAt(start + 1);
    if (pattern.charAt(start) !== '\\') return undefined;
    const perl = PERL[letter.toLowerCase()];
    if (perl && letter !== '') {
      this.at += 2;
      return new Members(this.flags.fold).add(perl, letter !== letter.toLowerCase());
    }
    if (letter !== 'p' && letter !== 'P') return undefined;
    this.at += 2;
    if (this.at >= pattern.length) this.fail(start, 'invalid character class range: `' + pattern.slice(start) + '`');
    let name: string;
    if (pattern.charAt(this.at) === '{') {
      const end = pattern.indexOf('}', this.at);
      if (end < 0) this.fail(start, `invalid character class range: \`${pattern.slice(start)}\``);
      name = pattern.slice(this.at + 1, end);
      this.at = end + 1;
    } else {
      name = String.fromCodePoint(this.rune());
    }
    let negated = letter === 'P';
    if (name.startsWith('^')) {
      negated = !negated;
      name = name.slice(1);
    }
    const property = unicodeProperty(name);
    if (property === undefined) {
      return this.fail(start, `invalid character class range: \`${pattern.slice(start, this.at)}\``);
    }
    return new Members(this.flags.fold).addProperty(property, negated);
  }

  private bracket(): string {
    const { pattern, at: start } = this;
    this.at++;
    const negated = pattern.charAt(this.at) === '^';
    if (negated) this.at++;
    const members = new Members(this.flags.fold);
    for (let first = true; first || pattern.charAt(this.at) !== ']'; first = false) {
      if (this.at >= pattern.length) this.fail(start, `missing closing ]: \`${pattern.slice(start)}\``);
      if (this.posix(members)) continue;
      const escaped = this.classEscape();
      if (escaped) members.join(escaped);
      else this.range(members, start);
    }
    this.at++;
    return members.source(negated);
  }

  /** `[:alpha:]` within brackets. */
  private posix(members: Members): boolean {
    const { pattern, at: start } = this;
    if (!pattern.startsWith('[:', start)) return false;
    const end = pattern.indexOf(':]', start + 2);
    if (end < 0) return false;
    const text = pattern.slice(start + 2, end);
    const ranges = POSIX.get(text.replace(/^\^/, ''));
    if (!ranges) return this.fail(start, `invalid character class range: \`[:${text}:]\``);
    members.add(ranges, text.startsWith('^'));
    this.at = end + 2;
    return true;
  }

  private range(members: Members, opening: number): void {
    const start = this.at;
    const lo = this.classRune(opening);
    let hi = lo;
    const after = this.pattern.charAt(this.at + 1);
    if (this.pattern.charAt(this.at) === '-' && after !== ']' && after !== '') {
      this.at++;
      hi = this.classRune(opening);
      if (hi < lo) this.fail(start, `invalid character class range: \`${this.pattern.slice(start, this.at)}\``);
    }
    members.add([lo, hi], false);
  }

  private classRune(opening: number): number {
    if (this.at >= this.pattern.length) this.fail(opening, `missing closing ]: \`${this.pattern.slice(opening)}\``);
    return this.pattern.charAt(this.at) === '\\' ? this.escapedRune() : this.rune();
  }

  /** The character that an escape stands for. */
  private escapedRune(): number {
    const start = this.at;
    if (start + 1 >= this.pattern.length) this.fail(start, 'trailing backslash at end of expression');
    const rest = this.pattern.slice(start + 1, start + 40);
    const octal = /^(0[0-7]{0,2}|[1-7][0-7]{1,2})/.exec(rest);
    if (octal) {
      this.at += 1 + octal[0].length;
      return parseInt(octal[0], 8);
    }
    const hex = /^x(?:([0-9A-Fa-f]{2})|\{([0-9A-Fa-f]+)\})/.exec(rest);
    const code = hex ? parseInt(hex[1] ?? hex[2] ?? '', 16) : undefined;
    if (hex && code !== undefined && code <= MAX_RUNE) {
      this.at += 1 + hex[0].length;
      return code;
    }
    const letter = rest.charAt(0);
    const control = CONTROLS[letter];
    if (control !== undefined || /^[!-/:-@[-`{-~\0- \x7f]/.test(letter)) {
      this.at += 2;
      return control ?? letter.charCodeAt(0);
    }
    const char = String.fromCodePoint(rest.codePointAt(0) ?? 0);
    return this.fail(start, `invalid escape sequence: \`\\${char}\``);
  }

  private rune(): number {
    const code = this.pattern.codePointAt(this.at) ?? 0;
    this.at += code > 0xffff ? 2 : 1;
    return code;
  }

  private fail(position: number, reason: string): never {
    throw new GoRegExpError(this.pattern, position, reason);
  }
}

const FLAG_OF: Readonly<Record<string, keyof Flags>> = { i: 'fold', m: 'multiline', s: 'dotAll', U: 'swapGreed' };
const ASSERTIONS: Readonly<Record<string, string>> = { A: '^', z: '$', b: '\\b', B: '\\B' };
const CONTROLS: Readonly<Record<string, number>> = { a: 7, f: 12, n: 10, r: 13, t: 9, v: 11 };

const concat = (items: Node[]): Node => (items.length === 1 && items[0] ? items[0] : { type: 'concat', items });

/** What is within brackets: ranges, and names of Unicode classes as long as no case is to be folded. */
class Members {
  private readonly ranges: number[] = [];
  private readonly properties: string[] = [];

  constructor(private readonly folding: boolean) {}

  add(ranges: Ranges, negated: boolean): this {
    const all = this.folding ? fold(ranges) : ranges;
    this.ranges.push(...(negated ? negate(all) : all));
    return this;
  }

  addProperty(property: string, negated: boolean): this {
    if (this.folding && property !== 'Any' && property !== 'Assigned') {
      return this.add(rangesOfProperty(property), negated);
    }
    this.properties.push(`\\${negated ? 'P' : 'p'}{${property}}`);
    return this;
  }

  join(other: Members): void {
    this.ranges.push(...other.ranges);
    this.properties.push(...other.properties);
  }

  source(negated = false): string {
    return setSource(clean(this.ranges), negated, this.properties);
  }
}

function setSource(sorted: Ranges, negated: boolean, properties: readonly string[] = []): string {
  let inside = properties.join('');
  for (let i = 0; i + 1 < sorted.length; i += 2) {
    const lo = sorted[i] ?? 0;
    const hi = sorted[i + 1] ?? 0;
    inside += lo === hi ? inClass(lo) : `${inClass(lo)}-${inClass(hi)}`;
  }
  return `[${negated ? '^' : ''}${inside}]`;
}

function charSource(code: number): string {
  if (code > 0x7e || code < 0x20) return inClass(code);
  const char = String.fromCharCode(code);
  return '^$\\.*+?()[]{}|/'.includes(char) ? `\\${char}` : char;
}

const inClass = (code: number): string =>
  (code >= 0x30 && code <= 0x39) || (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a)
    ? String.fromCharCode(code)
    : `\\u{${code.toString(16)}}`;
