// How commands that start clusters as they were made show it: the screen while they run, the summary at the end.

import type { StartOptions, Started } from '../cluster/start.ts';
import type { ClusterContext } from '../context.ts';
import { StepsFailedError } from '../engine/errors.ts';
import type { EngineEvent, RunRecord } from '../engine/event.ts';
import type { RunSummary } from '../progress/summary.ts';
import type { Io } from './command.ts';
import type { OutputOptions } from './output.ts';
import { markTold } from './run.ts';
import { openScreen } from './screen.ts';
import { CLUSTER_VERDICTS } from './verdicts.ts';

export interface Words {
  /** The cluster's name. */
  name: string;
  /** The first sentence for one that was started. */
  facts: (started: Started) => readonly (readonly [string, string])[];
  /** What to do where it failed. */
  next: string;
}

/** Resolves with the exit code; rejects like the work, which the summary has shown by then. */
export async function showResumption(
  words: Words,
  work: (options: StartOptions) => Promise<Started>,
  { output, context, io }: { output: OutputOptions; context: ClusterContext; io: Io },
): Promise<number> {
  const { renderer, say, conclude } = await openScreen(output, io, context);
  let run: RunRecord | undefined;
  const keep = (event: EngineEvent): void => {
    if (event.type === 'run-ended') ({ run } = event);
  };
  const show = (started: Started | undefined, error: unknown): void => {
    renderer.close();
    if (!run) return;
    conclude(summaryOf(words, run, started, error));
    if (error !== undefined) markTold(error);
  };
  try {
    show(await work({ signal: io.signal, subscribers: [keep, renderer.onEvent], say }), undefined);
    return 0;
  } catch (error) {
    show(undefined, error);
    throw error;
  }
}

function summaryOf(
  { name, facts, next }: Words,
  run: RunRecord,
  started: Started | undefined,
  error: unknown,
): RunSummary {
  return {
    subject: `cluster ${name}`,
    verdicts: CLUSTER_VERDICTS,
    run,
    facts: started
      ? [
          ...facts(started),
          ['address', started.server],
          ['context', started.context],
          ['kubeconfig', started.kubeconfig],
        ]
      : [],
    failures: error instanceof StepsFailedError ? error.errors : [],
    ...(started ? {} : { next }),
  };
}
