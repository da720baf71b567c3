// What `hoist sync` does: chooses among its verbs.

import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { UsageError } from '../../../base/errors.ts';
import { nearest } from '../../../base/suggest.ts';
import type { Arguments, Io } from '../../command.ts';

type Verb = (args: Arguments, io: Io) => Promise<number>;

/** Each is loaded when it is asked for. */
const verbs: ReadonlyMap<string, () => Promise<Verb>> = new Map([
  ['lint', async () => (await import('./verbs/lint.ts')).lint],
  ['install', async () => (await import('./verbs/install.ts')).install],
  ['adopt', async () => (await import('./verbs/adopt.ts')).adopt],
  ['status', async () => (await import('./verbs/status.ts')).status],
  ['deploy', async () => (await import('./verbs/deploy.ts')).deploy],
  ['now', async () => (await import('./verbs/now.ts')).now],
]);

export async function runSync(args: Arguments, io: Io): Promise<number> {
  const [first, ...rest] = args.operands;
  if (args.values['hub'] !== undefined && (first === undefined || !verbs.has(first))) {
    return (await import('./verbs/keep.ts')).keepHub(args, io);
  }
  if (first === undefined) {
    throw new UsageError('there is nothing to sync: name files or folders with sets and clusters, or a --hub', {
      hint: '`hoist sync --help` lists what it takes.',
    });
  }
  const load = verbs.get(first);
  if (load !== undefined) return (await load())({ ...args, operands: rest }, io);
  notMistyped(first, io);
  if (args.switches['watch'] === true) return (await import('./verbs/keep.ts')).keepFiles(args, io);
  return (await import('./verbs/once.ts')).once(args, io);
}

/** A word that is no path is most likely a verb. */
function notMistyped(first: string, io: Io): void {
  if (/[./]/.test(first)) return;
  if (existsSync(resolve(io.cwd, first))) return;
  const near = nearest(first, verbs.keys());
  throw new UsageError(
    `"${first}" is neither a file nor a verb${near === undefined ? `: ${[...verbs.keys()].join(', ')}` : `; did you mean ${near}?`}`,
  );
}
