// Makes small changes to the code at random, and says which of them no test notices: `node --import tsx test/mutants.ts
// [--count 200] [--seed 1] [--in PART OF A PATH]`. A change is one operator, one boundary or one default; the fast tests that
// stand nearest to its file are run with it, then the nearest of the slower ones that run the code in their own process. What
// nobody notices is either no change of behaviour, or a test that is missing.

import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import pLimit from 'p-limit';
import ts from 'typescript';
import { bundleTests } from './bundle.ts';
import { FEWER } from './draws.ts';
import { judge } from './guard.ts';
import { isSlow } from './speed.ts';

/** How many test files are asked about one change: fast ones, then slower ones. */
const ASKED = 5;
const ASKED_SLOW = 3;
/** A test that runs longer has noticed: the change made a loop endless; ms. */
const LIMIT_MS = 60_000;
/** Characters of a test's output that are kept: uvu's closing lines are among the last ones. */
const OUTPUT_END = 10_000;
/** Code for browsers and entries, which tests run as a whole. */
const PASSED_OVER = /^scripts\/[^/]+\.ts$|\/page\/|generate-schema|\.d\.ts$/;

const root = fileURLToPath(new URL('..', import.meta.url));
const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
    in: { type: 'string', default: '' },
  },
});

interface Change {
  file: string;
  start: number;
  end: number;
  text: string;
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

/** The amount of a named limit or time: one more of it is no fault that a test should see. */
function isTuning(node: ts.Node): boolean {
  let top = node;
  while (ts.isBinaryExpression(top.parent)) top = top.parent;
  return ts.isVariableDeclaration(top.parent) && /^[A-Z][A-Z0-9_]*$/.test(top.parent.name.getText());
}

function changesOf(file: string): Change[] {
  const text = readFileSync(join(root, file), 'utf8');
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const changes: Change[] = [];
  const add = (node: ts.Node, to: string): void =>
    void changes.push({ file, start: node.getStart(source), end: node.getEnd(), text: to });
  const visit = (node: ts.Node): void => {
    if (ts.isTypeNode(node) || ts.isInterfaceDeclaration(node) || ts.isImportDeclaration(node)) return;
    if (ts.isBinaryExpression(node)) {
      const swapped = SWAPS[node.operatorToken.getText(source)];
      const joinsText = [node.left, node.right].some((side) => ts.isStringLiteralLike(side));
      if (swapped !== undefined && !joinsText) add(node.operatorToken, swapped);
    }
    if (ts.isPrefixUnaryExpression(node) && node.operator === ts.SyntaxKind.ExclamationToken)
      add(node, node.operand.getText(source));
    if (ts.isNumericLiteral(node) && !isTuning(node)) add(node, `(${node.getText(source)} + 1)`);
    if (node.kind === ts.SyntaxKind.TrueKeyword) add(node, 'false');
    if (node.kind === ts.SyntaxKind.FalseKeyword) add(node, 'true');
    ts.forEachChild(node, visit);
  };
  visit(source);
  return changes;
}

/** Numbers in [0, 1), the same for the same seed (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function filesBelow(folder: string): string[] {
  const paths = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' });
  return paths.filter((path) => path.endsWith('.ts')).map((path) => `${folder}/${path}`);
}

const imports = new Map<string, readonly string[]>();
function importsOf(file: string): readonly string[] {
  const known = imports.get(file);
  if (known !== undefined) return known;
  const text = readFileSync(join(root, file), 'utf8');
  const found = Array.from(
    text.matchAll(/^(?:import|export)(?! type)[^;]*? from '(\.[^']+\.ts)'|import\('(\.[^']+\.ts)'\)/gm),
  );
  const paths = found.map(([, fixed, late]) => join(dirname(file), fixed ?? late ?? ''));
  imports.set(file, paths);
  return paths;
}

/** Imports on the shortest way from a test to each file that it reaches. */
function distances(test: string): Map<string, number> {
  const found = new Map([[test, 0]]);
  for (const [file, steps] of found) {
    for (const next of importsOf(file)) if (!found.has(next) && !next.includes('/..')) found.set(next, steps + 1);
  }
  return found;
}

/** Whole commands run as processes, which do not see the change. */
const isInProcess = (file: string): boolean => !/bin\/hoist|e2e\/\w+\.ts'/.test(readFileSync(join(root, file), 'utf8'));
const tests = filesBelow('test').filter(
  (file) => file.endsWith('.test.ts') && !/^test\/(house|e2e)\//.test(file) && isInProcess(file),
);
const slow = new Set(tests.filter((file) => isSlow(root, file)));
const reached = new Map(tests.map((test) => [test, distances(test)]));

/** The mirrored test first, then those of the nearest room, then whatever imports it most directly. */
function testsOf(file: string): string[] {
  const mirror = file.replace(/^scripts\//, 'test/').replace(/\.ts$/, '.test.ts');
  const room = dirname(mirror);
  const rank = (test: string): number => {
    if (test === mirror) return -1;
    const files = reached.get(test);
    // One that reaches the whole program is about none of its files.
    return (files?.get(file) ?? Infinity) + (dirname(test) === room ? 0 : 2) + (files?.size ?? 0) / 50;
  };
  const ranked = tests
    .map((test) => ({ test, rank: rank(test) }))
    .filter((one) => one.rank < Infinity)
    .sort((a, b) => a.rank - b.rank)
    .map(({ test }) => test);
  const fast = ranked.filter((test) => !slow.has(test)).slice(0, ASKED);
  return [...fast, ...ranked.filter((test) => slow.has(test)).slice(0, ASKED_SLOW)];
}

/** By what it says, too: where uvu cannot print an error, it ends well without the rest of the tests. */
function passes(file: string): Promise<boolean> {
  const env = { ...process.env, [FEWER]: '1' };
  const child = spawn(process.execPath, [file], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'ignore'],
    detached: true,
    env,
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output = (output + text).slice(-OUTPUT_END)));
  const timer = setTimeout(() => child.pid !== undefined && process.kill(-child.pid, 'SIGKILL'), LIMIT_MS);
  return new Promise((resolve) => {
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve(judge(file, code, output).failed === 0);
    });
  });
}

