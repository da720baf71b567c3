// Question: how fast does `hoist run` run commands, beside other task runners? Method: the same work as a file for each, in one
// temporary folder, through the program that a user calls: 200 commands that do nothing, eight at once (maru: one by one, it
// knows nothing else); 20 commands of 0.5 s, all at once and eight at once; 1 GiB of output; a list of 100 tasks.
// What Node itself needs to start as many shells, eight at once, is the floor that no runner in Node gets below.
// Peers that are not on the PATH are named and skipped. hoist runs from its bundle: `npm run build` first.

import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HoistError } from '../scripts/base/errors.ts';
import { main } from './harness.ts';
import type { Side } from './harness.ts';
import { root } from './harness/hoist.ts';
import { isThere } from './harness/peers.ts';

const NO_OPS = 200;
const SLEEPS = 20;
const GIB_CHUNKS = 1024;

const dir = mkdtempSync(join(tmpdir(), 'hoist-bench-run-'));
process.on('exit', () => rmSync(dir, { recursive: true, force: true }));
const write = (file: string, lines: readonly string[]): void => writeFileSync(join(dir, file), `${lines.join('\n')}\n`);
const times = (n: number, line: (i: number) => string): string[] => Array.from({ length: n }, (_, i) => line(i));

for (const [file, n, cmd] of [
  ['noops', NO_OPS, 'true'],
  ['sleeps', SLEEPS, 'sleep 0.5'],
] as const) {
  write(`${file}.yaml`, [
    'tasks:',
    '  - name: default',
    '    actions:',
    '      - parallel:',
    ...times(n, () => `          - cmd: ${cmd}`),
    '  - name: serial',
    '    actions:',
    ...times(n, () => `      - cmd: ${cmd}`),
  ]);
  write(`${file}.mk`, [`all: ${times(n, (i) => `t${i}`).join(' ')}`, ...times(n, (i) => `t${i}:\n\t@${cmd}`)]);
  write(`${file}.taskfile.yml`, [
    'version: "3"',
    'silent: true',
    'tasks:',
    '  default:',
    '    deps:',
    ...times(n, (i) => `      - t${i}`),
    ...times(n, (i) => `  t${i}:\n    cmds: ["${cmd}"]`),
  ]);
}
write('output.yaml', [
  'tasks:',
  '  - name: default',
  '    actions:',
  `      - cmd: head -c ${GIB_CHUNKS * 1024 * 1024} /dev/zero`,
]);
write('list.yaml', [
  'tasks:',
  ...times(100, (i) => `  - {name: task-${i}, description: does ${i}, actions: [{cmd: "true"}]}`),
]);

write('spawns.mjs', [
  "import { spawn } from 'node:child_process';",
  `let left = ${NO_OPS};`,
  'const next = () => {',
  '  if (left-- <= 0) return;',
  "  const child = spawn('sh', ['-e', '-c', 'true'], { detached: true, stdio: ['ignore', 'pipe', 'pipe'] });",
  '  for (const stream of [child.stdout, child.stderr]) stream.resume();',
  "  child.on('close', next);",
  '};',
  'for (let i = 0; i < 8; i++) next();',
]);

