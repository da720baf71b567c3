// Question: what does the engine itself cost? Method: 10,000 steps that do nothing, through `runSteps` with one subscriber, in
// three shapes: all independent in one pool, a chain, and layers of 100 where each step needs 3 of the layer before.
// Floor: p-limit alone over as many empty tasks. Samples are µs a step; each shape has to stay at most at 20 µs.

import pLimit from 'p-limit';
import { runSteps } from '../scripts/engine/run.ts';
import type { Step } from '../scripts/engine/step.ts';
import { HoistError } from '../scripts/base/errors.ts';
import { main } from './harness.ts';
import type { Side } from './harness.ts';

const STEPS = 10_000;
const LAYER = 100;
const SLOTS = 8;
const TARGET_MICROSECONDS = 20;

const nothing = (): Promise<void> => Promise.resolve();
const name = (index: number): string => `step-${index}`;

function make(step: (index: number) => Partial<Step>): Step[] {
  return Array.from({ length: STEPS }, (_, index) => ({ name: name(index), run: nothing, ...step(index) }));
}

const shapes: Readonly<Record<string, readonly Step[]>> = {
  pool: make(() => ({ pool: 'all' })),
  chain: make((index) => (index === 0 ? {} : { needs: [name(index - 1)] })),
  layers: make((index) => {
    const above = index - LAYER - (index % LAYER);
    return above < 0 ? {} : { needs: [0, 1, 7].map((offset) => name(above + ((index + offset) % LAYER))) };
  }),
};

const perStep = (ms: number): number => (ms * 1000) / STEPS;

async function timed(work: () => Promise<unknown>): Promise<{ value: number }> {
  const start = performance.now();
  await work();
  return { value: perStep(performance.now() - start) };
}

const sides = Object.entries(shapes).map(([shape, steps]): Side => ({
  name: shape,
  run: async ({ signal }) => {
    let ended = 0;
    const sample = await timed(() =>
      runSteps(steps, {
        pools: { all: SLOTS },
        signal,
        subscribers: [(event) => (ended += event.type === 'step-ended' ? 1 : 0)],
      }),
    );
    if (ended !== STEPS) throw new HoistError(`${shape}: ${ended} of ${STEPS} steps ended`);
    return sample;
  },
}));

const floor: Side = {
  name: 'p-limit',
  run: () => {
    const limit = pLimit(SLOTS);
    return timed(() => Promise.all(Array.from({ length: STEPS }, () => limit(nothing))));
  },
};

await main({
  name: 'engine',
  question: 'How many µs does the engine spend on a step?',
  unit: 'µs',
  runs: 11,
  warmUps: 3,
  sides: [floor, ...sides],
  ratios: Object.fromEntries(
    Object.keys(shapes).map((shape) => [
      `${shape}: µs a step`,
      { sides: [shape], value: (median: number) => median, target: TARGET_MICROSECONDS, good: 'at most' },
    ]),
  ),
});
