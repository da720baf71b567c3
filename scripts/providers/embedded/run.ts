// What the steps of one run share: the plan, where things are, and what the step `prepare` has found or made.

import type { Exec } from '../../host/exec.ts';
import type { ClusterPlan } from '../../plan/plan.ts';
import { locateTool } from '../../tools/locate.ts';
import { pinOf, type ToolOptions, toolFile } from '../../tools/options.ts';
import { toolStepName } from '../../tools/tool-steps.ts';
import type { StepInputs } from '../provider.ts';
import type { SnapshotStore } from '../snapshots/store.ts';
import { componentCommand } from './processes/component-commands.ts';
import type { Layout } from './layout.ts';
import type { Tokens } from './pki.ts';
import type { Processes } from './processes/processes.ts';
import type { ClusterState, ProcessName } from './state.ts';

export interface EmbeddedDeps {
  exec: Exec;
  /** File with the certificate and key that all clusters serve with. */
  sharedPair: string;
  tools: ToolOptions;
  snapshots: SnapshotStore;
}

/** What the step `prepare` leaves for all others. */
export interface Started {
  state: ClusterState;
  processes: Processes;
  tokens: Tokens;
  server: string;
}

export interface RunInputs {
  plan: ClusterPlan;
  layout: Layout;
  inputs: StepInputs;
  deps: EmbeddedDeps;
  /** Names of the steps that fetch or build tools. */
  provided: readonly string[];
}

export class EmbeddedRun {
  readonly plan: ClusterPlan;
  readonly layout: Layout;
  readonly inputs: StepInputs;
  readonly deps: EmbeddedDeps;
  readonly #provided: readonly string[];
  #started: Started | undefined;

  constructor({ plan, layout, inputs, deps, provided }: RunInputs) {
    this.plan = plan;
    this.layout = layout;
    this.inputs = inputs;
    this.deps = deps;
    this.#provided = provided;
  }

  /** Called by the step `prepare`. */
  begin(started: Started): void {
    this.#started = started;
  }

  /** @throws where a step uses it without needing `prepare`. */
  get started(): Started {
    if (!this.#started) throw new Error('a step runs before "prepare"');
    return this.#started;
  }

  /** The step that provides a binary, where there is one. */
  tool(name: ProcessName): string[] {
    return [toolStepName(name)].filter((step) => this.#provided.includes(step));
  }

  /** Path of a binary. */
  async file(name: ProcessName): Promise<string> {
    const { tools } = this.deps;
    return (await locateTool(name, tools))?.path ?? toolFile(pinOf(name, tools), tools);
  }

  async start(name: ProcessName): Promise<'started' | 'running'> {
    const { processes, state } = this.started;
    const { plan, layout } = this;
    return processes.start(name, componentCommand(name, await this.file(name), { plan, layout, ports: state.ports }));
  }
}
