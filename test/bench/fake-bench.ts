// A bench with fake sides, run as a process of its own by the harness's tests; FAKE says how it behaves.

import { appendFileSync } from 'node:fs';
import { main } from '../../bench/harness.ts';
import type { Side } from '../../bench/harness.ts';

const fake = process.env['FAKE'] ?? '';
const log = process.env['FAKE_LOG'] ?? '';
const note = (text: string): void => {
  if (log) appendFileSync(log, `${text}\n`);
};

/** A side whose samples are given, one a turn. */
function side(name: string, values: readonly number[]): Side {
  return {
    name,
    before: ({ index }) => note(`before ${name} ${index}`),
    run: async ({ index, signal }) => {
      note(`run ${name} ${index}`);
      if (fake === 'fails' && name === 'b' && index === 1) throw new Error('b broke');
      if (fake === 'hangs' && index === 0)
        await new Promise((_, reject) => {
          // Keeps the process alive until it is told to stop.
          const alive = setInterval(() => undefined, 60_000);
          signal.addEventListener('abort', () => {
            clearInterval(alive);
            reject(new Error('stopped'));
          });
          console.error('hanging');
        });
      return { value: values[Math.max(index, 0) % values.length] ?? 0, extra: { rssMiB: 12 } };
    },
    after: ({ index }) => {
      note(`after ${name} ${index}`);
      if (fake === 'fails' && name === 'b' && index === 1) throw new Error('nothing to clean up');
    },
  };
}

await main({
  name: 'fake',
  question: 'Is a as fast as b?',
  unit: 'µs',
  sides: [
    side('a', [30, 10, 20, 1000, 5]),
    side('b', [10, 10, 10, 10, 10]),
    { name: 'absent', missing: () => 'absent is not on PATH', run: () => assertNever() },
  ],
  ratios: {
    'a/b': {
      sides: ['a', 'b'],
      value: (a, b) => a / b,
      target: fake === 'misses' ? 1.9 : 2,
      good: 'at most',
    },
    'a/absent': { sides: ['a', 'absent'], value: (a, b) => a / b, target: 1, good: 'at most' },
  },
});

function assertNever(): never {
  throw new Error('a missing side was run');
}
