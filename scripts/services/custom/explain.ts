// Says in one sentence what went wrong in code of the user, and in which line of it.

import { inspect } from 'node:util';
import type { LogEntry } from 'zx/core';
import { HoistError, ServicesError } from '../../base/errors.ts';

/** Where code of the user stands. */
export interface Origin {
  /** What messages call it: `steps/seed.ts`, `hooks.after.0`. */
  shown: string;
  /** Absolute; undefined for a command of the settings. */
  path?: string | undefined;
}

/** What zx throws for a command that failed; it may come from a zx of the user's own. */
interface FailedCommand extends Error {
  exitCode: number | null;
  signal: string | null;
  duration: number;
  stdout: string;
  stderr: string;
}

/** Deeper than zx's own frames between a command and the code that runs it. */
const STACK_DEPTH = 40;

export class Explainer {
  /** Where each command was started, by zx's id of it. */
  readonly #started = new Map<string, string>();
  readonly #failed: (Pick<FailedCommand, 'exitCode' | 'signal' | 'duration'> & { position: string })[] = [];

  constructor(private readonly origin: Origin) {}

  /** Follows the commands, since zx's errors name a line of zx's caller where the code is compiled on the fly. */
  watch(entry: LogEntry): void {
    if (entry.kind === 'cmd') this.#started.set(entry.id, this.#here());
    if (entry.kind !== 'end') return;
    const { exitCode, signal, duration } = entry;
    const position = this.#started.get(entry.id) ?? '';
    this.#started.delete(entry.id);
    if (exitCode !== 0) this.#failed.push({ exitCode, signal, duration, position });
  }

  explain(error: unknown): HoistError {
    if (error instanceof HoistError) return error;
    const { shown } = this.origin;
    const [position, message] = isFailedCommand(error)
      ? [this.#positionOf(error), commandMessage(error)]
      : [error instanceof Error ? this.#position(error.stack ?? '') : '', thrownMessage(error)];
    return new ServicesError(`${shown}${position}: ${message}`, { cause: error });
  }

  #positionOf(error: FailedCommand): string {
    const { exitCode, signal, duration } = error;
    return (
      this.#failed.find((f) => f.exitCode === exitCode && f.signal === signal && f.duration === duration)?.position ??
      ''
    );
  }

  /** The line of the user's file that is running now. */
  #here(): string {
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = STACK_DEPTH;
    const { stack = '' } = new Error();
    Error.stackTraceLimit = stackTraceLimit;
    return this.#position(stack);
  }

  /** `:12:5`, the first position in the file that a stack names. */
  #position(stack: string): string {
    const { path } = this.origin;
    const at = path === undefined ? -1 : stack.indexOf(`${path}:`);
    return path === undefined || at < 0 ? '' : (/^:\d+(:\d+)?/.exec(stack.slice(at + path.length))?.[0] ?? '');
  }
}

function isFailedCommand(error: unknown): error is FailedCommand {
  return error instanceof Error && 'exitCode' in error && 'stderr' in error && 'stdout' in error;
}

/** The command itself is not shown: it may hold what is not for everybody. */
function commandMessage({ exitCode, signal, stderr, stdout, cause }: FailedCommand): string {
  if (cause instanceof Error) return `a command could not run: ${cause.message}`;
  const how = signal === null ? `ended with code ${String(exitCode)}` : `was ended by ${signal}`;
  const last = (stderr.trim() || stdout.trim()).split('\n').at(-1);
  return `a command ${how}${last ? `: ${last}` : ''}`;
}

function thrownMessage(error: unknown): string {
  if (!(error instanceof Error)) return `threw ${inspect(error)}`;
  return error.name === 'Error' ? error.message : `${error.name}: ${error.message}`;
}
