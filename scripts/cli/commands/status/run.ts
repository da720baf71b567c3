// What `hoist status` does: exit code 3 where a cluster is not healthy.

import { clusterNames } from '../../../cluster/down.ts';
import { noSuchCluster } from '../../../cluster/find.ts';
import { ExitCode } from '../../../base/errors.ts';
import { clusterName } from '../../../base/names.ts';
import { lastRunOfCluster } from '../../../cluster/record/last-run.ts';
import { duration } from '../../../base/units.ts';
import { styleFor } from '../../../progress/style.ts';
import { terminalOf } from '../../../progress/terminal.ts';
import type { ClusterStatus } from '../../../providers/provider.ts';
import { type ClusterContext, clusterProviders } from '../../../context.ts';
import { type CommandArguments, commandContext } from '../../command-context.ts';
import type { Io } from '../../command.ts';
import { statusLines } from './view.ts';

export async function runStatus(args: CommandArguments, io: Io): Promise<number> {
  const operands = args.operands.map(clusterName);
  const { output, context, settings: read } = commandContext(args, io);
  const { settings } = await read();
  const known = await clusterNames(context);
  const names = operands.length > 0 ? operands : known;
  const missing = names.filter((name) => !known.includes(name));
  if (missing.length > 0) throw noSuchCluster(missing, known);
  const statuses = (await Promise.all(names.map((name) => statusOf(name, context, io.signal)))).flat();
  const runs = await Promise.all(statuses.map(({ name }) => lastRunOfCluster(settings.logDir, name, context.cwd)));
  const healthy = statuses.every((s) => s.state === 'running');
  if (output.output === 'json') {
    const clusters = statuses.map((status, i) => ({ ...status, lastRun: runs[i] ?? null }));
    io.stdout.write(`${JSON.stringify({ type: 'status', clusters })}\n`);
  } else if (statuses.length === 0) {
    io.stdout.write('there are no clusters; `hoist up` makes one\n');
  } else {
    const style = styleFor(terminalOf(io.stdout, context.env));
    const blocks = statuses.map((status, i) => {
      const run = runs[i];
      const last = run && `${run.startedAt}, ${run.outcome} in ${duration(run.durationMs)}`;
      return statusLines(status, last, style, context.now()).join('\n');
    });
    io.stdout.write(`${blocks.join('\n\n')}\n`);
  }
  return healthy ? ExitCode.ok : ExitCode.unhealthy;
}

async function statusOf(name: string, context: ClusterContext, signal: AbortSignal): Promise<ClusterStatus[]> {
  const found = await Promise.all(
    clusterProviders.map(async (provider) => (await context.provider(provider)).status(name, signal)),
  );
  return found.filter((status) => status !== undefined);
}
