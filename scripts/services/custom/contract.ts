// What a step of your own is, and what it is given: the types for files in `steps/`.

import type { $ } from 'zx/core';

export interface CustomContext {
  /**
   * zx's `$`: runs in the folder that hoist was started in, ends with the step, and shows its output under the step's name.
   * What it starts is ended when the step ends or is cancelled, with all that this has started.
   */
  $: $;
  /** Aborted on Ctrl-C, on the step's timeout, and where the run is given up; for `fetch` and the like. */
  signal: AbortSignal;
  /** Shows a line under the step's name. */
  log: (line: string) => void;
  /** A short remark behind the step's name, like "unchanged". */
  note: (text: string) => void;
  /** A warning: shown and counted, while the step goes on. */
  warn: (text: string) => void;
  /** The environment of `$`: hoist's own, with KUBECONFIG set. */
  env: Readonly<Record<string, string | undefined>>;
  /** A kubeconfig with this cluster alone; written before a step starts, unless its `needs` are `[]`. */
  kubeconfig: string;
  /** The context of that kubeconfig. */
  context: string;
  cluster: string;
  /** Those of the settings. */
  namespaces: readonly string[];
}

export interface CustomStep {
  /**
   * Names of steps, as `up --plan` lists them, that must have succeeded before: `namespace/staging`, `steps/seed`.
   * Not given: the kubeconfig. `[]`: it starts at once, while the cluster boots.
   */
  needs?: readonly string[];
  /** Like `90s` or `5m`; defaults to `10m`. */
  timeout?: string;
  /** Its failure is a warning. */
  optional?: boolean;
  /** May return anything; what it throws fails the step. */
  run(context: CustomContext): unknown;
}
