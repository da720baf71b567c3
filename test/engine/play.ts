// Plays steps on a fake clock, for the tests of the engine.

import type { EngineEvent, RunRecord } from '../../scripts/engine/event.ts';
import { type RunOptions, runSteps } from '../../scripts/engine/run.ts';
import type { Step } from '../../scripts/engine/step.ts';
import { FakeClock } from '../doubles/clock.ts';

const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Runs steps on a fake clock that jumps to the next timer whenever nothing else is left to do. */
export async function play(
  steps: Step[],
  options: Omit<RunOptions, 'clock'> & { clock?: FakeClock } = {},
): Promise<{ run: RunRecord; events: EngineEvent[]; error: unknown }> {
  const clock = options.clock ?? new FakeClock();
  const events: EngineEvent[] = [];
  let error: unknown;
  const state = { over: false };
  const done = runSteps(steps, { random: () => 1, ...options, clock, subscribers: [(e) => events.push(e)] })
    .catch((e: unknown) => (error = e))
    .finally(() => (state.over = true));
  while (!state.over) {
    await tick();
    clock.jump();
  }
  await done;
  const last = events.at(-1);
  if (last?.type !== 'run-ended') throw error;
  return { run: last.run, events, error };
}

export const outcomes = (run: RunRecord): Record<string, string> =>
  Object.fromEntries(run.steps.map((s) => [s.name, s.outcome]));

/** A step that takes `ms` of the fake clock and heeds its signal. */
export const takes = (clock: FakeClock, name: string, ms: number, more: Partial<Step> = {}): Step => ({
  name,
  run: ({ signal }) => clock.sleep(ms, signal),
  ...more,
});