/** Runs a program to its end, its output read and thrown away; resolves with the most memory it held, in MiB. */
function run(file: string, args: readonly string[], signal: AbortSignal): Promise<{ rssMiB: number }> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, [...args], { cwd: dir, signal, stdio: ['ignore', 'pipe', 'ignore'] });
    let rss = 0;
    const look = setInterval(() => {
      try {
        const peak = /^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${String(child.pid)}/status`, 'utf8'))?.[1];
        rss = Math.max(rss, Number(peak ?? 0) / 1024);
      } catch {
        // It has ended.
      }
    }, 20);
    child.stdout.resume();
    child.on('error', reject);
    child.on('close', (code) => {
      clearInterval(look);
      if (code === 0) resolve({ rssMiB: rss });
      else reject(new HoistError(`${file} ${args.join(' ')} ended with ${String(code)}`));
    });
  });
}

const side = (name: string, file: string, args: readonly string[]): Side => ({
  name,
  missing: () => (file === process.execPath ? undefined : isThere(file)),
  run: async ({ signal }) => ({ extra: await run(file, args, signal) }),
});
const hoist = (name: string, ...args: string[]): Side =>
  side(name, process.execPath, [join(root, 'bin', 'hoist'), ...args]);

await main({
  name: 'run',
  question: 'How long do task runners take for the same commands?',
  runs: 5,
  sides: [
    hoist('hoist: 200 no-ops, 8 at once', 'run', '-q', '-f', 'noops.yaml', '--jobs', '8'),
    side('node: 200 bare spawns, 8 at once', process.execPath, [join(dir, 'spawns.mjs')]),
    side('concurrently: 200 no-ops', 'concurrently', ['-m', '8', ...times(NO_OPS, () => 'true')]),
    side('go-task: 200 no-ops', 'task', ['-t', 'noops.taskfile.yml', '-C', '8']),
    side('maru: 200 no-ops, one by one', 'maru', ['run', 'serial', '-f', 'noops.yaml', '--no-progress', '-l', 'error']),
    side('make: 200 no-ops', 'make', ['-s', '-j8', '-f', 'noops.mk']),
    hoist('hoist: 20 × 0.5 s, all at once', 'run', '-q', '-f', 'sleeps.yaml'),
    side('maru: 20 × 0.5 s', 'maru', ['run', 'serial', '-f', 'sleeps.yaml', '--no-progress', '-l', 'error']),
    hoist('hoist: 20 × 0.5 s, 8 at once', 'run', '-q', '-f', 'sleeps.yaml', '--jobs', '8'),
    side('make: 20 × 0.5 s, 8 at once', 'make', ['-s', '-j8', '-f', 'sleeps.mk']),
    hoist('hoist: 1 GiB of output', 'run', '-q', '-f', 'output.yaml'),
    hoist('hoist: --list of 100 tasks', 'run', '--list', '-f', 'list.yaml'),
    hoist('hoist: --help', '--help'),
  ],
  ratios: {
    'no-ops: hoist / bare spawns of node': ratio(
      'hoist: 200 no-ops, 8 at once',
      'node: 200 bare spawns, 8 at once',
      1.5,
    ),
    'no-ops: hoist / concurrently': ratio('hoist: 200 no-ops, 8 at once', 'concurrently: 200 no-ops', 0.7),
    'no-ops: hoist / go-task': ratio('hoist: 200 no-ops, 8 at once', 'go-task: 200 no-ops', 0.5),
    'no-ops: hoist / maru': ratio('hoist: 200 no-ops, 8 at once', 'maru: 200 no-ops, one by one', 1),
    'sleeps at once: ms': {
      sides: ['hoist: 20 × 0.5 s, all at once'],
      value: (ms) => ms,
      target: 750,
      good: 'at most',
    },
    'sleeps at once: maru / hoist': {
      sides: ['maru: 20 × 0.5 s', 'hoist: 20 × 0.5 s, all at once'],
      value: (maru, ours) => maru / ours,
      target: 13,
      good: 'at least',
    },
    'sleeps, 8 at once: hoist / make': ratio('hoist: 20 × 0.5 s, 8 at once', 'make: 20 × 0.5 s, 8 at once', 1.1),
    'output: MB/s': { sides: ['hoist: 1 GiB of output'], value: (ms) => 1_073_741 / ms, target: 100, good: 'at least' },
    'output: MiB of memory': {
      sides: ['hoist: 1 GiB of output'],
      of: 'rssMiB',
      value: (mib) => mib,
      target: 120,
      good: 'at most',
    },
    '--list over --help: ms': {
      sides: ['hoist: --list of 100 tasks', 'hoist: --help'],
      value: (list, help) => list - help,
      target: 60,
      good: 'at most',
    },
  },
});

function ratio(ours: string, theirs: string, target: number) {
  return { sides: [ours, theirs], value: (a = NaN, b = NaN) => a / b, target, good: 'at most' as const };
}
