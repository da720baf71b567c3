// Which groups an outer run still has to end, while inner runs report some and take others back.

import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pLimit from 'p-limit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { procStat } from '../../../scripts/host/group.ts';
import { InnerRun, OuterRun } from '../../../scripts/tasks/processes/nested.ts';

const nested = suite('tasks: runs within runs');

nested('a report that vanishes between two looks takes no other one with it', async () => {
  const outer = await OuterRun.open(pLimit(1));
  if (!outer) throw new Error('no socket could be made');
  try {
    const inner = new InnerRun(outer.folder);
    inner.report(process.pid);
    // Listed, and gone when it is read.
    symlinkSync(join(outer.folder, 'gone'), join(outer.folder, '999999999'));
    assert.equal(outer.groups(), [process.pid]);
    inner.takeBack(process.pid);
    assert.equal(outer.groups(), []);
  } finally {
    outer.close();
  }
  assert.equal(outer.groups(), []);
});

nested('a number that is another process by now is none of ours', async () => {
  const outer = await OuterRun.open(pLimit(1));
  if (!outer) throw new Error('no socket could be made');
  try {
    writeFileSync(join(outer.folder, String(process.pid)), `${procStat(process.pid)?.startTicks}0`);
    assert.equal(outer.groups(), []);
  } finally {
    outer.close();
  }
});

nested.run();
