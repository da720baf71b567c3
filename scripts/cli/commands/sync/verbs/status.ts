// `hoist sync status`: what the hub says of its clusters.

import { ExitCode } from '../../../../base/errors.ts';
import { paths } from '../../../../fleet/hub/paths.ts';
import type { ClusterSyncStatus } from '../../../../fleet/status/cluster-sync.ts';
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
  state: 'synced' | 'failed' | 'never';
  message: string;
  sets: number;
  verifiedAt: string | undefined;
}

/** Exit code 3 where a cluster is not synced. */
export async function status(args: FormArguments<'status'>, io: Io): Promise<number> {
  const { output, verbose } = outputOptions(args);
  const client = await hubClient(args.flags, realWiring(io.env, io.cwd));
  try {
    const request = { signal: io.signal };
    type Sync = KubeObject & { status?: ClusterSyncStatus };
    type Lease = KubeObject & { spec?: { renewTime?: string } };
    const [clusters, syncs, leases] = await Promise.all([
      listAll<KubeObject>(client, { ...request, path: paths.clusterDeployments }),
      listAll<Sync>(client, { ...request, path: paths.clusterSyncs }),
      listAll<Lease>(client, { ...request, path: paths.leases }),
    ]);
    const statuses = new Map(syncs.items.map((one) => [keyOf(one), one.status]));
    const times = new Map(leases.items.map((one) => [keyOf(one), one.spec?.renewTime]));
    const wanted = new Set(args.operands);
    const rows = clusters.items
      .map(keyOf)
      .filter((id) => wanted.size === 0 || wanted.has(id))
      .map((id) => rowOf(id, statuses.get(id), times.get(id)));
    const stdout = terminalOf(io.stdout, io.env);
    if (output === 'json') stdout.write(`${JSON.stringify({ type: 'sync-status', clusters: rows })}\n`);
    else stdout.write(`${text(rows, verbose, styleFor(stdout)).join('\n')}\n`);
    return rows.every(({ state }) => state === 'synced') ? ExitCode.ok : ExitCode.unhealthy;
  } finally {
    client.close();
  }
}

function rowOf(cluster: string, found: ClusterSyncStatus | undefined, verifiedAt: string | undefined): Row {
  const condition = found?.conditions?.find(({ type }) => type === 'Failed');
  const sets = (found?.syncSets?.length ?? 0) + (found?.selectorSyncSets?.length ?? 0);
  const state = condition === undefined ? 'never' : condition.status === 'False' ? 'synced' : 'failed';
  return { cluster, state, message: condition?.message ?? 'was never looked at', sets, verifiedAt };
}

function text(rows: readonly Row[], verbose: boolean, style: ReturnType<typeof styleFor>): string[] {
  const marks = {
    synced: style.good(style.marks.done),
    failed: style.bad(style.marks.failed),
    never: style.dim(style.marks.warning),
  };
  const shown = verbose ? rows : rows.filter(({ state }) => state !== 'synced');
  const lines = shown.map(
    ({ cluster, state, message, verifiedAt }) =>
      `${marks[state]} ${plain(cluster)}  ${plain(message)}${verifiedAt === undefined ? '' : style.dim(`  verified ${verifiedAt}`)}`,
  );
  const by = (state: Row['state']): number => rows.filter((row) => row.state === state).length;
  return [
    ...lines,
    `${count(rows.length, 'cluster')}: ${by('synced')} synced, ${by('failed')} failed, ${by('never')} never looked at`,
  ];
}
