// What a command is: its words for the help, its flags, and what it runs.

/** What only the machine can say when a shell completes a word: see `commands/completion/names.ts`. */
export type NamesKind = 'clusters' | 'contexts' | 'snapshots' | 'tasks';

/** A flag that is not a setting. */
export interface Flag {
  /** Without the leading dashes. */
  name: string;
  short?: string;
  /** What stands for its value in the help; without one it is a switch. */
  metavar?: string;
  /** Its value where none is given: such a flag takes one only as `--name=value`. */
  bare?: string;
  /** It may be given several times, and all its values count. */
  many?: true;
  /** What a shell offers for its value, where the metavar does not say so. */
  names?: NamesKind;
  help: string;
}

export interface Io {
  env: NodeJS.ProcessEnv;
  cwd: string;
  stdout: NodeJS.WriteStream;
  stderr: NodeJS.WriteStream;
  /** Aborted on the first signal that asks the run to end. */
  signal: AbortSignal;
}

type ValueOf<F extends Flag> = F extends { metavar: string }
  ? F extends { many: true }
    ? readonly string[]
    : string | undefined
  : boolean;

/** The values of flags by name: of a switch whether it was given, of others the last value, or all where it takes many. */
export type FlagValues<F extends readonly Flag[]> = { readonly [One in F[number] as One['name']]: ValueOf<One> };

export interface Arguments<F extends readonly Flag[] = readonly Flag[]> {
  flags: FlagValues<F>;
  /** Values of the settings' flags, by flag. */
  settings: Readonly<Record<string, string>>;
  operands: readonly string[];
  /** Whether the help was asked for. */
  help: boolean;
}

/** What a shell offers for operands. */
export interface Offers {
  /** What the first operand may be. */
  verbs?: readonly string[];
  files?: true;
  names?: NamesKind;
  /** The verbs that take such names; by default all operands are such names. */
  behind?: readonly string[];
}

export interface CommandSpec<F extends readonly Flag[] = readonly Flag[]> {
  name: string;
  /** One sentence. */
  summary: string;
  /** Like `[options]`. */
  usage: string;
  flags: F;
  /** The settings that it reads, by key; their flags are taken, and the help lists them. */
  settings: readonly string[] | 'all';
  /** Most operands that are taken. */
  operands: number;
  offers?: Offers;
  examples: readonly (readonly [line: string, what: string])[];
  /** Loads what it needs itself, so that the help costs nothing; resolves with the exit code. */
  run(args: Arguments<F>, io: Io): Promise<number>;
}

/** A row of the table of commands. */
export interface Command {
  name: string;
  /** A few words, beside its name in the list of commands. */
  summary: string;
  load(): Promise<CommandSpec>;
}

/** A command whose flags have the types that its list of flags gives them. */
export function defineCommand<const F extends readonly Flag[]>(spec: CommandSpec<F>): CommandSpec {
  // Only arguments that were parsed by its own list of flags ever reach `run`.
  return spec;
}

export const outputFlags = [
  { name: 'output', short: 'o', metavar: 'text|json', help: 'json: one object per line on stdout, the rest on stderr' },
  { name: 'quiet', short: 'q', help: 'print only errors and the last line' },
  { name: 'verbose', short: 'v', help: 'also print step output' },
] as const satisfies readonly Flag[];

export const helpFlag: Flag = { name: 'help', short: 'h', help: 'show this help' };
