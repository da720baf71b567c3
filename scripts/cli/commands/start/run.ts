// What `hoist start` does: run, show.

import { start, type Started } from '../../../cluster/start.ts';
import { StepsFailedError } from '../../../engine/errors.ts';
import type { EngineEvent, RunRecord } from '../../../engine/event.ts';
import type { Summary } from '../../../progress/summary.ts';
import type { Situation } from '../../../providers/provider.ts';
import { clusterName } from '../../../base/names.ts';
import { type CommandArguments, commandContext } from '../../command-context.ts';
import type { Io } from '../../command.ts';
import { markTold } from '../../run.ts';
import { openScreen } from '../../screen.ts';
import { CLUSTER_VERDICTS } from '../../verdicts.ts';

export async function runStart(args: CommandArguments, io: Io): Promise<number> {
  const operand = args.operands.map(clusterName)[0];
  const { output, context, settings: read } = commandContext(args, io);
  const { settings } = await read();
  const name = operand ?? settings.name;
  const { renderer, say, conclude } = await openScreen(output, io, context);
  let run: RunRecord | undefined;
  const keep = (event: EngineEvent): void => {
    if (event.type === 'run-ended') ({ run } = event);
  };
  const show = (started: Started | undefined, error: unknown): void => {
    renderer.close();
    if (!run) return;
    const summary = summaryOf(name, run, started, error);
    conclude(summary);
    if (error !== undefined) markTold(error);
  };
  try {
    show(
      await start(name, settings, { signal: io.signal, subscribers: [keep, renderer.onEvent], say }, context),
      undefined,
    );
    return 0;
  } catch (error) {
    show(undefined, error);
    throw error;
  }
}

function summaryOf(name: string, run: RunRecord, started: Started | undefined, error: unknown): Summary {
  return {
    subject: `cluster ${name}`,
    verdicts: CLUSTER_VERDICTS,
    run,
    facts: started
      ? [
          ['found', foundAs(started.situation)],
          ['address', started.server],
          ['context', started.context],
          ['kubeconfig', started.kubeconfig],
        ]
      : [],
    failures: error instanceof StepsFailedError ? error.errors : [],
    ...(started ? {} : { next: `Its data is kept: \`hoist start ${name}\` tries again.` }),
  };
}

/** What did not run, or that all did. */
function foundAs(situation: Situation): string {
  return situation.kind === 'damaged' ? situation.reasons.join(', ') : 'it ran already';
}
