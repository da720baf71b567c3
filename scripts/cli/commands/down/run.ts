// What `hoist down` does.

import { clusterNames, down, type Removal, removeCaches } from '../../../cluster/down.ts';
import { UsageError } from '../../../base/errors.ts';
import { clusterName } from '../../../base/names.ts';
import type { CachesRemoved } from '../../../providers/provider.ts';
import { type CommandArguments, commandContext } from '../../command-context.ts';
import type { Io } from '../../command.ts';

export async function runDown(
  args: CommandArguments<{ all: boolean; caches: boolean; 'keep-cache': boolean }>,
  io: Io,
): Promise<number> {
  const all = args.flags.all;
  if (all && args.operands.length > 0) throw new UsageError('--all and names do not go together');
  const caches = args.flags.caches;
  if (caches && args.flags['keep-cache']) {
    throw new UsageError('--caches and --keep-cache do not go together');
  }
  const operands = args.operands.map(clusterName);
  const { output, context, settings: read } = commandContext(args, io);
  const { settings } = await read();
  const names = all ? await clusterNames(context) : operands.length > 0 ? operands : [settings.name];
  const { kubeconfig } = settings;
  // Who speaks of an existing cluster must not lose one of hoist's own that has the same name.
  const only = settings.provider === 'existing' && !all ? 'existing' : undefined;
  const removals = await Promise.all(names.map((name) => down(name, { kubeconfig, signal: io.signal, only }, context)));
  // The clusters are listed even where the caches are unreachable.
  if (output.output === 'text' && !output.quiet) io.stdout.write(clusterLines(removals));
  const gone = caches ? await removeCaches(io.signal, context) : undefined;
  if (output.output === 'json')
    io.stdout.write(`${JSON.stringify({ type: 'down', clusters: removals, caches: gone })}\n`);
  else if (!output.quiet && gone !== undefined) io.stdout.write(cacheLines(gone));
  return 0;
}

function clusterLines(removals: readonly Removal[]): string {
  const lines = removals.flatMap(({ name, provider, left }) => [
    ...(provider === undefined ? [] : [`removed cluster "${name}" (${provider})`]),
    ...(left === undefined ? [] : [`left ${left}`]),
    ...(provider === undefined && left === undefined ? [`there is no cluster "${name}"`] : []),
  ]);
  return `${lines.length > 0 ? lines.join('\n') : 'there are no clusters'}\n`;
}

function cacheLines({ removed, inUse }: CachesRemoved): string {
  const lines = [
    ...removed.map((name) => `removed cache "${name}"`),
    ...inUse.map(({ name, clusters }) => `left cache "${name}", which is used by ${clusters.join(', ')}`),
  ];
  return `${lines.length > 0 ? lines.join('\n') : 'there are no caches'}\n`;
}
