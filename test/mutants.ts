// Makes small changes to the code at random, and says which of them no test notices: `npm run mutants -- [--count 200]
// [--seed 1] [--in PART OF A PATH]… [--all] [--summary] [--unreached]`. A change is one operator, one boundary or one default; the
// fast tests that stand nearest to its file are run with it, then the nearest of the slower ones that run the code in their own
// process; with `--all` every fast one that reaches it. What none of them notices is either no change of behaviour, or a test that
// is missing. All changes stand behind switches in one bundle, and a test that does not reach a change is not run for it;
// `--unreached` only lists those that none reaches.

import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import pLimit from 'p-limit';
import { bundleTests } from './bundle.ts';
import { FEWER } from './draws.ts';
import { judge } from './guard.ts';
import { type Change, changesOf, withSwitches } from './mutants/changes.ts';
import { filesBelow, nearestTests } from './mutants/nearest.ts';
import { REACHED_FILE, SWITCHED } from './mutants/switch.ts';

/** A test that runs so much longer has noticed: the change made a loop endless; ms, and times of its own. */
const LIMIT_MS = 60_000;
const LONGER_MS = 5_000;
const LONGER = 4;
/** Characters of a test's output that are kept: uvu's closing lines are among the last ones. */
const OUTPUT_END = 10_000;
/** Code for browsers and entries, which tests run as a whole. */
const PASSED_OVER = /^scripts\/[^/]+\.ts$|\/page\/|generate-schema|\.d\.ts$/;

const root = fileURLToPath(new URL('..', import.meta.url));
const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
    in: { type: 'string', multiple: true, default: [''] },
    summary: { type: 'boolean', default: false },
    all: { type: 'boolean', default: false },
    unreached: { type: 'boolean', default: false },
  },
});

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

const textOf = (file: string): string => readFileSync(join(root, file), 'utf8');
const files = filesBelow(root, 'scripts')
  .filter((file) => !PASSED_OVER.test(file) && values.in.some((part) => file.includes(part)))
  .sort();
const all: Change[] = [];
for (const file of files) all.push(...changesOf(file, textOf(file), all.length + 1));

function draw(): Change[] {
  const random = randomFrom(Number(values.seed));
  const count = Number(values.count);
  if (count >= all.length) return all;
  const drawn = new Set<Change>();
  while (drawn.size < count) {
    const change = all[Math.floor(random() * all.length)];
    if (change !== undefined) drawn.add(change);
  }
  return [...drawn];
}

const drawn = draw();
const nearest = nearestTests(root, values.all);
const asked = new Map(Array.from(new Set(drawn.map(({ file }) => file)), (file) => [file, nearest(file)]));
const tests = [...new Set([...asked.values()].flat())];
const switches = join(root, 'test/mutants/switch.ts');
const switched = Array.from(asked.keys(), (file): [string, string] => {
  const changes = drawn.filter((change) => change.file === file);
  return [join(root, file), withSwitches(textOf(file), changes, switches)];
});
const bundle = await bundleTests(tests, new Map(switched));
const folder = mkdtempSync(join(tmpdir(), 'hoist-mutants-'));
const limit = pLimit(2);

/** By what it says, too: where uvu cannot print an error, it ends well without the rest of the tests. */
function passes(test: string, env: Readonly<Record<string, string>>, limitMs: number): Promise<boolean> {
  const child = spawn(process.execPath, [bundle.fileOf(test)], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'ignore'],
    detached: true,
    env: { ...process.env, [FEWER]: '1', ...env },
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output = (output + text).slice(-OUTPUT_END)));
  const timer = setTimeout(() => child.pid !== undefined && process.kill(-child.pid, 'SIGKILL'), limitMs);
  return new Promise((resolve) => {
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve(judge(test, code, output).failed === 0);
    });
  });
}

interface Known {
  reached: ReadonlySet<number>;
  ms: number;
}

/** What a test reaches without a change; nothing where it fails, since it cannot notice then. */
async function know(test: string): Promise<Known> {
  const file = join(folder, test.replaceAll('/', '_'));
  const began = performance.now();
  const isGood = await passes(test, { [REACHED_FILE]: file }, LIMIT_MS);
  if (!isGood) process.stdout.write(`${test} fails without a change\n`);
  const lines = isGood && existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
  return { reached: new Set(lines.map(Number)), ms: performance.now() - began };
}

const known = new Map<string, Known>();
await Promise.all(tests.map((test) => limit(async () => known.set(test, await know(test)))));

type Outcome = 'noticed' | 'missed' | 'not reached';

async function outcomeOf(change: Change): Promise<Outcome> {
  const able = (asked.get(change.file) ?? [])
    .map((test) => ({ test, ...(known.get(test) ?? { reached: new Set<number>(), ms: 0 }) }))
    .filter(({ reached }) => reached.has(change.id))
    .sort((a, b) => a.ms - b.ms);
  if (values.unreached && able.length > 0) return 'noticed';
  for (const { test, ms } of able) {
    const limitMs = Math.min(LIMIT_MS, LONGER_MS + LONGER * ms);
    if (!(await passes(test, { [SWITCHED]: String(change.id) }, limitMs))) return 'noticed';
  }
  return able.length === 0 ? 'not reached' : 'missed';
}

function describe({ file, start, end, text }: Change): string {
  const source = textOf(file);
  const line = source.slice(0, start).split('\n').length;
  const shown = source.split('\n')[line - 1]?.trim() ?? '';
  return `${file}:${line}  ${source.slice(start, end)} → ${text}\n      ${shown}`;
}

const counts: Record<Outcome, number> = { noticed: 0, missed: 0, 'not reached': 0 };
const unnoticed = new Map<string, number>();
await Promise.all(
  drawn.map((change) =>
    limit(async () => {
      const outcome = await outcomeOf(change);
      counts[outcome] += 1;
      if (outcome === 'noticed') return;
      unnoticed.set(change.file, (unnoticed.get(change.file) ?? 0) + 1);
      process.stdout.write(`${outcome}  ${describe(change)}\n`);
    }),
  ),
);
if (values.summary) {
  for (const [file, count] of [...unnoticed].sort(([, a], [, b]) => b - a))
    process.stdout.write(
      `${String(count).padStart(4)} of ${drawn.filter((one) => one.file === file).length}  ${file}\n`,
    );
}
process.stdout.write(
  `${drawn.length} of ${all.length} changes, seed ${values.seed}: ${counts.noticed} noticed, ${counts.missed} missed, ${counts['not reached']} not reached by a test\n`,
);
rmSync(folder, { recursive: true, force: true });
await bundle.remove();
