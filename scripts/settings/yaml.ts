// Reads a settings file and remembers where each value stands, so that every error can show its line.

import type { Document, visit as Visit } from 'yaml';
import { ConfigError, reasonOf } from '../base/errors.ts';
import { excerptOf, yamlMessage } from '../base/excerpt.ts';
import { readTextBounded } from '../host/files/bounded.ts';

export type Path = readonly (string | number)[];

export interface SettingsFile {
  /** As given by the user. */
  name: string;
  tree: Readonly<Record<string, unknown>>;
  /** Where a value stands, or the nearest thing around it; `at: 'key'` for its key instead. */
  locate(path: Path, at?: 'key' | 'value'): Location;
}

export interface Location {
  /** `file:line:column` */
  where: string;
  /** The line, with a marker below it. */
  excerpt: string;
}

/** Whether a text may hold a secret by what it names, or has credentials in an address: it is not repeated then. */
export function looksSecret(text: string): boolean {
  return /pas+w|pass|secret|token|credential|api.?key|valuesFrom|:\/\/[^\s/@]*@/i.test(text);
}

/** @param name what messages call it. @throws ConfigError where it cannot be read or is no YAML mapping; all syntax errors at once. */
export async function readSettingsFile(path: string, name: string): Promise<SettingsFile> {
  const text = await readTextBounded(path).catch((cause: unknown) => {
    throw new ConfigError([{ where: name, message: `cannot be read: ${reasonOf(cause)}` }]);
  });
  return parseSettingsFile(name, text);
}

/** @throws ConfigError where it is no YAML mapping; all syntax errors at once. */
export async function parseSettingsFile(name: string, text: string): Promise<SettingsFile> {
  const { LineCounter, isMap, isNode, isPair, isScalar, isSeq, parseDocument, visit } = await import('yaml');
  const { rereadValues } = await import('./inline-values.ts');
  const counter = new LineCounter();
  const document: Document = parseDocument(text, { lineCounter: counter, prettyErrors: false, merge: true });
  const lines = text.split(/\r?\n/);

  const locationOf = (offset: number): Location => {
    const { line, col } = counter.linePos(offset);
    const source = lines[line - 1] ?? '';
    return { where: `${name}:${line}:${col}`, excerpt: looksSecret(source) ? '' : excerptOf(source, line, col) };
  };
  if (document.errors.length > 0) {
    throw new ConfigError(
      document.errors.map((e) => ({
        ...locationOf(e.pos[0]),
        message:
          e.code === 'MULTIPLE_DOCS' ? 'begins a second document; a settings file is one' : yamlMessage(e.message),
      })),
    );
  }
  const { contents } = document;
  if (contents !== null && !isMap(contents)) {
    throw new ConfigError([{ ...locationOf(0), message: 'must be a mapping of settings, like "name: dev"' }]);
  }

  const wrong = [...rereadValues(document), ...lostKeys(document, visit)];
  if (wrong.length > 0) throw new ConfigError(wrong.map(({ offset, message }) => ({ ...locationOf(offset), message })));

  /** Offset of the value at a path, or of its key, or of the nearest thing above it. */
  const offsetOf = (path: Path, wantKey: boolean): number => {
    let node: unknown = contents;
    let offset = contents?.range?.[0] ?? 0;
    for (const [depth, part] of path.entries()) {
      let next: unknown;
      if (isMap(node)) {
        const pair = node.items.find((p) => isPair(p) && isScalar(p.key) && String(p.key.value) === String(part));
        if (!pair) break;
        const at = (wantKey && depth === path.length - 1) || !isNode(pair.value) ? pair.key : pair.value;
        if (isNode(at) && at.range) offset = at.range[0];
        next = pair.value;
      } else if (isSeq(node)) {
        next = node.items[Number(part)];
        if (isNode(next) && next.range) offset = next.range[0];
      }
      node = next;
    }
    return offset;
  };

  let tree: unknown;
  try {
    tree = document.toJS();
  } catch (cause) {
    // Aliases of aliases stand for more than there is memory.
    throw new ConfigError([{ where: name, message: `cannot be read: ${reasonOf(cause)}` }], { cause });
  }
  return {
    name,
    tree: settingsOf((tree ?? {}) as Record<string, unknown>),
    locate: (path, at = 'value') => locationOf(offsetOf(path, at === 'key')),
  };
}

/** A key of this name would be lost without a word on its way through objects. */
function lostKeys(document: Document, visit: typeof Visit): { offset: number; message: string }[] {
  const lost: { offset: number; message: string }[] = [];
  visit(document, {
    Scalar(at, { value, range }) {
      if (at !== 'key' || value !== '__proto__') return;
      lost.push({ offset: range?.[0] ?? 0, message: '"__proto__" cannot be a key here' });
    },
  });
  return lost;
}

/** A key whose value is commented out is as good as none; keys that begin with `x-` hold what anchors refer to. */
function settingsOf(tree: Readonly<Record<string, unknown>>, depth = 0): Record<string, unknown> {
  const kept = Object.entries(tree).filter(([key, value]) => value !== null && !(depth === 0 && key.startsWith('x-')));
  return Object.fromEntries(
    kept.map(([key, value]) => {
      const isMap = typeof value === 'object' && !Array.isArray(value);
      return [key, isMap && depth === 0 ? settingsOf(value as Record<string, unknown>, 1) : value];
    }),
  );
}
