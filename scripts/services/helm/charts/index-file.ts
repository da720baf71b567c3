// Reads the index of a chart repository: of files up to tens of megabytes only the few lines that are asked for are parsed.

import { at, entries, items, text } from '../json.ts';

/** One version of a chart, as the index has it. */
export interface IndexedChart {
  version: string;
  urls: readonly string[];
  /** Hex sha256 of the archive; undefined where the index has none. */
  digest: string | undefined;
}

export interface ChartIndex {
  /** Names of all charts. */
  names(): string[];
  /** All versions of a chart, in the order of the index; none where there is no such chart. */
  versions(name: string): Promise<IndexedChart[]>;
}

/** undefined where the text is no index. */
export async function readIndex(source: string): Promise<ChartIndex | undefined> {
  return indexOfLines(source) ?? wholeIndex(source);
}

/**
 * The way of indexes that are written as programs write them: names at one indentation below `entries:`, and below each
 * the list of its versions. undefined where the text is written in another way.
 */
function indexOfLines(source: string): ChartIndex | undefined {
  const head = /^entries:[ \t]*\r?\n(?=( +)["']?[\w.-]+["']?:[ \t]*(?:\[\])?\r?$)/m.exec(source);
  const indent = head?.[1];
  if (!head || indent === undefined) return undefined;
  const start = head.index + head[0].length;
  const end = /^[^\s#-]/m.exec(source.slice(start));
  const body = source.slice(start, end ? start + end.index : undefined);
  const slices = new Map<string, { from: number; to: number }>();
  let last: { from: number; to: number } | undefined;
  for (const match of body.matchAll(new RegExp(`^${indent}["']?([\\w.-]+)["']?:[ \\t]*(?:\\[\\])?\\r?$`, 'gm'))) {
    if (last) last.to = match.index;
    last = { from: match.index + match[0].length, to: body.length };
    slices.set(match[1] ?? '', last);
  }
  return {
    names: () => [...slices.keys()],
    async versions(name) {
      const slice = slices.get(name);
      return slice ? versionsOf(body.slice(slice.from, slice.to)) : [];
    },
  };
}

const FIELDS = /^(version|digest|urls):/;

/** Of each item only the fields that count are kept, which are a twentieth of the text, and parsed. */
async function versionsOf(list: string): Promise<IndexedChart[]> {
  const lines = list.split(/\r?\n/).filter((line) => !/^\s*(?:#|$)/.test(line));
  const dash = /^( *)- /.exec(lines[0] ?? '')?.[1]?.length ?? 0;
  const kept: string[] = [];
  let keeping = false;
  for (const line of lines) {
    const isItem = line.startsWith(`${' '.repeat(dash)}- `);
    const isField = isItem || (/^ *[^\s#-]/.test(line) && line.search(/\S/) === dash + 2);
    const content = line.slice(dash + 2);
    if (isItem) kept.push('-');
    // Lines that begin no field belong to the one before.
    if (isField) keeping = FIELDS.test(content);
    if (keeping) kept.push(`  ${content}`);
  }
  const { parse } = await import('yaml');
  const charts = items(parse(kept.join('\n'))).map(chartOf);
  // Written in a way that was not foreseen: slowly, but right.
  return charts.every(({ version }) => version !== '') ? charts : items(parse(list)).map(chartOf);
}

/** The way of all other indexes, JSON among them. */
async function wholeIndex(source: string): Promise<ChartIndex | undefined> {
  const tree = await parsed(source);
  if (at(tree, 'entries') === undefined) return undefined;
  const charts = new Map(entries(at(tree, 'entries')));
  return {
    names: () => [...charts.keys()],
    versions: (name) => Promise.resolve(items(charts.get(name)).map(chartOf)),
  };
}

async function parsed(source: string): Promise<unknown> {
  const { parse } = await import('yaml');
  try {
    // What JSON is, is read many times faster as such.
    if (source.trimStart().startsWith('{')) return JSON.parse(source) as unknown;
  } catch {
    // YAML may start like that too.
  }
  try {
    return parse(source) as unknown;
  } catch {
    return undefined;
  }
}

function chartOf(item: unknown): IndexedChart {
  // A version like 1.10 without quotes is a number to YAML.
  const version = at(item, 'version');
  const digest = text(at(item, 'digest')).replace(/^sha256:/, '');
  return {
    version: typeof version === 'number' ? String(version) : text(version),
    urls: items(at(item, 'urls')).map(text),
    digest: digest === '' ? undefined : digest,
  };
}
