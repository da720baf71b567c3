// Parses a YAML manifest file as kubectl does: many documents, go-yaml's scalars, positions kept.

import { type Document, isMap, isScalar, LineCounter, visit } from 'yaml';
import { messageOf, type Problem } from '../../base/errors.ts';
import { yamlMessage } from '../../base/excerpt.ts';
import { parseGoYaml } from './go-yaml.ts';
import type { ManifestPart, Parts } from './manifest.ts';

/** All documents that are not empty; a damaged document is reported and left out. */
export function readYamlText(text: string, file: string): Parts {
  const lines = new LineCounter();
  const at = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `${file}:${Math.max(1, line)}:${Math.max(1, col)}`;
  };
  const parts: ManifestPart[] = [];
  const problems: Problem[] = [];
  // Looked for once in the whole text, because walking through each document takes time.
  const templated = text.includes('{{');
  for (const document of parseGoYaml(text, lines)) {
    const before = problems.length;
    problems.push(...errorsOf(document, text, at), ...(templated ? expressions(document, at) : []));
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
    const [offset] = error.pos;
    return {
      where: at(offset),
      message: yamlMessage(error.message) + template,
      // A Secret's lines must reach no log.
      excerpt: secret ? undefined : excerptAt(text, offset),
    };
  });
}

const longestLine = 100;

/** The line of a place with a marker below it; of a long line the part around. */
function excerptAt(text: string, offset: number): string | undefined {
  const start = Math.max(text.lastIndexOf('\n', offset - 1) + 1, offset - longestLine);
  const line = text.slice(start, start + longestLine + longestLine / 2).split(/\r?\n/, 1)[0] ?? '';
  return line.trim() === '' ? undefined : `${line}\n${' '.repeat(offset - start)}^`;
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
