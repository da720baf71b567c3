// What `hoist start` does: run, show.

import { readSettings } from '../../../cluster/prepare.ts';
import { start, type Started } from '../../../cluster/start.ts';
import { StepsFailedError } from '../../../engine/errors.ts';
import type { EngineEvent, RunRecord } from '../../../engine/event.ts';
import type { Summary } from '../../../progress/summary.ts';
import type { Situation } from '../../../providers/provider.ts';
import { clusterName } from '../../../base/names.ts';
import { realWiring } from '../../../wiring.ts';
import type { Arguments, Io } from '../../command.ts';
import { outputWish } from '../../output.ts';
import { markTold } from '../../run.ts';
import { openScreen } from '../../screen.ts';
import { CLUSTER_VERDICTS } from '../../verdicts.ts';
import { environment } from '../../settings-input.ts';

export async function runStart(args: Arguments, io: Io): Promise<number> {
  const wish = outputWish(args);
  const operand = args.operands.map(clusterName)[0];
  const wiring = realWiring(environment(args, io), io.cwd);
  const { settings } = await readSettings({ config: args.values['config'], flags: args.values }, wiring);
  const name = operand ?? settings.name;
  const { renderer, say, conclude } = await openScreen(wish, io, wiring);
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
      await start(name, settings, { signal: io.signal, subscribers: [keep, renderer.onEvent], say }, wiring),
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
