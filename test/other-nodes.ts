// Runs the fast tests and one whole `up` on the newer versions of Node that hoist is made for: `node --import tsx
// test/other-nodes.ts [MAJOR …]`. Each Node comes from the npm registry, once, into node_modules/.cache;
// one that cannot be had is skipped.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Besides the one of `engines`, which runs all tests. */
const MAJORS = ['22', '24'];
/** A cluster made, stopped and started again. */
const WHOLE = 'e2e/stop-start';

const root = fileURLToPath(new URL('..', import.meta.url));
const asked = process.argv.slice(2);
const failed = (asked.length > 0 ? asked : MAJORS).filter((major) => !passes(major));
if (failed.length > 0) process.stdout.write(`\nfailed on Node ${failed.join(', ')}\n`);
process.exitCode = failed.length > 0 ? 1 : 0;

function passes(major: string): boolean {
  const node = provide(major);
  if (node === undefined) {
    process.stdout.write(`skipped: the npm registry gives no Node ${major} for ${process.platform}-${process.arch}\n`);
    return true;
  }
  process.stdout.write(`\nNode ${spawnSync(node, ['--version']).stdout.toString()}`);
  const run = (...args: string[]): boolean =>
    spawnSync(node, ['--import', 'tsx', 'test/run.ts', ...args], { cwd: root, stdio: 'inherit' }).status === 0;
  return [run('--fast'), run(WHOLE)].every(Boolean);
}

/** Path of a Node of this major version; undefined where the registry has none for this machine. */
function provide(major: string): string | undefined {
  const folder = join(root, 'node_modules', '.cache', 'nodes', major);
  const name = `node-${process.platform}-${process.arch}`;
  const node = join(folder, 'node_modules', name, 'bin', 'node');
  if (existsSync(node)) return node;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  const args = ['install', '--no-audit', '--no-fund', '--no-save', `${name}@${major}`];
  spawnSync('npm', args, { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
  return existsSync(node) ? node : undefined;
}
