// Go's regular expressions (RE2's syntax and meaning) on V8's engine, which is fast, with a linear one behind it.
//
// What V8 would match otherwise than Go, and what takes V8 too long, goes to the linear engine: a pattern is never refused
// that Go takes, and no text makes a search take more than linear time beyond the budget.

import vm from 'node:vm';
import { linearSearch, type Spans } from './go-regexp/linear.ts';
import { loops, risky, toSource, unfaithful } from './go-regexp/node.ts';
import { GoRegExpError, parse } from './go-regexp/parse.ts';

export { GoRegExpError } from './go-regexp/parse.ts';

export interface GoMatch {
  /** Where the match begins and ends in the text. */
  readonly index: number;
  readonly end: number;
  /** The text of each group, [0] the whole match; undefined for a group that is not part of it. */
  readonly groups: readonly (string | undefined)[];
}

/** How long V8 may look for matches in one call, before the linear engine takes over for good. */
const BUDGET_MS = 250;

/** Below this many steps in the worst case a search is not watched, since watching costs about 0.1 ms. */
const UNWATCHED_STEPS = 2_000_000;

/** A compiled pattern with the methods of Go's `regexp.Regexp`. */
export class GoRegExp {
  /** Names of the groups by number, '' for those without; [0] is the whole match. */
  readonly groupNames: readonly string[];
  /** Why V8 is not asked, where it is not. */
  readonly unfaithful: string | undefined;
  private readonly native: RegExp | undefined;
  private readonly nativeWithSpans: RegExp | undefined;
  private readonly unnamed: string;
  private readonly degree: number;
  private readonly risky: boolean;
  private linear: ((text: string, from: number) => Spans | undefined) | undefined;
  private demoted = false;

  /** Throws a GoRegExpError with the place where the pattern is not one of Go's. */
  constructor(
    readonly pattern: string,
    private readonly budgetMs = BUDGET_MS,
  ) {
    const { root, names, unnamed } = parse(pattern);
    this.groupNames = names;
    this.unnamed = unnamed;
    this.unfaithful = unfaithful(root)?.reason;
    this.risky = risky(root);
    this.degree = loops(root) + 1;
    if (this.unfaithful === undefined) {
      try {
        const source = toSource(root) || '(?:)';
        this.native = new RegExp(source, 'gu');
        this.nativeWithSpans = new RegExp(source, 'dyu');
      } catch {
        // Too large for V8.
        this.native = undefined;
      }
    }
    if (!this.native) this.search('', 0);
  }

  /** Whether the text holds a match. */
  test(text: string): boolean {
    return this.find(text) !== undefined;
  }

  /** The leftmost match at or after `from`; `^` and `\b` see the text before it. */
  find(text: string, from = 0): GoMatch | undefined {
    const found = this.search(text, from);
    if (!found) return undefined;
    return 'input' in found
      ? { index: found.index, end: found.index + found[0].length, groups: [...found] }
      : {
          index: found[0]?.[0] ?? 0,
          end: found[0]?.[1] ?? 0,
          groups: found.map(([start, end]) => (start < 0 ? undefined : text.slice(start, end))),
        };
  }

  /** The matches that do not overlap, as Go's FindAll has them; at most `limit`, where it is not negative. */
  findAll(text: string, limit = -1): GoMatch[] {
    const collect = (): GoMatch[] => {
      const all: GoMatch[] = [];
      let at = 0;
      let previousEnd = -1;
      while (at <= text.length && (limit < 0 || all.length < limit)) {
        const match = this.find(text, at);
        if (!match) break;
        if (match.end === match.index) {
          // An empty match right behind another match is none.
          if (match.index !== previousEnd) all.push(match);
          at = match.end + ((text.codePointAt(match.end) ?? 0) > 0xffff ? 2 : 1);
        } else {
          all.push(match);
          at = match.end;
        }
        previousEnd = match.end;
      }
      return all;
    };
    return this.needsWatch(text.length) ? watched(this.budgetMs, collect, this) : collect();
  }

  /** Where each group of `match` stands in the text that it was found in. */
  spans(text: string, match: GoMatch): Spans {
    const { nativeWithSpans: pattern } = this;
    const run = (): Spans => {
      if (!pattern || this.demoted) return this.linearly(text, match.index) ?? [];
      pattern.lastIndex = match.index;
      const found = pattern.exec(text) as (RegExpExecArray & { indices: ([number, number] | undefined)[] }) | null;
      return found?.indices.map((span) => span ?? [-1, -1]) ?? [];
    };
    return this.risky || this.needsWatch(text.length) ? watched(this.budgetMs, run, this) : run();
  }

  /** Go's ReplaceAllString: `$1`, `${name}` and `$$` in the template. */
  replaceAll(text: string, template: string): string {
    return this.replaceAllFunc(text, (match) => this.expand(template, match));
  }

