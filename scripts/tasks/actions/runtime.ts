// What all actions of a run share, and what is passed down from call to call.

import type { LimitFunction } from 'p-limit';
import type { StartChild } from '../../host/child.ts';
import type { Exec } from '../../host/exec.ts';
import type { Action, Task } from '../file/model.ts';
import type { Edge } from '../plan/check.ts';
import type { Program } from '../includes/program.ts';
import type { Output } from '../output/output.ts';
import type { Registry } from '../processes/registry.ts';
import type { Declaration } from '../variables/variables.ts';
import type { ActionError, Call } from './action-errors.ts';
import type { Flow, Item } from './flow.ts';
import type { Once } from './once.ts';
import type { Ledger } from './ledger.ts';

export type { Flow, Item };

/** One for the whole run. */
export interface Runtime {
  program: Program;
  cwd: string;
  /** A copy: the process's own one is asked of the system name by name. */
  env: Readonly<Record<string, string>>;
  /** Wins over everything: `MARU=true`, `UDS_ARCH`. */
  extraEnv: Readonly<Record<string, string>>;
  declared: ReadonlyMap<string, Declaration>;
  /** What `./uds ` and its like in a command become. */
  commands: Readonly<Record<string, string>>;
  start: StartChild;
  exec: Exec;
  registry: Registry;
  ledger: Ledger;
  output: Output;
  /** Slots for work: nothing that only waits holds one. */
  jobs: <T>(work: () => Promise<T>) => Promise<T>;
  graceMs: number;
  /** For what runs although the run was cancelled. */
  cleanup: AbortSignal;
  /** Values that must not be shown. */
  hide: (secret: string) => void;
  warn: (message: string) => void;
  /** Says something for the user beside the output; nothing where quiet is asked for. */
  note: (message: string) => void;
  /** How tasks with `sources` or `generates` are passed over. */
  upToDate: UpToDate;
  /** Nothing is run: what would be is shown. */
  dry: boolean;
  /** Everything that failed by itself, in the order in which it did. */
  failures: ActionError[];
  once: Once;
  /** The terminal goes to one interactive action at a time. */
  terminal: LimitFunction;
}

export interface UpToDate {
  /** Where their fingerprints are kept. */
  folder: string;
  /** Runs them all the same. */
  force: boolean;
  /** Called with the patterns of each such task before it is looked at. */
  onSources?: ((sources: readonly string[], generates: readonly string[]) => Promise<void>) | undefined;
  /** All tasks of the run with the calls that lead from each. */
  reached: ReadonlyMap<Task, readonly Edge[]>;
}

/** A task that is being run. */
export interface Frame {
  task: Task;
  /** What its caller gave. */
  given: ReadonlyMap<string, string>;
  /** Whether an action called it; the command line's own task is seen a little differently by maru. */
  called: boolean;
  calls: readonly Call[];
  /** Of its envPath. */
  envFile: ReadonlyMap<string, string>;
  /** Of the loop that the action stands in. */
  item?: Item | undefined;
  /** What runs in the background until the task ends, and how the task learns that it died. */
  scope: Scope;
  /** Tasks that run once and that this one runs for. */
  once: readonly string[];
}

/** One action at its place: what is done, for which call of its task, and with what. */
export interface Doing {
  action: Action;
  frame: Frame;
  flow: Flow;
  runtime: Runtime;
}

export interface Scope {
  backgrounds: { stop(): Promise<void> }[];
  onDeath: (error: ActionError) => void;
}
