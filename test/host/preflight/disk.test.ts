// How much room is enough, by its share and by its size, at each boundary.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { diskUsage, judgeDisk } from '../../../scripts/host/preflight/disk.ts';

const test = suite('host/preflight/disk');
const GIB = 2 ** 30;

test('the kubelet evicts below 5 %, images may not fit below 10 %; and so it is below half a GiB and below two', () => {
  const table: [free: number, total: number, status: string][] = [
    [100 * GIB, 1000 * GIB, 'ok'],
    [99 * GIB, 1000 * GIB, 'warn'],
    [50 * GIB, 1000 * GIB, 'warn'],
    [49 * GIB, 1000 * GIB, 'fail'],
    [2 * GIB, 4 * GIB, 'ok'],
    [2 * GIB - 1, 4 * GIB, 'warn'],
    [GIB / 2, GIB, 'warn'],
    [GIB / 2 - 1, GIB, 'fail'],
    [3 * GIB, 0, 'ok'],
    [0, 0, 'fail'],
  ];
  for (const [free, total, status] of table) assert.is(judgeDisk('d', free, total).status, status, `${free}/${total}`);
});

test('how much is free is said in GiB and per cent', () => {
  assert.is(judgeDisk('d', 25 * GIB, 100 * GIB).detail, '25.0 GiB free, 25 %');
  assert.is(judgeDisk('d', 1.26 * GIB, 100 * GIB).detail, '1.3 GiB free, 1 %: nodes evict pods below 5 %');
});

test('what is used and what is free are no more than there is', async () => {
  const { free, used, total } = await diskUsage('/none/such/folder');
  assert.ok(free >= 0 && used > 0 && free + used <= total && total > 0);
});

test.run();
