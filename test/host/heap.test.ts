// A heap that is kept small takes less memory for the same work.

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { moduleAt, scriptOf } from '../child.ts';

const test = suite('host/heap');

/** Bytes of the heap, of which a quarter is in use, after waves of objects that die when they have grown old. */
async function heapAfterWaves(first: string): Promise<number> {
  const script = `
    import { keepHeapSmall } from ${moduleAt('scripts/host/heap.ts')};
    let most = 0;
    const wave = () => Array.from({ length: 60_000 }, (_, i) => ({ i, text: 'x' + i }));
    for (let i = 0; i < 2; i++) wave();
    ${first}
    for (let i = 0; i < 60; i++) {
      const kept = wave();
      most = Math.max(most, process.memoryUsage().heapTotal + kept.length );
    }
    console.log(most);`;
  return Number((await promisify(execFile)(process.execPath, scriptOf(script))).stdout);
}

test('with a small heap the same work takes less memory', async () => {
  const [plain, small] = [await heapAfterWaves(''), await heapAfterWaves('keepHeapSmall();')];
  assert.ok(small < plain * 0.8, `${small} of ${plain} bytes`);
});

test.run();
