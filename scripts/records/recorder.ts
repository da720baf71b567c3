// Gathers what a run's benchmark record needs while it runs, and writes the record, however the run ended.

import { exitCodeOf, messageOf } from '../base/errors.ts';
import { HOIST_VERSION } from '../base/version.ts';
import type { RunRecord, Subscriber } from '../engine/event.ts';
import { systemFacts, watchLoad } from './facts.ts';
import { appendRun } from './log.ts';
import { type BenchmarkRecord, type RecordInput, type Tool, buildRecord } from './record.ts';
import { watchRetries } from './retries.ts';

/** What a command says about its run; the rest is gathered. */
export interface RunContent extends Pick<
  RecordInput,
  'planHash' | 'label' | 'found' | 'subject' | 'cluster' | 'settings' | 'plan' | 'phases' | 'secretValues'
> {
  /** Tool → version, of the tools that took part; hoist and Node are added. */
  versions?: Readonly<Record<string, string>>;
  /** What ended the run early. */
  error?: unknown;
}

export interface Recorder {
  subscriber: Subscriber;
  /** The engine's record, as soon as its run has ended. */
  run(): RunRecord | undefined;
  /**
   * Appends the record to the log in `directory`, and returns it.
   * @throws what the file system throws
   */
  write(directory: string, content: RunContent): Promise<BenchmarkRecord>;
}

export function createRecorder(tool: Tool, now: () => Date): Recorder {
  const startedAt = now();
  const load = watchLoad();
  const retries = watchRetries();
  let run: RunRecord | undefined;
  return {
    subscriber(event) {
      retries.subscriber(event);
      if (event.type === 'run-ended') ({ run } = event);
    },
    run: () => run,
    async write(directory, { versions, error, ...content }) {
      const record = buildRecord({
        ...content,
        tool,
        startedAt,
        outcome: run?.outcome ?? 'failed',
        exitCode: error === undefined ? 0 : exitCodeOf(error),
        durationMs: now().getTime() - startedAt.getTime(),
        system: systemFacts(),
        load: load.end(),
        versions: { hoist: HOIST_VERSION, node: process.versions.node, ...versions },
        run,
        retries: retries.retries(),
        error: error === undefined ? undefined : messageOf(error),
      });
      await appendRun(directory, record);
      return record;
    },
  };
}
