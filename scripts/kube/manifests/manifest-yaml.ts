// Parses a YAML manifest file as kubectl does: many documents, YAML 1.1 scalars, positions kept.

import { type Document, isMap, isScalar, LineCounter, parseAllDocuments, type ScalarTag, type Tags, visit } from 'yaml';
import { messageOf, type Problem } from '../../base/errors.ts';
import type { Part, Parts } from './manifest.ts';

// kubectl's parser follows YAML 1.1 (`0644` is octal, `on` is true) but has neither times nor sexagesimal numbers,
// takes octals of YAML 1.2 as well, and makes strings of binaries. test/kube/manifests.test.ts compares the two.
const binary: ScalarTag = {
  tag: 'tag:yaml.org,2002:binary',
  resolve: (text) => Buffer.from(text, 'base64').toString(),
};
const octal: ScalarTag = {
  tag: 'tag:yaml.org,2002:int',
  default: true,
  test: /^[-+]?0o[0-7_]+$/,
  resolve: (text) => Number.parseInt(text.replace('0o', '').replaceAll('_', ''), 8),
};

function customTags(tags: Tags): Tags {
  const kept = tags.filter((tag) => {
    if (typeof tag === 'string') return true;
    return !['timestamp', 'binary'].some((name) => tag.tag.endsWith(`:${name}`)) && tag.format !== 'TIME';
  });
  return [octal, binary, ...kept];
}

/** All documents that are not empty; a damaged document is reported and left out. */
export function readYamlText(text: string, file: string): Parts {
  const lines = new LineCounter();
  const at = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `${file}:${Math.max(1, line)}:${Math.max(1, col)}`;
  };
  const parts: Part[] = [];
  const problems: Problem[] = [];
  // Looked for once in the whole text, because walking through each document takes time.
  const huge = /\d{16}/.test(text);
  const templated = text.includes('{{');
  const documents: Document.Parsed[] = parseAllDocuments(text, { version: '1.1', lineCounter: lines, customTags });
  for (const document of documents) {
    const before = problems.length;
    problems.push(
      ...errorsOf(document, text, at),
      ...(huge ? hugeNumbers(document, at) : []),
      ...(templated ? expressions(document, at) : []),
    );
    if (problems.length > before || document.contents === null) continue;
    if (isScalar(document.contents) && document.contents.value === null) continue;
    try {
      parts.push({ value: document.toJS(), where: at(document.contents.range[0]) });
    } catch (error) {
      problems.push({ where: at(document.contents.range[0]), message: messageOf(error) });
    }
  }
  return { parts, problems };
}

function errorsOf(document: Document.Parsed, text: string, at: (offset: number) => string): Problem[] {
  if (document.errors.length === 0) return [];
  const source = text.slice(document.range[0], document.range[2]);
  const secret = /^\s*"?kind"?:\s*"?Secret\b/m.test(source);
  const template = source.includes('{{') ? ' (templates are not rendered here)' : '';
  return document.errors.map((error) => {
    const [message = '', ...rest] = error.message.split('\n');
    const excerpt = rest.join('\n').replace(/^\n+|\n+$/g, '');
    return {
      where: at(error.pos[0]),
      message: message.replace(/ at line \d+, column \d+:?$/, '') + template,
      // A Secret's lines must reach no log.
      excerpt: secret || excerpt === '' ? undefined : excerpt,
    };
  });
}

/** Integers that JavaScript cannot hold would reach the server changed. */
function hugeNumbers(document: Document.Parsed, at: (offset: number) => string): Problem[] {
  const problems: Problem[] = [];
  visit(document, {
    Scalar(_, node) {
      if (typeof node.value !== 'number' || Number.isSafeInteger(node.value)) return;
      if (/^[-+]?[\d_]+$/.test(node.source ?? '')) {
        problems.push({
          where: at(node.range?.[0] ?? 0),
          message: `${node.source ?? ''} is too large a number; quote it`,
        });
      }
    },
  });
  return problems;
}

/** `a: {{ x }}` is YAML, but of a kind that no JSON can hold: a map as a key. */
function expressions(document: Document.Parsed, at: (offset: number) => string): Problem[] {
  const problems: Problem[] = [];
  visit(document, {
    Pair(_, { key }) {
      if (!isMap(key)) return;
      problems.push({
        where: at(key.range?.[0] ?? 0),
        message: 'is a template expression; templates are not rendered here',
      });
    },
  });
  return problems;
}