async function isNoticed({ file, start, end, text }: Change, asked: readonly string[]): Promise<boolean> {
  const before = readFileSync(join(root, file), 'utf8');
  const changed = new Map([[join(root, file), before.slice(0, start) + text + before.slice(end)]]);
  const bundle = await bundleTests(asked, changed).catch(() => undefined);
  // What cannot even be bundled is no change that anybody could have made.
  if (bundle === undefined) return true;
  try {
    for (const test of asked) if (!(await passes(bundle.fileOf(test)))) return true;
    return false;
  } finally {
    await bundle.remove();
  }
}

function describe({ file, start, end, text }: Change): string {
  const source = readFileSync(join(root, file), 'utf8');
  const line = source.slice(0, start).split('\n').length;
  const shown = source.split('\n')[line - 1]?.trim() ?? '';
  return `${file}:${line}  ${source.slice(start, end)} → ${text}\n      ${shown}`;
}

const all = filesBelow('scripts')
  .filter((file) => !PASSED_OVER.test(file) && file.includes(values.in))
  .sort()
  .flatMap(changesOf);
const random = randomFrom(Number(values.seed));
const drawn = new Set<Change>();
while (drawn.size < Math.min(Number(values.count), all.length)) {
  const change = all[Math.floor(random() * all.length)];
  if (change !== undefined) drawn.add(change);
}
const counts = { noticed: 0, missed: 0, untested: 0 };
const limit = pLimit(2);
await Promise.all(
  Array.from(drawn, (change) =>
    limit(async () => {
      const asked = testsOf(change.file);
      const outcome = asked.length === 0 ? 'untested' : (await isNoticed(change, asked)) ? 'noticed' : 'missed';
      counts[outcome] += 1;
      if (outcome !== 'noticed') process.stdout.write(`${outcome}  ${describe(change)}\n`);
    }),
  ),
);
process.stdout.write(
  `${drawn.size} of ${all.length} changes, seed ${values.seed}: ${counts.noticed} noticed, ${counts.missed} missed, ${counts.untested} without a test\n`,
);
