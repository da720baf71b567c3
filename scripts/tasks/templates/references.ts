// Which inputs and variables a template names, for the checks before anything runs.

import type { Node, Pipe, Term } from '../../base/go-template/parse.ts';
import { parse } from './template.ts';

export interface Reference {
  root: 'inputs' | 'variables' | 'item';
  name: string;
  /** Offset of the name's field in the text. */
  offset: number;
  /** Whether an unknown name is an error; `index` gives "" for one. */
  strict: boolean;
}

const ROOTS = ['inputs', 'variables', 'item'] as const;

/** @throws TemplateError where the text is no template */
export function referencesOf(text: string): Reference[] {
  const found: Reference[] = [];
  visitNodes(parse(text), found, true);
  return found;
}

/** Below `with` and `range` the dot is another value; only `$` still is the whole then. */
function visitNodes(nodes: readonly Node[], found: Reference[], rooted: boolean): void {
  for (const node of nodes) {
    if ('pipe' in node) visitPipe(node.pipe, found, rooted);
    if ('then' in node) {
      visitNodes(node.then, found, rooted && node.kind === 'if');
      visitNodes(node.otherwise, found, rooted);
    }
    if (node.kind === 'template' && node.argument !== undefined) visitPipe(node.argument, found, rooted);
  }
}

function visitPipe(pipe: Pipe, found: Reference[], rooted: boolean): void {
  for (const terms of pipe.commands) {
    const [first, map, key] = terms;
    if (first?.operand.kind === 'function' && first.operand.name === 'index' && map && key) {
      const root = ROOTS.find((name) => map.fields.length === 1 && map.fields[0]?.name === name && isRoot(map, rooted));
      if (root !== undefined && key.operand.kind === 'literal' && typeof key.operand.value === 'string') {
        found.push({ root, name: key.operand.value, offset: map.fields[0]?.at.offset ?? 0, strict: false });
      }
    }
    for (const term of terms) visitTerm(term, found, rooted);
  }
}

function visitTerm(term: Term, found: Reference[], rooted: boolean): void {
  if (term.operand.kind === 'pipe') visitPipe(term.operand.pipe, found, rooted);
  const [first, second] = term.fields;
  const root = ROOTS.find((name) => name === first?.name && isRoot(term, rooted));
  if (root !== undefined && second !== undefined)
    found.push({ root, name: second.name, offset: first?.at.offset ?? 0, strict: true });
}

function isRoot({ operand }: Term, rooted: boolean): boolean {
  return (operand.kind === 'dot' && rooted) || (operand.kind === 'variable' && operand.name === '');
}
