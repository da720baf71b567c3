// Redactors of the user's own, as troubleshoot's kind `Redactor` has them: by file, by value, by regular expression, by path.

import { globToRegExp } from '../glob.ts';
import { GoRegExp, watched, type GoMatch } from '../go-regexp.ts';
import type { Hiding } from './hiding.ts';
import { latin1 } from './needles.ts';
import { hideAtPaths } from './yaml-path.ts';

/** One entry of `spec.redactors`. */
export interface RedactorSpec {
  name?: string | undefined;
  fileSelector?: { file?: string | undefined; files?: readonly string[] | undefined } | undefined;
  removals?:
    | {
        values?: readonly string[] | undefined;
        regex?: readonly { selector?: string | undefined; redactor: string }[] | undefined;
        yamlPath?: readonly string[] | undefined;
      }
    | undefined;
}

interface Rule {
  name: string;
  /** Whether the rule is one for the file at `path`. */
  covers: (path: string) => boolean;
  values: readonly string[];
  patterns: readonly { selector: GoRegExp | undefined; redactor: GoRegExp }[];
  paths: readonly string[];
}

/** What applies to one file. */
export interface FileRules {
  /** Whether it has to be in memory as a whole. */
  needsWhole: boolean;
  /** All of a file at once. @throws where a path names the file, and it cannot be read */
  all(text: string, hiding: Hiding): string;
  /** A file in parts. */
  lines(hiding: Hiding): { push(part: string, final: boolean): string };
}

/** A line that is longer is taken in parts; a match across the border of two parts is not found. */
const LONGEST_LINE = 1 << 20;
const BUDGET_MS = 1000;

export class CustomRedactors {
  private readonly rules: readonly Rule[];

  /** @throws GoRegExpError for a pattern that is none, before any file is looked at */
  constructor(specs: readonly RedactorSpec[]) {
    this.rules = specs.map((spec, number) => compile(spec, number));
  }

  /** The rules for the file at `path`, or undefined where there are none. */
  for(path: string): FileRules | undefined {
    const rules = this.rules.filter((rule) => rule.covers(path));
    if (rules.length === 0) return undefined;
    const paths = rules.flatMap((rule) => rule.paths.map((wanted) => ({ wanted, rule: rule.name })));
    const lines = (hiding: Hiding): LineRules => new LineRules(rules, hiding);
    return {
      needsWhole: paths.length > 0,
      lines,
      all(text, hiding) {
        const out = lines(hiding).push(text, true);
        if (paths.length === 0) return out;
        return hideAtPaths(out, {
          path,
          paths,
          hide: (rule, secret) => {
            hiding.count(rule);
            return hiding.by(secret);
          },
        });
      },
    };
  }
}

function compile(spec: RedactorSpec, number: number): Rule {
  const globs = [spec.fileSelector?.file ?? '', ...(spec.fileSelector?.files ?? [])].filter((glob) => glob !== '');
  const patterns = globs.map(globToRegExp);
  return {
    name: spec.name ?? `redactor ${number + 1}`,
    covers: (path) => patterns.length === 0 || patterns.some((pattern) => pattern.test(path)),
    values: (spec.removals?.values ?? [])
      .filter((value) => value !== '')
      .map(latin1)
      .sort((a, b) => b.length - a.length),
    patterns: (spec.removals?.regex ?? []).map(({ selector, redactor }) => ({
      selector: selector === undefined || selector === '' ? undefined : new GoRegExp(selector, BUDGET_MS),
      redactor: new GoRegExp(redactor, BUDGET_MS),
    })),
    paths: spec.removals?.yamlPath ?? [],
  };
}

/** Goes over a text line by line; characters are bytes. */
class LineRules {
  private rest = '';
  /** By rule and pattern: whether its selector matched the line before. */
  private readonly selected = new Set<string>();

  private readonly patterns: readonly GoRegExp[];
  private readonly counted: string[] = [];

  constructor(
    private readonly rules: readonly Rule[],
    private readonly hiding: Hiding,
  ) {
    this.patterns = rules
      .flatMap((rule) => rule.patterns)
      .flatMap(({ selector, redactor }) => (selector ? [selector, redactor] : [redactor]));
  }

