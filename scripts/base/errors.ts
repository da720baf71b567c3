// Every error class of hoist, each with the exit code that the command line ends with.

/** Exit codes, one meaning each; docs/exit-codes.md explains them to users. */
export const ExitCode = {
  ok: 0,
  other: 1,
  usage: 2,
  unhealthy: 3,
  warnings: 4,
  creation: 5,
  services: 6,
  regression: 7,
  timeout: 124,
  sighup: 129,
  sigint: 130,
  sigquit: 131,
  sigterm: 143,
} as const;

/** Addresses in a text without the credentials before their host. */
export function withoutUserinfo(text: string): string {
  return text.replace(/:\/\/[^\s/@]*@/g, '://');
}

/** An error whose message is meant for a person: what happened, and in `hint` what to do next. */
export class HoistError extends Error {
  override readonly name: string = 'HoistError';
  readonly exitCode: number = ExitCode.other;
  /** What the reader can do about it, as one sentence. */
  readonly hint: string | undefined;

  constructor(message: string, options: { hint?: string | undefined; cause?: unknown } = {}) {
    super(withoutUserinfo(message), 'cause' in options ? { cause: options.cause } : undefined);
    this.hint = options.hint === undefined ? undefined : withoutUserinfo(options.hint);
  }
}

/** The command line itself is wrong: an unknown flag, a missing operand. */
export class UsageError extends HoistError {
  override readonly name = 'UsageError';
  override readonly exitCode = ExitCode.usage;
}

/** One thing wrong in the settings or in a file that the user wrote. */
export interface Problem {
  /** Where it stands: `config/cluster.yaml:3:9`, `NAMESPACES`, `--agents`. */
  where: string;
  /** One sentence: what is wrong, and what was expected. */
  message: string;
  /** The offending line of the file with a marker below it. */
  excerpt?: string | undefined;
}

/** Settings or user files that cannot be used; carries all problems at once. */
export class ConfigError extends HoistError {
  override readonly name = 'ConfigError';
  override readonly exitCode = ExitCode.usage;
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[], options: { hint?: string; cause?: unknown } = {}) {
    super(problems.map((p) => `${p.where}: ${p.message}${p.excerpt ? `\n${p.excerpt}` : ''}`).join('\n'), options);
    this.problems = problems;
  }
}

/** A preflight or health check failed. */
export class HealthError extends HoistError {
  override readonly name = 'HealthError';
  override readonly exitCode = ExitCode.unhealthy;
}

/** The cluster, or a tool that it is made with, could not be made. */
export class CreationError extends HoistError {
  override readonly name = 'CreationError';
  override readonly exitCode = ExitCode.creation;
}

/** What runs on the cluster could not be set up. */
export class ServicesError extends HoistError {
  override readonly name = 'ServicesError';
  override readonly exitCode = ExitCode.services;
}

/** A measured run was slower than its limit allows. */
export class RegressionError extends HoistError {
  override readonly name = 'RegressionError';
  override readonly exitCode = ExitCode.regression;
}

/** A deadline passed. */
export class TimeoutError extends HoistError {
  override readonly name = 'TimeoutError';
  override readonly exitCode = ExitCode.timeout;
}

/** The user, or the system, asked the run to end. */
export class InterruptedError extends HoistError {
  override readonly name = 'InterruptedError';
  override readonly exitCode: number;

  constructor(readonly signalName: 'SIGINT' | 'SIGTERM' | 'SIGHUP' | 'SIGQUIT') {
    super(`interrupted by ${signalName}`);
    const { sigint, sigterm, sighup, sigquit } = ExitCode;
    this.exitCode = { SIGINT: sigint, SIGTERM: sigterm, SIGHUP: sighup, SIGQUIT: sigquit }[signalName];
  }
}

/** One line that says what went wrong, whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The system's words alone ("no such file or directory"), for a message that names the file already. */
export function reasonOf(error: unknown): string {
  const message = messageOf(error);
  if (!(error instanceof Error && 'syscall' in error && 'code' in error)) return message;
  return /^[A-Z][A-Z0-9_]+: ([^,]+), /.exec(message)?.[1] ?? message;
}

/** The exit code of whatever was thrown; 1 for what is not ours. */
export function exitCodeOf(error: unknown): number {
  return error instanceof Error && 'exitCode' in error && typeof error.exitCode === 'number'
    ? error.exitCode
    : ExitCode.other;
}

/** Whether an error is a system error of that code. */
export function isErrno(error: unknown, code: string): error is NodeJS.ErrnoException {
  return error instanceof Error && 'code' in error && error.code === code;
}
