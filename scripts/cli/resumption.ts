// How commands that start clusters as they were made show it: the screen while they run, the summary at the end, the record.

import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import { duration } from '../base/units.ts';
import type { StartOptions, Started } from '../cluster/start.ts';
import type { ClusterContext } from '../context.ts';
import { StepsFailedError } from '../engine/errors.ts';
import type { EngineEvent, RunRecord } from '../engine/event.ts';
import type { RunSummary } from '../progress/summary.ts';
import { lastRunOfPlan } from '../records/read.ts';
import { type Recorder, createRecorder } from '../records/recorder.ts';
import { usualTime } from '../records/usual.ts';
import type { LoadedSettings } from '../settings/load.ts';
import type { Io } from './command.ts';
import type { OutputOptions } from './output.ts';
import { logFolder, recordRun } from './record.ts';
import { markTold } from './run.ts';
import { redacting } from './redaction.ts';
import { openScreen } from './screen.ts';
import { CLUSTER_VERDICTS } from './verdicts.ts';

export interface Words {
  /** What the benchmark log calls such a run. */
  tool: 'start' | 'restore';
  /** The cluster's name. */
  name: string;
  /** The snapshot that it gets. */
  snapshot?: string;
  /** The first sentence for one that was started. */
  facts: (started: Started) => readonly (readonly [string, string])[];
  /** What to do where it failed. */
  next: (run: RunRecord) => string;
}

interface CommandContext {
  output: OutputOptions;
  context: ClusterContext;
  loaded: Pick<LoadedSettings, 'settings' | 'sourceOf'>;
  io: Io;
}

/** Resolves with the exit code; rejects like the work, which the summary has shown by then. */
export async function showResumption(
  words: Words,
  work: (options: StartOptions) => Promise<Started>,
  { output, context, loaded, io }: CommandContext,
): Promise<number> {
  const { renderer, say, conclude } = await openScreen(output, io, context);
  const recorder = createRecorder(words.tool, context.now);
  const history = new History(words, logFolderOf(loaded, io), recorder);
  const isWatched = io.stderr.isTTY && output.output !== 'json';
  const begin = (event: EngineEvent): void => {
    if (event.type === 'run-started') history.begin(event, isWatched ? say : undefined);
  };
  const end = async (started: Started | undefined, error: unknown): Promise<void> => {
    renderer.close();
    const run = recorder.run();
    if (!run) return;
    const previousMs = started && (await history.previousMs());
    conclude({ ...summaryOf(words, run, started, error), previousMs });
    if (error !== undefined) markTold(error);
    await history.record({ started, error }, { env: context.env, say });
  };
  try {
    const subscribers = [begin, redacting(recorder.subscriber), renderer.onEvent];
    const onFound = (kind: string): void => history.found(kind);
    await end(await work({ signal: io.signal, subscribers, say, onFound }), undefined);
    return 0;
  } catch (error) {
    await end(undefined, error);
    throw error;
  }
}

/** Runs of one cluster with the same steps do the same work, where they find it in the same state. */
class History {
  readonly #words: Words;
  readonly #logDir: string | undefined;
  readonly #recorder: Recorder;
  #planHash = '';
  #found: string | undefined;
  #saying: Promise<unknown> = Promise.resolve();

  constructor(words: Words, logDir: string | undefined, recorder: Recorder) {
    this.#words = words;
    this.#logDir = logDir;
    this.#recorder = recorder;
  }

  found(kind: string): void {
    this.#found = kind;
  }

  /** @param say given on a terminal: shows how long such a run takes, while the run goes on */
  begin({ steps }: EngineEvent & { type: 'run-started' }, say?: (line: string) => void): void {
    const { tool, name, snapshot } = this.#words;
    const work = [tool, name, snapshot, steps.map((step) => step.name).sort()];
    this.#planHash = createHash('sha256').update(JSON.stringify(work)).digest('hex').slice(0, 12);
    if (this.#logDir === undefined || !say) return;
    this.#saying = usualTime(this.#logDir, { tool, planHash: this.#planHash, found: this.#found }).then(
      (usual) => usual && say(`usually ${duration(usual.ms)}`),
      () => undefined,
    );
  }

  async previousMs(): Promise<number | undefined> {
    // What is said of the run does not come after its summary.
    await this.#saying;
    if (this.#logDir === undefined) return undefined;
    const same = { tool: this.#words.tool, ...(this.#found === undefined ? {} : { found: this.#found }) };
    return (await lastRunOfPlan(this.#logDir, this.#planHash, same).catch(() => undefined))?.durationMs;
  }

  async record(
    { started, error }: { started: Started | undefined; error: unknown },
    options: { env: ClusterContext['env']; say: (line: string) => void },
  ): Promise<void> {
    if (this.#logDir === undefined) return;
    const { name, snapshot } = this.#words;
    const content = {
      planHash: this.#planHash,
      found: this.#found,
      subject: { kind: 'cluster' as const, name, ...(snapshot === undefined ? {} : { facts: { snapshot } }) },
      cluster: { name, provider: started?.provider },
      settings: {},
      plan: {},
      error,
    };
    await recordRun(this.#recorder, content, { logDir: this.#logDir, ...options });
  }
}

/** Like commands without settings: only where there is a log already, or its folder was named. */
function logFolderOf({ settings, sourceOf }: CommandContext['loaded'], io: Io): string | undefined {
  return sourceOf(['logDir']) === 'default' ? logFolder(io) : resolve(io.cwd, settings.logDir);
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
    ...(started ? {} : { next: next(run) }),
  };
}
