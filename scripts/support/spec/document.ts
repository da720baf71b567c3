// One text of YAML as documents whose nodes know their places, those inside Secrets and ConfigMaps included.

import { type Document, LineCounter, type Node, type ParsedNode, isNode, isScalar, parseAllDocuments } from 'yaml';
import { yamlMessage } from '../../base/excerpt.ts';
import type { Place } from '../types.ts';

/** A text and where it comes from. */
export interface SpecText {
  /** The file's path, or whatever else names it, like `secret/ns/name`. */
  name: string;
  text: string;
  /** Of a text that stands inside another: what is to be added to its lines and columns. */
  offset?: { line: number; column: number } | undefined;
}

export interface Problem {
  place: Place;
  message: string;
  /** A warning is an error where strictness is asked for. */
  severity: 'error' | 'warning';
}

/** A YAML document and its nodes' places. */
export interface YamlDocument {
  value: Readonly<Record<string, unknown>>;
  place: Place;
  /** Of the nearest node on the path. */
  placeOf: (path: readonly (string | number)[]) => Place;
  /** Whether a text stands there without quotes. */
  isPlain: (path: readonly (string | number)[]) => boolean;
}

/** Keys of Secrets and ConfigMaps that hold specs. */
export const specKeys = ['support-bundle-spec', 'preflight.yaml', 'preflight-spec', 'redactor-spec'];

/** All documents that are mappings; those inside Secrets and ConfigMaps take their place. */
export function readDocuments(source: SpecText): { documents: YamlDocument[]; problems: Problem[] } {
  const lines = new LineCounter();
  const placeAt = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    const { line: more = 0, column = 0 } = source.offset ?? {};
    return { file: source.name, line: Math.max(1, line) + more, column: Math.max(1, col) + column };
  };
  const parsed = parseAllDocuments(source.text, {
    lineCounter: lines,
    uniqueKeys: false,
    merge: true,
    version: '1.2',
  });
  const documents: YamlDocument[] = [];
  const problems: Problem[] = [];
  for (const document of 'empty' in parsed ? [] : parsed) {
    const [error] = document.errors;
    if (error) {
      const message = `is no valid YAML: ${yamlMessage(error.message).split('\n')[0] ?? ''}`.replace(
        / at line \d+, column \d+:?$/,
        '',
      );
      problems.push({ place: placeAt(error.pos[0]), message, severity: 'error' });
      continue;
    }
    const one = valueOf(document, placeAt);
    if (one === undefined) continue;
    if ('message' in one) problems.push(one);
    else if (isHolder(one.value)) {
      for (const inner of innerTexts(document, one, source)) {
        const read = readDocuments(inner);
        documents.push(...read.documents);
        problems.push(...read.problems);
      }
    } else documents.push(one);
  }
  return { documents, problems };
}

function valueOf(document: Document.Parsed, placeAt: (offset: number) => Place): YamlDocument | Problem | undefined {
  const start = placeAt(document.contents?.range[0] ?? document.range[0]);
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: 1000 });
    if (isCircular(value)) throw new Error('an alias stands for what contains it');
  } catch (error) {
    return { place: start, message: `cannot be read: ${(error as Error).message}`, severity: 'error' };
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  return {
    value: value as Record<string, unknown>,
    place: start,
    isPlain: (path) => {
      const node = document.getIn(path, true);
      return isScalar(node) && node.type === 'PLAIN';
    },
    placeOf: (path) => {
      for (let length = path.length; length > 0; length--) {
        const offset = offsetOf(document, path.slice(0, length));
        if (offset !== undefined) return placeAt(offset);
      }
      return start;
    },
  };
}

/** Whether a value contains itself. */
function isCircular(value: unknown, above: ReadonlySet<unknown> = new Set(), done = new Set<unknown>()): boolean {
  if (typeof value !== 'object' || value === null || done.has(value)) return false;
  if (above.has(value)) return true;
  const within = new Set([...above, value]);
  const found = Object.values(value).some((below) => isCircular(below, within, done));
  done.add(value);
  return found;
}

/** Of the key where the last part is one, else of the item. */
function offsetOf(document: Document.Parsed, path: readonly (string | number)[]): number | undefined {
  const last = path.at(-1);
  const above =
    path.length === 1 ? document.contents : (document.getIn(path.slice(0, -1), true) as ParsedNode | undefined);
  if (above && 'items' in above && typeof last === 'string') {
    for (const item of above.items) {
      if ('key' in item && isScalar(item.key) && String(item.key.value) === last) return (item.key as Node).range?.[0];
    }
  }
  const node = document.getIn(path, true);
  return isNode(node) ? node.range?.[0] : undefined;
}

function isHolder(value: Readonly<Record<string, unknown>>): boolean {
  return value['apiVersion'] === 'v1' && (value['kind'] === 'Secret' || value['kind'] === 'ConfigMap');
}

function innerTexts(document: Document.Parsed, { value, placeOf }: YamlDocument, source: SpecText): SpecText[] {
  const texts: SpecText[] = [];
  for (const part of ['data', 'stringData']) {
    const held = value[part];
    if (typeof held !== 'object' || held === null) continue;
    for (const [key, content] of Object.entries(held as Record<string, unknown>)) {
      if (!specKeys.includes(key) || typeof content !== 'string') continue;
      const encoded = value['kind'] === 'Secret' && part === 'data';
      const node = document.getIn([part, key], true);
      if (!encoded && isScalar(node) && node.type === 'BLOCK_LITERAL') {
        const { line } = placeOf([part, key]);
        const first = source.text
          .slice(node.range?.[0] ?? 0)
          .split('\n')
          .slice(1)
          .find((text) => text.trim() !== '');
        const column = /^ */.exec(first ?? '')?.[0].length ?? 0;
        texts.push({ name: source.name, text: content, offset: { line, column } });
      } else {
        const text = encoded ? Buffer.from(content, 'base64').toString('utf8') : content;
        texts.push({ name: `${source.name}#${part}.${key}`, text });
      }
    }
  }
  return texts;
}