  replaceAllFunc(text: string, replacement: (match: GoMatch) => string): string {
    let out = '';
    let from = 0;
    for (const match of this.findAll(text)) {
      out += text.slice(from, match.index) + replacement(match);
      from = match.end;
    }
    return out + text.slice(from);
  }

  /** Go's Split: at most `limit` parts where it is positive. */
  split(text: string, limit = -1): string[] {
    if (limit === 0) return [];
    if (this.pattern !== '' && text === '') return [''];
    const parts: string[] = [];
    let begin = 0;
    let end = 0;
    for (const match of this.findAll(text, limit)) {
      if (limit > 0 && parts.length === limit - 1) break;
      end = match.index;
      if (match.end !== 0) parts.push(text.slice(begin, end));
      begin = match.end;
    }
    if (end !== text.length) parts.push(text.slice(begin));
    return parts;
  }

  /** Go's Expand: the template with the groups of `match`. */
  expand(template: string, match: GoMatch): string {
    return template.replace(/\$(?:\$|(\w+)|\{(\w+)\})/g, (whole: string, bare?: string, braced?: string) => {
      if (whole === '$$') return '$';
      return this.group(match, bare ?? braced ?? '') ?? '';
    });
  }

  /** The text of a group by its name or number; the first that is part of the match where a name occurs twice. */
  group(match: GoMatch, name: string): string | undefined {
    if (/^(0|[1-9]\d*)$/.test(name)) return match.groups[Number(name)];
    for (const [number, given] of this.groupNames.entries()) {
      if (given === name && match.groups[number] !== undefined) return match.groups[number];
    }
    return undefined;
  }

  /** From now on only the linear engine is asked. */
  demote(): void {
    this.demoted = true;
  }

  private search(text: string, from: number): RegExpExecArray | Spans | undefined {
    const { native } = this;
    if (!native || this.demoted) return this.linearly(text, from);
    const run = (): RegExpExecArray | null => {
      native.lastIndex = from;
      let match = native.exec(text);
      // V8 finds an empty match between the halves of a surrogate pair.
      while (match && splitsPair(text, match.index)) {
        native.lastIndex = match.index + 1;
        match = native.exec(text);
      }
      return match;
    };
    if (watching > 0) return run() ?? undefined;
    if (this.risky) return this.linearly(text, from);
    if (!this.needsWatch(text.length - from)) return run() ?? undefined;
    try {
      return guard(this.budgetMs, run) ?? undefined;
    } catch (error) {
      if (!isOutOfTime(error)) throw error;
      this.demote();
      return this.linearly(text, from);
    }
  }

  private needsWatch(length: number): boolean {
    return length ** this.degree > UNWATCHED_STEPS;
  }

  private linearly(text: string, from: number): Spans | undefined {
    if (!this.linear) {
      try {
        this.linear = linearSearch(this.unnamed);
      } catch (error) {
        const why = this.unfaithful ?? 'is too large for V8';
        throw new GoRegExpError(this.pattern, 0, `${why}, and RE2: ${error instanceof Error ? error.message : ''}`);
      }
    }
    return this.linear(text, from);
  }
}

function splitsPair(text: string, index: number): boolean {
  const code = text.charCodeAt(index);
  if (!(code >= 0xdc00 && code <= 0xdfff) || index === 0) return false;
  const before = text.charCodeAt(index - 1);
  return before >= 0xd800 && before <= 0xdbff;
}

let watching = 0;
let current: (() => unknown) | undefined;
let script: vm.Script | undefined;
const RUNNER = Symbol.for('hoist.go-regexp');

/**
 * Runs many searches with one watch over all of them, which is far cheaper than a watch for each. Where `work` takes
 * longer than the budget, the given patterns use the linear engine from then on, and `work` runs again: it must not have
 * effects of its own.
 */
export function watched<T>(budgetMs: number, work: () => T, ...patterns: readonly GoRegExp[]): T {
  if (watching > 0) return work();
  try {
    return guard(budgetMs, work);
  } catch (error) {
    if (!isOutOfTime(error)) throw error;
    for (const pattern of patterns) pattern.demote();
    return work();
  }
}

/** V8 ends a search from outside only where it runs in a script with a deadline. */
function guard<T>(budgetMs: number, work: () => T): T {
  script ??= new vm.Script(`globalThis[Symbol.for('hoist.go-regexp')]()`);
  (globalThis as Record<symbol, unknown>)[RUNNER] ??= () => current?.();
  const before = current;
  current = work;
  watching++;
  try {
    return script.runInThisContext({ timeout: budgetMs }) as T;
  } finally {
    watching--;
    current = before;
  }
}

const isOutOfTime = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT';
