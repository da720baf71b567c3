// What the engine throws: a graph that cannot run, and all failures of a run together.

import { ExitCode, HoistError, exitCodeOf, messageOf } from '../base/errors.ts';

/** The steps form no runnable graph: a cycle, an unknown need, a duplicate name, an unknown pool. */
export class GraphError extends HoistError {
  override readonly name = 'GraphError';
  override readonly exitCode = ExitCode.usage;

  constructor(readonly problems: readonly string[]) {
    super(problems.join('\n'));
  }
}

/** One step that failed, with what is needed to understand it. */
export class StepError extends HoistError {
  override readonly name = 'StepError';
  override readonly exitCode: number;

  constructor(
    readonly step: string,
    readonly attempts: number,
    /** The last lines that the step wrote. */
    readonly lastOutput: readonly string[],
    cause: unknown,
  ) {
    super(messageOf(cause), { hint: cause instanceof HoistError ? cause.hint : undefined, cause });
    this.exitCode = exitCodeOf(cause);
  }
}

/** Thrown by a step that cannot go on because another one failed: the run reports that failure, not this echo of it. */
export class GivenUpError extends HoistError {
  override readonly name = 'GivenUpError';

  constructor(
    message: string,
    /** The step that is to blame. */
    readonly because: string,
  ) {
    super(message);
  }
}

/** All failures of a run; its exit code is that of the first. */
export class StepsFailedError extends AggregateError {
  override readonly name = 'StepsFailedError';
  readonly exitCode: number;
  override readonly errors: StepError[];

  constructor(errors: readonly StepError[]) {
    super(errors, errors.map((e) => `${e.step}: ${e.message}`).join('\n'));
    this.errors = [...errors];
    this.exitCode = errors[0]?.exitCode ?? ExitCode.other;
  }
}
