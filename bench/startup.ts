// Question: how long does a person wait for hoist itself? Method: wall time of whole processes.
// `--help` against its floor, node with the same loader and one small file: at most 80 ms more.
// `up` on a cluster that is there and unchanged: at most 1,000 ms, of which what is before its first step and after its last
// one may take at most 350 ms more than node takes to start and end. As `npx tsx scripts/up.ts`, with its steps, which look at
// all that is there, at most 350 ms more than `npx tsx` of an empty file.

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { exec } from '../scripts/host/execa.ts';
import { makeWorld, root } from './harness/hoist.ts';
import { main } from './harness.ts';
import type { Turn } from './harness.ts';

const world = await makeWorld();
const up = ['up', '--name', 'bench', '--provider', 'embedded'];
let isUp = false;

/** What bin/hoist does before it loads anything of its own, and then one small file without imports. */
const loader = `import { register } from 'tsx/esm/api'; register(); await import(${JSON.stringify(
  pathToFileURL(join(root, 'bench', 'harness', 'stats.ts')).href,
)});`;

const hoist =
  (...args: string[]) =>
  async ({ signal }: Turn): Promise<Record<string, never>> => {
    await world.hoist(args, { signal });
    return {};
  };

const npxTsx =
  (...args: string[]) =>
  async ({ signal }: Turn): Promise<Record<string, never>> => {
    await exec({ file: 'npx', args: ['tsx', ...args], cwd: root, env: world.env, signal });
    return {};
  };

try {
  await writeFile(join(world.dir, 'empty.ts'), '');
  await main({
    name: 'startup',
    question: 'How long does a person wait for `--help`, and for an `up` that has nothing to do?',
    runs: 11,
    sides: [
      {
        name: 'loader',
        run: async ({ signal }) => {
          await exec({ file: process.execPath, args: ['--input-type=module', '-e', loader], cwd: root, signal });
          return {};
        },
      },
      { name: 'hoist --help', run: hoist('--help') },
      { name: 'hoist up --help', run: hoist('up', '--help') },
      {
        name: 'unchanged up',
        before: async () => {
          if (!isUp) await world.hoist(up);
          isUp = true;
        },
        run: hoist(...up),
      },
      {
        name: 'node',
        run: async ({ signal }) => {
          await exec({ file: process.execPath, args: ['-e', '0'], cwd: root, signal });
          return {};
        },
      },
      {
        name: 'outside of the steps',
        run: async ({ signal }) => {
          const start = performance.now();
          const { stdout } = await world.hoist([...up, '--output', 'json'], { signal });
          const { wallMs } = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as { wallMs: number };
          return { value: performance.now() - start - wallMs };
        },
      },
      { name: 'npx tsx empty.ts', run: npxTsx(join(world.dir, 'empty.ts')) },
      { name: 'npx tsx scripts/up.ts', run: npxTsx('scripts/up.ts', ...up.slice(1)) },
    ],
    ratios: {
      'help - loader in ms': {
        sides: ['hoist --help', 'loader'],
        value: (help, floor) => help - floor,
        target: 80,
        good: 'at most',
      },
      'up --help - loader in ms': {
        sides: ['hoist up --help', 'loader'],
        value: (help, floor) => help - floor,
        target: 80,
        good: 'at most',
      },
      'unchanged up in ms': { sides: ['unchanged up'], value: (median) => median, target: 1000, good: 'at most' },
      'outside of the steps - node in ms': {
        sides: ['outside of the steps', 'node'],
        value: (outside, floor) => outside - floor,
        target: 350,
        good: 'at most',
      },
      'npx tsx scripts/up.ts - npx tsx empty.ts in ms': {
        sides: ['npx tsx scripts/up.ts', 'npx tsx empty.ts'],
        value: (whole, floor) => whole - floor,
        target: 350,
        good: 'at most',
      },
    },
  });
} finally {
  await world.hoist(['down', '--all']);
  await world.remove();
}
