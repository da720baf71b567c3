// What a task file says, each part with the place where it was written.

import type { Problem } from '../../base/errors.ts';
import type { Mark, Source, Text } from './source.ts';

export interface TaskFile {
  source: Source;
  /** Absolute path, or the URL that it was fetched from. */
  location: string;
  includes: readonly Include[];
  variables: readonly Variable[];
  /** In the order of the file; of several with one name the first counts. */
  tasks: ReadonlyMap<string, Task>;
  /** Located, but no reason to refuse: unknown keys, keys that have no effect. */
  warnings: readonly Problem[];
}

export interface Include {
  key: string;
  /** A path relative to the file, or a URL; `${VAR}` is allowed in it. */
  location: Text;
  at: Mark;
}

export interface Variable {
  name: string;
  default?: string | undefined;
  /** A regular expression of Go's syntax that values must match somewhere. */
  pattern?: Text | undefined;
  description?: string | undefined;
  prompt: boolean;
  sensitive: boolean;
  at: Mark;
}

export interface Input {
  name: string;
  description?: string | undefined;
  default?: Text | undefined;
  required: boolean;
  deprecatedMessage?: string | undefined;
  at: Mark;
}

export interface Task {
  name: string;
  description?: string | undefined;
  inputs: ReadonlyMap<string, Input>;
  envPath?: Text | undefined;
  actions: readonly Action[];
  /** Run at the end, however it came. */
  finally: readonly Action[];
  /** Run once for the same inputs in a run. */
  once: boolean;
  /** Neither listed nor called from the command line. */
  internal: boolean;
  /** Patterns of the files that it is made from. */
  sources: readonly Text[];
  /** Patterns of the files that it makes. */
  generates: readonly Text[];
  at: Mark;
  file: TaskFile;
  /** What makes it impossible to run: it is refused where it is reached. */
  problems: readonly Problem[];
}

/** What an action does; a task file may give several of them, of which the first of this order counts. */
export type Work =
  | { kind: 'task'; task: Text; with: ReadonlyMap<string, Text> }
  | { kind: 'parallel'; parallel: Parallel }
  | { kind: 'wait'; wait: Wait }
  | { kind: 'apply'; apply: Apply }
  | { kind: 'cmd'; cmd: Text }
  | { kind: 'nothing' };

export interface Action {
  work: Work;
  /** Place of the action's first key. */
  at: Mark;
  description?: Text | undefined;
  id?: Text | undefined;
  needs: readonly Text[];
  if?: Text | undefined;
  /** `K=V` each. */
  env: readonly Text[];
  dir?: Text | undefined;
  shell?: { linux?: string | undefined; darwin?: string | undefined; windows?: string | undefined } | undefined;
  mute: boolean;
  setVariables: readonly SetVariable[];
  /** Attempts after the first, without a pause. */
  maxRetries?: number | undefined;
  /** Over all attempts. */
  timeoutMs?: number | undefined;
  retry?: { attempts: number; backoffMs: number } | undefined;
  once: boolean;
  background: boolean;
  ready?: Ready | undefined;
  interactive: boolean;
  for?: Loop | undefined;
}

export interface SetVariable {
  name: Text;
  pattern?: Text | undefined;
  sensitive: boolean;
}

export interface Parallel {
  actions: readonly Action[];
  limit?: number | undefined;
  failure: 'finish' | 'cancel' | 'continue';
}

/** A list of items, a text that is split at white space, or a matrix by name. */
export type Loop =
  | { kind: 'list'; items: readonly Text[]; at: Mark }
  | { kind: 'text'; text: Text; at: Mark }
  | { kind: 'matrix'; axes: ReadonlyMap<string, readonly Text[] | Text>; at: Mark };

export interface Wait {
  at: Mark;
  cluster?: { kind: Text; name: Text; namespace?: Text | undefined; condition?: Text | undefined } | undefined;
  network?: { protocol: Text; address: Text; code?: Text | undefined } | undefined;
}

export interface Apply {
  files: readonly Text[];
  namespace?: Text | undefined;
  /** Whether to wait until what was applied is ready. */
  wait: boolean;
  at: Mark;
}

/** How it is known that a background action is ready. */
export interface Ready {
  at: Mark;
  log?: Text | undefined;
  tcp?: Text | undefined;
  http?: Text | undefined;
  cmd?: Text | undefined;
  timeoutMs: number;
}
