// Question: how long does a person wait for hoist itself? Method: wall time of whole processes.
// `--help` against its floor, node with the same loader and one small file: at most 80 ms more.
// `up` on a cluster that is there and unchanged: at most 1,000 ms.

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

try {
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
    },
  });
} finally {
  await world.hoist(['down', '--all']);
  await world.remove();
}
