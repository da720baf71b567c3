// The process seam: every child process that hoist waits for goes through one `Exec`.

import { HoistError } from '../base/errors.ts';

/** A command line as data: what pure builders return and tests compare. Holds no secrets. */
export interface Command {
  file: string;
  args: readonly string[];
}

export interface ExecOptions extends Command {
  /** Added to the environment of this process. */
  env?: Readonly<Record<string, string | undefined>>;
  /** Written to the child's stdin: the way for secrets. */
  input?: string | Uint8Array;
  cwd?: string;
  /** ms until the child and all its descendants are killed. */
  timeoutMs?: number;
  /** Kills the child and all its descendants when aborted. */
  signal?: AbortSignal;
  /** Bytes of either output at most, 100 million characters where not given: the child and all its descendants end where it writes more. Without `onLine`. */
  maxOutput?: number;
  /** Keeps the line break at the end of the output, which goes otherwise. */
  exact?: boolean;
  /** Called with its process id, which is that of its group, too. */
  onStart?: (pid: number) => void;
  /** Called for each line of stdout and stderr as it comes. */
  onLine?: (line: string, stream: 'stdout' | 'stderr') => void;
}

export interface ExecResult {
  exitCode: number;
  stdout: string;
  stderr: string;
  durationMs: number;
}

/**
 * Runs a command without a shell and resolves with its output.
 * @throws ExecError where it cannot be started, ends with another code than 0, times out or is cancelled.
 */
export type Exec = (options: ExecOptions) => Promise<ExecResult>;

/** A child process that failed; the message shows the last lines that it wrote. */
export class ExecError extends HoistError {
  override readonly name = 'ExecError';

  constructor(
    message: string,
    readonly details: {
      file: string;
      exitCode: number | undefined;
      stdout: string;
      stderr: string;
      /** `missing`: no such executable. `output`: more than `maxOutput` of it. */
      reason: 'exit' | 'missing' | 'timeout' | 'cancelled' | 'signal' | 'output';
    },
    options: { hint?: string | undefined; cause?: unknown } = {},
  ) {
    super(message, options);
  }
}
