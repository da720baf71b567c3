// What `hoist sync` does: chooses among its forms.

import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { UsageError } from '../../../base/errors.ts';
import { nearest } from '../../../base/suggest.ts';
import type { Arguments, Io } from '../../command.ts';
import { argumentsOf, type syncFlags } from './flags.ts';

type SyncArguments = Pick<Arguments<typeof syncFlags>, 'flags' | 'operands'>;
type Verb = (args: SyncArguments, io: Io) => Promise<number>;

/** Each is loaded when it is asked for. */
const verbs: ReadonlyMap<string, Verb> = new Map<string, Verb>([
  ['lint', async (args, io) => (await import('./verbs/lint.ts')).lint(argumentsOf('lint', args), io)],
  ['install', async (args, io) => (await import('./verbs/install.ts')).install(argumentsOf('install', args), io)],
  ['adopt', async (args, io) => (await import('./verbs/adopt.ts')).adopt(argumentsOf('adopt', args), io)],
  ['status', async (args, io) => (await import('./verbs/status.ts')).status(argumentsOf('status', args), io)],
  ['deploy', async (args, io) => (await import('./verbs/deploy.ts')).deploy(argumentsOf('deploy', args), io)],
  ['diff', async (args, io) => (await import('./verbs/diff.ts')).diff(argumentsOf('diff', args), io)],
  ['now', async (args, io) => (await import('./verbs/now.ts')).now(argumentsOf('now', args), io)],
]);

export async function runSync(args: SyncArguments, io: Io): Promise<number> {
  const [first, ...rest] = args.operands;
  const verb = verbs.get(first ?? '');
  if (verb !== undefined) return verb({ ...args, operands: rest }, io);
  const { hub, watch } = args.flags;
  if (hub !== undefined) {
    const { keepHub } = await import('./verbs/keep.ts');
    return keepHub(argumentsOf(watch ? 'hubWatch' : 'hub', args), io);
  }
  if (first === undefined) {
    throw new UsageError('there is nothing to sync: name files or folders with sets and clusters, or a --hub', {
      hint: '`hoist sync --help` lists what it takes.',
    });
  }
  notMistyped(first, io);
  if (watch) return (await import('./verbs/keep.ts')).keepFiles(argumentsOf('filesWatch', args), io);
  return (await import('./verbs/once.ts')).once(argumentsOf('files', args), io);
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
