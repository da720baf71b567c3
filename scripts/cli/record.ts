// Records a run in the benchmark log and exports its spans; a log that cannot be written does not fail a good run.

import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { messageOf } from '../base/errors.ts';
import type { HostContext } from '../context.ts';
import type { Recorder, RunContent } from '../records/recorder.ts';
import type { Io } from './command.ts';

export interface RecordOptions {
  /** The folder of the benchmark log. */
  logDir: string;
  env: HostContext['env'];
  /** One line for the user. */
  say: (line: string) => void;
}

/**
 * Where a command without settings keeps its runs: only where there is a log already, or the user or the environment asks
 * for one. A folder of other files gets no new folder.
 */
export function logFolder({ cwd, env }: Pick<Io, 'cwd' | 'env'>, isAsked = false): string | undefined {
  const named = env['DEPLOY_LOG_DIR'] === '' ? undefined : env['DEPLOY_LOG_DIR'];
  const folder = resolve(cwd, named ?? 'logs');
  return isAsked || named !== undefined || existsSync(join(folder, 'runs.jsonl')) ? folder : undefined;
}

export async function recordRun(recorder: Recorder, content: RunContent, options: RecordOptions): Promise<void> {
  const { logDir, env, say } = options;
  try {
    const written = await recorder.write(logDir, content);
    const { exportSpans } = await import('../records/export/spans.ts');
    const warning = await exportSpans(written, env);
    if (warning !== undefined) say(`warning: ${warning}`);
  } catch (error) {
    say(`warning: the benchmark log could not be written: ${messageOf(error)}`);
  }
}
