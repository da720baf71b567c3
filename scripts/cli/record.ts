// Records a run in the benchmark log and exports its spans; a log that cannot be written does not fail a good run.

import { messageOf } from '../base/errors.ts';
import type { HostContext } from '../context.ts';
import type { Recorder, RunContent } from '../records/recorder.ts';

export interface RecordOptions {
  /** The folder of the benchmark log. */
  logDir: string;
  env: HostContext['env'];
  /** One line for the user. */
  say: (line: string) => void;
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
