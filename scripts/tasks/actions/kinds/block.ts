// Runs the actions of a `parallel` block: each when what it needs has succeeded, as many at once as the limit allows.

import { messageOf } from '../../../base/errors.ts';
import { StepsFailedError } from '../../../engine/errors.ts';
import { type RunOptions, runSteps } from '../../../engine/run.ts';
import type { Step } from '../../../engine/step.ts';
import type { Parallel } from '../../file/model.ts';
import { type Branch, type Value, Variables, merged } from '../../variables/variables.ts';
import { CancelledError } from '../action-errors.ts';
import type { Flow } from '../runtime.ts';

/** One branch of a block: an action, one turn of its loop, or a task. */
export interface Turn {
  id?: string | undefined;
  /** Ids of branches that must end well before. */
  needs: readonly string[];
  label: string;
}

export interface BlockOptions<T extends Turn> extends Pick<Parallel, 'limit' | 'failure'> {
  turns: readonly T[];
  flow: Flow;
  run: (turn: T, flow: Flow) => Promise<void>;
  /** A branch that never started, and why. */
  passed: (turn: T, outcome: 'skipped' | 'cancelled', reason: string) => void;
}

/** Longer than any wait for a branch that was asked to end: it ends by itself, after the grace of its processes. */
const NEVER_MS = 2 ** 31 - 1;

/** @throws what the first branch that failed threw; CancelledError where the flow was cancelled */
export async function runBlock<T extends Turn>(options: BlockOptions<T>): Promise<void> {
  const { limit, failure: onFailure, turns, flow, run, passed } = options;
  const branches = turns.map((turn, at) => branchOf(turn, at, turns));
  const flows: (Flow | undefined)[] = [];
  let failure: unknown;
  /** Whether the next branch has waited for another one to end. */
  const full = (): boolean => limit !== undefined && flows.filter((own) => own !== undefined).length >= limit;
  const steps = branches.map(({ name, needs, after, turn }, at): Step => ({
    name,
    needs,
    ...(limit === undefined ? {} : { pool: 'limit' }),
    async run({ signal }) {
      const own: Flow = {
        variables: variablesFor(flow, { branches, flows }, after),
        signal,
        last: lastOf(flow, flows, full() ? new Set(branches.keys()) : after),
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
    onFailure,
    graceMs: NEVER_MS,
    ...(limit === undefined ? {} : { pools: { limit } }),
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

interface Way<T extends Turn = Turn> {
  name: string;
  turn: T;
  needs: readonly string[];
  /** Places of all branches that must have ended before. */
  after: Set<number>;
}

function branchOf<T extends Turn>(turn: T, at: number, turns: readonly T[]): Way<T> {
  const direct = (one: T): number[] =>
    one.needs.flatMap((need) => turns.flatMap(({ id }, i) => (id === need ? [i] : [])));
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

function nameOf({ id, label }: Turn, at: number): string {
  return `${id ?? label} #${at + 1}`;
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
  if (places.size === 0) return flow.last;
  const ended = flows.flatMap((own, at) => (places.has(at) && own?.last !== undefined ? [own] : []));
  return ended.sort((a, b) => (a.lastMs ?? 0) - (b.lastMs ?? 0)).at(-1)?.last ?? flow.last;
}
