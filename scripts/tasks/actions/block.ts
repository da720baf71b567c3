// Runs the actions of a `parallel` block: each when what it needs has ended well, as many at once as the limit allows.

import { messageOf } from '../../base/errors.ts';
import { StepsFailedError } from '../../engine/errors.ts';
import { type RunOptions, runSteps } from '../../engine/run.ts';
import type { Step } from '../../engine/step.ts';
import type { Action, Parallel } from '../file/model.ts';
import { type Branch, type Value, Variables, merged } from '../variables/variables.ts';
import { CancelledError } from './errors.ts';
import type { Flow, Item } from './runtime.ts';

/** One branch of a block: an action, or one turn of its loop. */
export interface Turn {
  action: Action;
  item?: Item | undefined;
  label: string;
}

export interface BlockOptions {
  block: Parallel;
  turns: readonly Turn[];
  flow: Flow;
  run: (turn: Turn, flow: Flow) => Promise<void>;
  /** A branch that never started, and why. */
  passed: (turn: Turn, outcome: 'skipped' | 'cancelled', reason: string) => void;
}

/** Longer than any wait for a branch that was told to end: it ends by itself, after the grace of its processes. */
const NEVER_MS = 2 ** 31 - 1;

/** @throws what the first branch that failed threw; CancelledError where the flow was cancelled */
export async function runBlock(options: BlockOptions): Promise<void> {
  const { block, turns, flow, run, passed } = options;
  const branches = turns.map((turn, at) => branchOf(turn, at, turns));
  const flows: (Flow | undefined)[] = [];
  let failure: unknown;
  const steps = branches.map(({ name, needs, after, turn }, at): Step => ({
    name,
    needs,
    ...(block.limit === undefined ? {} : { pool: 'limit' }),
    async run({ signal }) {
      const own: Flow = {
        variables: variablesFor(flow, { branches, flows }, after),
        signal,
        last: lastOf(flow, flows, after),
      };
      flows[at] = own;
      try {
        await run(turn, own);
      } catch (error) {
        if (!(error instanceof CancelledError && signal.aborted)) failure ??= error;
        throw error;
      }
    },
  }));
  const engine: RunOptions = {
    signal: flow.signal,
    onFailure: block.failure,
    graceMs: NEVER_MS,
    ...(block.limit === undefined ? {} : { pools: { limit: block.limit } }),
    subscribers: [
      (event) => {
        if (event.type !== 'step-ended' || event.record.startedMs !== undefined) return;
        const turn = branches.find(({ name }) => name === event.step)?.turn;
        const outcome = event.record.outcome === 'cancelled' ? 'cancelled' : 'skipped';
        if (turn) passed(turn, outcome, event.record.reason ?? '');
      },
    ],
  };
  try {
    await runSteps(steps, engine);
  } catch (error) {
    if (!(error instanceof StepsFailedError) && !flow.signal.aborted) throw error;
  } finally {
    flow.variables.join(branches.map((way, at) => writtenBy(way, flows[at])));
    flow.last = lastOf(flow, flows, new Set(branches.keys()));
  }
  if (failure !== undefined) throw failure as Error;
  if (flow.signal.aborted) throw new CancelledError(messageOf(flow.signal.reason), flow.signal.reason);
}

interface Way {
  name: string;
  turn: Turn;
  needs: readonly string[];
  /** Places of all branches that must have ended before. */
  after: Set<number>;
}

function branchOf(turn: Turn, at: number, turns: readonly Turn[]): Way {
  const direct = (one: Turn): number[] =>
    one.action.needs.flatMap(({ value }) => turns.flatMap(({ action }, i) => (action.id?.value === value ? [i] : [])));
  const after = new Set<number>();
  const open = direct(turn);
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (after.has(next)) continue;
    after.add(next);
    const needed = turns[next];
    if (needed) open.push(...direct(needed));
  }
  const needs = direct(turn).flatMap((place) => turns.slice(place, place + 1).map((needed) => nameOf(needed, place)));
  return { name: nameOf(turn, at), turn, needs, after };
}

function nameOf({ action, label }: Turn, at: number): string {
  return `${action.id?.value ?? label} #${at + 1}`;
}

interface Ways {
  branches: readonly Way[];
  /** Of those that have started. */
  flows: readonly (Flow | undefined)[];
}

/** What a branch sees: what was set before the block, and what the branches that it needs have set. */
function variablesFor(flow: Flow, { branches, flows }: Ways, after: ReadonlySet<number>): Variables {
  if (after.size === 0) return flow.variables.branch();
  const seen = branches.map((way, at) => writtenBy(way, after.has(at) ? flows[at] : undefined));
  return new Variables([...flow.variables.entries(), ...merged(seen)]);
}

function writtenBy({ after }: Way, flow: Flow | undefined): Branch {
  return { written: flow?.variables.written ?? new Map<string, Value>(), after };
}

/** The step that ended last among those of some branches. */
function lastOf(flow: Flow, flows: readonly (Flow | undefined)[], places: ReadonlySet<number>): string | undefined {
  const ended = flows.flatMap((own, at) => (places.has(at) && own?.last !== undefined ? [own] : []));
  return ended.sort((a, b) => (a.lastMs ?? 0) - (b.lastMs ?? 0)).at(-1)?.last ?? flow.last;
}
