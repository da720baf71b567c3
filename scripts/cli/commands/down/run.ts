// What `hoist down` does.

import { clusterNames, down, type Removal, removeCaches } from '../../../cluster/down.ts';
import { readSettings } from '../../../cluster/prepare.ts';
import { UsageError } from '../../../base/errors.ts';
import { clusterName } from '../../../base/names.ts';
import type { CachesRemoved } from '../../../providers/provider.ts';
import { realWiring } from '../../../wiring.ts';
import type { Arguments, Io } from '../../command.ts';
import { outputWish } from '../../output.ts';
import { environment } from '../../settings-input.ts';

export async function runDown(args: Arguments, io: Io): Promise<number> {
  const wish = outputWish(args);
  const all = args.switches['all'] ?? false;
  if (all && args.operands.length > 0) throw new UsageError('--all and names do not go together');
  const caches = args.switches['caches'] ?? false;
  if (caches && args.switches['keep-cache'] === true) {
    throw new UsageError('--caches and --keep-cache do not go together');
  }
  const operands = args.operands.map(clusterName);
  const wiring = realWiring(environment(args, io), io.cwd);
  const { settings } = await readSettings({ config: args.values['config'], flags: args.values }, wiring);
  const names = all ? await clusterNames(wiring) : operands.length > 0 ? operands : [settings.name];
  const { kubeconfig } = settings;
  // Who speaks of an existing cluster must not lose one of hoist's own that has the same name.
  const only = settings.provider === 'existing' && !all ? 'existing' : undefined;
  const removals = await Promise.all(names.map((name) => down(name, { kubeconfig, signal: io.signal, only }, wiring)));
  // The clusters are told of even where the caches are out of reach.
  if (wish.output === 'text' && !wish.quiet) io.stdout.write(clusterLines(removals));
  const gone = caches ? await removeCaches(io.signal, wiring) : undefined;
  if (wish.output === 'json')
    io.stdout.write(`${JSON.stringify({ type: 'down', clusters: removals, caches: gone })}\n`);
  else if (!wish.quiet && gone !== undefined) io.stdout.write(cacheLines(gone));
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
