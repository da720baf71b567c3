// What `hoist status` does: exit code 3 where a cluster is not healthy.

import { clusterNames } from '../../../cluster/down.ts';
import { noSuchCluster } from '../../../cluster/find.ts';
import { readSettings } from '../../../cluster/prepare.ts';
import { ExitCode } from '../../../base/errors.ts';
import { clusterName } from '../../../base/names.ts';
import { lastRunOfCluster } from '../../../cluster/last-run.ts';
import { duration } from '../../../progress/format.ts';
import { styleFor } from '../../../progress/style.ts';
import { terminalOf } from '../../../progress/terminal.ts';
import type { ClusterStatus } from '../../../providers/provider.ts';
import { type ClusterContext, clusterProviders } from '../../../context.ts';
import { realWiring } from '../../../wiring.ts';
import type { Arguments, Io } from '../../command.ts';
import { outputWish } from '../../output.ts';
import { environment } from '../../settings-input.ts';
import { statusLines } from './view.ts';

export async function runStatus(args: Arguments, io: Io): Promise<number> {
  const wish = outputWish(args);
  const operands = args.operands.map(clusterName);
  const wiring = realWiring(environment(args, io), io.cwd);
  const { settings } = await readSettings({ config: args.values['config'], flags: args.values }, wiring);
  const known = await clusterNames(wiring);
  const names = operands.length > 0 ? operands : known;
  const missing = names.filter((name) => !known.includes(name));
  if (missing.length > 0) throw noSuchCluster(missing, known);
  const statuses = (await Promise.all(names.map((name) => statusOf(name, wiring, io.signal)))).flat();
  const runs = await Promise.all(statuses.map(({ name }) => lastRunOfCluster(settings.logDir, name, wiring.cwd)));
  const healthy = statuses.every((s) => s.state === 'running');
  if (wish.output === 'json') {
    const clusters = statuses.map((status, i) => ({ ...status, lastRun: runs[i] ?? null }));
    io.stdout.write(`${JSON.stringify({ type: 'status', clusters })}\n`);
  } else if (statuses.length === 0) {
    io.stdout.write('there are no clusters; `hoist up` makes one\n');
  } else {
    const style = styleFor(terminalOf(io.stdout, wiring.env));
    const blocks = statuses.map((status, i) => {
      const run = runs[i];
      const last = run && `${run.startedAt}, ${run.outcome} in ${duration(run.durationMs)}`;
      return statusLines(status, last, style, wiring.now()).join('\n');
    });
    io.stdout.write(`${blocks.join('\n\n')}\n`);
  }
  return healthy ? ExitCode.ok : ExitCode.unhealthy;
}

async function statusOf(name: string, wiring: ClusterContext, signal: AbortSignal): Promise<ClusterStatus[]> {
  const found = await Promise.all(
    clusterProviders.map(async (provider) => (await wiring.provider(provider)).status(name, signal)),
  );
  return found.filter((status) => status !== undefined);
}