  push(part: string, final: boolean): string {
    const text = this.rest + part;
    let end = final ? text.length : text.lastIndexOf('\n') + 1;
    if (!final && end === 0 && text.length > LONGEST_LINE) end = text.length - (LONGEST_LINE >> 1);
    this.rest = text.slice(end);
    if (end === 0) return '';
    const selected = [...this.selected];
    // Where the budget ends the work, it begins again, and what it did is not to count twice.
    const out = watched(
      BUDGET_MS,
      () => {
        this.counted.length = 0;
        this.selected.clear();
        for (const key of selected) this.selected.add(key);
        return this.lines(text.slice(0, end));
      },
      ...this.patterns,
    );
    for (const rule of this.counted) this.hiding.count(rule);
    return out;
  }

  private lines(text: string): string {
    let out = '';
    for (let at = 0; at < text.length;) {
      const newline = text.indexOf('\n', at);
      const end = newline < 0 ? text.length : newline;
      out += this.line(text.slice(at, end));
      if (newline >= 0) out += '\n';
      at = end + 1;
    }
    return out;
  }

  private line(line: string): string {
    const carriage = line.endsWith('\r') ? '\r' : '';
    let text = carriage === '' ? line : line.slice(0, -1);
    for (const [r, rule] of this.rules.entries()) {
      for (const value of rule.values) {
        if (text.includes(value)) text = text.split(value).join(this.hide(rule.name, value));
      }
      for (const [p, { selector, redactor }] of rule.patterns.entries()) {
        const key = `${r}.${p}`;
        const wasSelected = this.selected.delete(key);
        if (!selector || wasSelected) text = hideMatches(text, redactor, (secret) => this.hide(rule.name, secret));
        else if (selector.test(utf8(text))) this.selected.add(key);
      }
    }
    return text + carriage;
  }

  private hide(rule: string, secret: string): string {
    this.counted.push(rule);
    return this.hiding.by(secret);
  }
}

/**
 * A line with its matches rebuilt as troubleshoot does it: of a match its groups stay, but for what `mask` hides and `drop`
 * removes; text of a match that is in no group goes.
 */
function hideMatches(line: string, pattern: GoRegExp, hide: (secret: string) => string): string {
  const text = utf8(line);
  const matches = pattern.findAll(text);
  if (matches.length === 0) return line;
  let out = '';
  let from = 0;
  for (const match of matches) {
    out += text.slice(from, match.index) + rebuilt(text, pattern, match, hide);
    from = match.end;
  }
  return bytesOf(out + text.slice(from));
}

function rebuilt(text: string, pattern: GoRegExp, match: GoMatch, hide: (secret: string) => string): string {
  const spans = pattern
    .spans(text, match)
    .map(([start, end], number) => ({ start, end, name: pattern.groupNames[number] ?? '' }))
    .slice(1)
    .filter(({ start }) => start >= 0);
  const secret = spans.filter(({ name }) => name === 'mask' || name === 'drop');
  let out = '';
  let at = match.index;
  for (const span of spans) {
    if (span.start < at && span.end <= at) continue;
    const start = Math.max(span.start, at);
    // Within a group that stays, what is to be hidden is hidden.
    let from = start;
    for (const inner of secret.filter((one) => one.start >= start && one.end <= span.end)) {
      if (inner.start < from) continue;
      out += text.slice(from, inner.start);
      if (inner.name === 'mask') out += hide(bytesOf(text.slice(inner.start, inner.end)));
      from = inner.end;
    }
    out += text.slice(from, span.end);
    at = span.end;
  }
  return out;
}

/** Bytes as the text that they are in UTF-8; bytes that are none stay apart, so that they can be written again. */
function utf8(bytes: string): string {
  if (!/[\x80-\xff]/.test(bytes)) return bytes;
  const buffer = Buffer.from(bytes, 'latin1');
  const text = buffer.toString('utf8');
  return Buffer.from(text, 'utf8').equals(buffer)
    ? text
    : bytes.replace(/[\x80-\xff]/g, (char) => String.fromCharCode(0xdc00 + char.charCodeAt(0)));
}

function bytesOf(text: string): string {
  if (/[\udc80-\udcff]/u.test(text)) {
    return text.replace(/[\udc80-\udcff]/gu, (char) => String.fromCharCode(char.charCodeAt(0) - 0xdc00));
  }
  return /[^\x00-\x7f]/.test(text) ? latin1(text) : text;
}
