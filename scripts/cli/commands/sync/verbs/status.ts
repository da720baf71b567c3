// `hoist sync status`: what the hub says of its clusters.

import { ExitCode } from '../../../../base/errors.ts';
import { unreadable } from '../../../../fleet/hub/patience.ts';
import { paths } from '../../../../fleet/hub/paths.ts';
import { setId } from '../../../../fleet/sets/types.ts';
import { skipReason } from '../../../../fleet/targets/cluster-deployment.ts';
import { type ClusterSyncStatus, readStatus } from '../../../../fleet/status/cluster-sync.ts';
import { listAll } from '../../../../kube/list.ts';
import { keyOf, type KubeObject } from '../../../../kube/object.ts';
import { count } from '../../../../base/units.ts';
import { styleFor } from '../../../../progress/style.ts';
import { terminalOf } from '../../../../progress/terminal.ts';
import { plain } from '../../../../base/layout.ts';
import { realWiring } from '../../../../wiring.ts';
import type { Io } from '../../../command.ts';
import { outputOptions } from '../../../output.ts';
import type { FormArguments } from '../flags.ts';
import { hubClient } from '../hub-input.ts';

interface Row {
  cluster: string;
  /** Held: a set is gone, and what it had to delete is not deleted yet. */
  state: 'synced' | 'held' | 'failed' | 'never';
  message: string;
  sets: number;
  verifiedAt: string | undefined;
}

/** Exit code 3 where a cluster is not synced, 4 where deletions are held and all else is. */
export async function status(args: FormArguments<'status'>, io: Io): Promise<number> {
  const { output, verbose } = outputOptions(args);
  const client = await hubClient(args.flags, realWiring(io.env, io.cwd));
  try {
    const request = { signal: io.signal };
    type Lease = KubeObject & { spec?: { renewTime?: unknown } };
    const [clusters, syncs, leases, own, selecting] = await Promise.all([
      listAll<KubeObject>(client, { ...request, path: paths.clusterDeployments }),
      listAll<KubeObject>(client, { ...request, path: paths.clusterSyncs }),
      listAll<Lease>(client, { ...request, path: paths.leases }),
      listAll<KubeObject>(client, { ...request, path: paths.syncSets }),
      listAll<KubeObject>(client, { ...request, path: paths.selectorSyncSets }),
    ]);
    const statuses = new Map(syncs.items.map((one) => [keyOf(one), readStatus(one)]));
    const times = new Map(leases.items.map((one) => [keyOf(one), textOf(one.spec?.renewTime)]));
    const wanted = new Set(args.operands);
    const sets = new Set([
      ...own.items.map(({ metadata }) => setId({ kind: 'SyncSet', ...metadata })),
      ...selecting.items.map(({ metadata: { name } }) => setId({ kind: 'SelectorSyncSet', name })),
    ]);
    const rows = clusters.items
      .filter((one) => wanted.size === 0 || wanted.has(keyOf(one)))
      .map((one) => rowOf(one, statuses.get(keyOf(one)), times.get(keyOf(one)), sets));
    const stdout = terminalOf(io.stdout, io.env);
    if (output === 'json') stdout.write(`${JSON.stringify({ type: 'sync-status', clusters: rows })}\n`);
    else stdout.write(`${text(rows, verbose, styleFor(stdout)).join('\n')}\n`);
    if (rows.some(({ state }) => state === 'failed' || state === 'never')) return ExitCode.unhealthy;
    return rows.every(({ state }) => state === 'synced') ? ExitCode.ok : ExitCode.warnings;
  } catch (error) {
    throw unreadable(error);
  } finally {
    client.close();
  }
}

/** A server may say anything. */
function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function rowOf(
  object: KubeObject,
  found: ClusterSyncStatus | undefined,
  verifiedAt: string | undefined,
  sets: ReadonlySet<string>,
): Row {
  const cluster = keyOf(object);
  const condition = found?.conditions?.find(({ type }) => type === 'Failed');
  const count = (found?.syncSets?.length ?? 0) + (found?.selectorSyncSets?.length ?? 0);
  const row = { cluster, sets: count, verifiedAt };
  if (condition === undefined) {
    const why = skipReason({ ...object });
    return { ...row, state: 'never', message: `was never looked at${why === undefined ? '' : `: ${why}`}` };
  }
  if (condition.status !== 'False') return { ...row, state: 'failed', message: condition.message };
  const gone = goneSets(object, found, sets);
  if (gone.length === 0) return { ...row, state: 'synced', message: condition.message };
  return { ...row, state: 'held', message: `deletions are held, of ${gone.join(', ')}` };
}

/** A set stays in a status until all that it had to delete is deleted. @param sets ids of those that the hub has */
function goneSets(
  { metadata: { namespace } }: KubeObject,
  { syncSets = [], selectorSyncSets = [] }: ClusterSyncStatus = {},
  sets: ReadonlySet<string>,
): string[] {
  const ids = [
    ...syncSets.map(({ name }) => setId({ kind: 'SyncSet', namespace, name })),
    ...selectorSyncSets.map(({ name }) => setId({ kind: 'SelectorSyncSet', name })),
  ];
  return ids.filter((id) => !sets.has(id));
}

function text(rows: readonly Row[], verbose: boolean, style: ReturnType<typeof styleFor>): string[] {
  const marks = {
    synced: style.good(style.marks.done),
    held: style.warn(style.marks.warning),
    failed: style.bad(style.marks.failed),
    never: style.dim(style.marks.warning),
  };
  const shown = verbose ? rows : rows.filter(({ state }) => state !== 'synced');
  const lines = shown.map(
    ({ cluster, state, message, verifiedAt }) =>
      `${marks[state]} ${plain(cluster)}  ${plain(message)}${verifiedAt === undefined ? '' : style.dim(`  verified ${plain(verifiedAt)}`)}`,
  );
  const by = (state: Row['state']): number => rows.filter((row) => row.state === state).length;
  return [
    ...lines,
    `${count(rows.length, 'cluster')}: ${by('synced')} synced, ${by('held')} held, ${by('failed')} failed, ${by('never')} never looked at`,
  ];
}
