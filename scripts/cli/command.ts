// What a command is: its words for the help, its flags, and what it runs.

/** A flag that is not a setting. */
export interface Flag {
  /** Without the leading dashes. */
  name: string;
  short?: string;
  /** What stands for its value in the help; without one it is a switch. */
  metavar?: string;
  /** Its value where none is given: such a flag takes one only as `--name=value`. */
  bare?: string;
  help: string;
}

export interface Io {
  env: NodeJS.ProcessEnv;
  cwd: string;
  stdout: NodeJS.WriteStream;
  stderr: NodeJS.WriteStream;
  /** Aborted on SIGINT and SIGTERM. */
  signal: AbortSignal;
}

export interface Arguments {
  switches: Readonly<Record<string, boolean>>;
  /** Values of flags, settings included; the last one where a flag is given twice. */
  values: Readonly<Record<string, string>>;
  /** All values of each flag, in order. */
  all: Readonly<Record<string, readonly string[]>>;
  operands: readonly string[];
}

export interface CommandSpec {
  name: string;
  /** One sentence. */
  summary: string;
  /** Like `[options]`. */
  usage: string;
  flags: readonly Flag[];
  /** Whether the settings' flags are taken too. */
  settings: boolean;
  /** Most operands that are taken. */
  operands: number;
  examples: readonly (readonly [line: string, what: string])[];
  /** Loads what it needs itself, so that the help costs nothing; resolves with the exit code. */
  run(args: Arguments, io: Io): Promise<number>;
}

export const outputFlags: readonly Flag[] = [
  { name: 'output', short: 'o', metavar: 'text|json', help: 'json: one object a line on stdout, all else on stderr' },
  { name: 'quiet', short: 'q', help: 'only errors and the last line' },
  { name: 'verbose', short: 'v', help: 'also what the steps write' },
];

export const helpFlag: Flag = { name: 'help', short: 'h', help: 'this text' };
