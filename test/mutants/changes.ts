// Finds the small changes that a file can get, and writes all of them into it behind switches: pure.

import type typescript from 'typescript';
import { ts } from '../typescript.ts';

/** One operator, one boundary or one default. */
export interface Change {
  readonly id: number;
  readonly file: string;
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

const SWAPS: Readonly<Record<string, string>> = {
  '&&': '||',
  '||': '&&',
  '??': '&&',
  '===': '!==',
  '!==': '===',
  '<': '<=',
  '<=': '<',
  '>': '>=',
  '>=': '>',
  '+': '-',
  '-': '+',
  '*': '/',
  '/': '*',
};

/** These decide by their left side whether the right side is looked at. */
const SHORT_CIRCUITS: ReadonlySet<string> = new Set(['&&', '||', '??']);

/** The amount of a named limit or time: one more of it is no fault that a test should see. */
function isTuning(node: typescript.Node): boolean {
  let top = node;
  while (ts.isBinaryExpression(top.parent)) top = top.parent;
  return ts.isVariableDeclaration(top.parent) && /^[A-Z][A-Z0-9_]*$/.test(top.parent.name.getText());
}

/** Where a change is, and its text; undefined for what is left alone. */
function changeOf(
  node: typescript.Node,
  source: typescript.SourceFile,
): { at: typescript.Node; text: string } | undefined {
  if (ts.isBinaryExpression(node)) {
    const swapped = SWAPS[node.operatorToken.getText(source)];
    const joinsText = [node.left, node.right].some((side) => ts.isStringLiteralLike(side));
    return swapped === undefined || joinsText ? undefined : { at: node.operatorToken, text: swapped };
  }
  if (ts.isPrefixUnaryExpression(node) && node.operator === ts.SyntaxKind.ExclamationToken)
    return { at: node, text: node.operand.getText(source) };
  const isName = ts.isPropertyAssignment(node.parent) && node.parent.name === node;
  if (ts.isNumericLiteral(node) && !isTuning(node) && !isName)
    return { at: node, text: `(${node.getText(source)} + 1)` };
  if (node.kind === ts.SyntaxKind.TrueKeyword) return { at: node, text: 'false' };
  if (node.kind === ts.SyntaxKind.FalseKeyword) return { at: node, text: 'true' };
  return undefined;
}

const isOnlyTypes = (node: typescript.Node): boolean =>
  ts.isTypeNode(node) || ts.isInterfaceDeclaration(node) || ts.isImportDeclaration(node);

const parse = (file: string, text: string): typescript.SourceFile =>
  ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);

/** @param firstId the changes of all files together have numbers from 1 */
export function changesOf(file: string, text: string, firstId = 1): Change[] {
  const source = parse(file, text);
  const changes: Change[] = [];
  const visit = (node: typescript.Node): void => {
    if (isOnlyTypes(node)) return;
    const change = changeOf(node, source);
    if (change !== undefined) {
      const { at } = change;
      const id = firstId + changes.length;
      changes.push({ id, file, start: at.getStart(source), end: at.getEnd(), text: change.text });
    }
    ts.forEachChild(node, visit);
  };
  ts.forEachChild(source, visit);
  return changes;
}

/**
 * The text with every change behind a switch, so that one bundle serves for all of them.
 *
 * @param changes of this file; @param switches the module that throws them, as an absolute path
 */
export function withSwitches(text: string, changes: readonly Change[], switches: string): string {
  const source = parse('text.ts', text);
  const byStart = new Map(changes.map((change) => [change.start, change.id]));
  const write = (node: typescript.Node): string => {
    const change = isOnlyTypes(node) ? undefined : changeOf(node, source);
    const id = change && byStart.get(change.at.getStart(source));
    if (change === undefined || id === undefined) return isOnlyTypes(node) ? node.getText(source) : plain(node);
    if (ts.isBinaryExpression(node)) {
      const operator = node.operatorToken.getText(source);
      const [left, right] = [write(node.left), write(node.right)];
      const given = `${id}, '${operator}', '${change.text}', (${left})`;
      if (!SHORT_CIRCUITS.has(operator)) return `__switches.operator(${given}, (${right}))`;
      return `(__switches.goesOn(${given}) ? (${right}) : __switches.left())`;
    }
    if (ts.isPrefixUnaryExpression(node)) return `__switches.not(${id}, (${write(node.operand)}))`;
    return `__switches.${ts.isNumericLiteral(node) ? 'number' : 'flag'}(${id}, ${node.getText(source)})`;
  };
  const plain = (node: typescript.Node): string => {
    let at = node.getStart(source);
    let written = '';
    ts.forEachChild(node, (child) => {
      // The short form of a property is its own name and value.
      if (child.getStart(source) < at) return;
      written += text.slice(at, child.getStart(source)) + write(child);
      at = child.getEnd();
    });
    return written + text.slice(at, node.getEnd());
  };
  return `import { switches as __switches } from ${JSON.stringify(switches)}; ${plain(source)}`;
}
