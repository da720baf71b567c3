// What `hoist snapshot` does.

import {
  findSnapshot,
  listSnapshots,
  removeSnapshots,
  restoreSnapshot,
  saveSnapshot,
} from '../../../cluster/snapshot.ts';
import { UsageError } from '../../../base/errors.ts';
import { clusterName, snapshotName } from '../../../base/names.ts';
import { didYouMean } from '../../../base/suggest.ts';
import type { ClusterContext } from '../../../context.ts';
import type { LoadedSettings } from '../../../settings/load.ts';
import { type CommandArguments, commandContext } from '../../command-context.ts';
import type { Io } from '../../command.ts';
import type { OutputOptions } from '../../output.ts';
import { showResumption } from '../../resumption.ts';
import { listLines, nextStep, savedLine } from './view.ts';

const ACTIONS = ['save', 'list', 'restore', 'remove'] as const;

interface Action {
  operands: readonly string[];
  output: OutputOptions;
  context: ClusterContext;
  loaded: LoadedSettings;
  io: Io;
}

export async function runSnapshot(args: CommandArguments, io: Io): Promise<number> {
  const { output, context, settings: read } = commandContext(args, io);
  const [given = 'list', ...operands] = args.operands;
  const action = { operands, output, context, loaded: await read(), io };
  switch (ACTIONS.find((known) => known === given)) {
    case 'save':
      return save(action);
    case 'list':
      return list(action);
    case 'restore':
      return restore(action);
    case 'remove':
      return remove(action);
    case undefined:
      throw new UsageError(`snapshot cannot "${given}"${didYouMean(given, ACTIONS)}`, {
        hint: `It can ${ACTIONS.join(', ')}.`,
      });
  }
}

async function save({ operands, output, context, loaded, io }: Action): Promise<number> {
  const snapshot = oneName(operands, 'save');
  const { settings } = loaded;
  const say = (line: string): void => void io.stderr.write(`${line}\n`);
  const saved = await saveSnapshot({ name: settings.name, snapshot, signal: io.signal, say }, context);
  if (output.output === 'json') io.stdout.write(`${JSON.stringify({ type: 'snapshot.saved', ...saved })}\n`);
  else if (!output.quiet) io.stdout.write(`${savedLine(saved)}\n`);
  return 0;
}

async function list({ operands, output, context, io }: Action): Promise<number> {
  if (operands.length > 0) throw new UsageError('`hoist snapshot list` takes no names');
  const { snapshots, damaged } = await listSnapshots(context);
  if (output.output === 'json') io.stdout.write(`${JSON.stringify({ type: 'snapshots', snapshots, damaged })}\n`);
  else io.stdout.write(`${listLines(snapshots, context.now()).join('\n')}\n`);
  for (const { name, why } of damaged) io.stderr.write(`warning: the snapshot "${name}" cannot be used: ${why}\n`);
  return 0;
}

async function restore({ operands, output, context, loaded, io }: Action): Promise<number> {
  const wanted = oneName(operands, 'restore');
  const { settings, sourceOf } = loaded;
  const snapshot = await findSnapshot(wanted, context);
  // Unless it is asked for another one, the cluster that it was taken of.
  const name = clusterName(/^(flag|env) /.test(sourceOf(['name'])) ? settings.name : snapshot.cluster);
  return showResumption(
    {
      tool: 'restore',
      name,
      snapshot: wanted,
      facts: ({ situation }) => [
        ['restored', `${wanted}, ${situation.kind === 'absent' ? 'as a new cluster' : 'in place of what it held'}`],
      ],
      next: (run) => nextStep(run, wanted, name),
    },
    (options) => restoreSnapshot({ name, snapshot }, settings, options, context),
    { output, context, loaded, io },
  );
}

async function remove({ operands, output, context, io }: Action): Promise<number> {
  if (operands.length === 0) throw new UsageError('`hoist snapshot remove` takes the names of snapshots');
  const names = operands.map(snapshotName);
  await removeSnapshots(names, context);
  if (output.output === 'json') io.stdout.write(`${JSON.stringify({ type: 'snapshot.removed', names })}\n`);
  else if (!output.quiet) io.stdout.write(names.map((name) => `removed snapshot "${name}"\n`).join(''));
  return 0;
}

/** @throws UsageError where there is not exactly one. */
function oneName(operands: readonly string[], action: string): string {
  const [name, ...more] = operands;
  if (name === undefined || more.length > 0) {
    throw new UsageError(`\`hoist snapshot ${action}\` takes the name of one snapshot`, {
      hint: 'The cluster is the one of the settings, or of --name.',
    });
  }
  return snapshotName(name);
}
