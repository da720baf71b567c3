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

/** Work that lasts until it is ended, with what has begun so far. */
function works(inner: InnerRun): {
  start: (name: string) => Promise<void>;
  end: (name: string) => void;
  begun: string[];
} {
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  return {
    begun,
    start: (name) =>
      inner.slot(() => {
        begun.push(name);
        return new Promise((resolve) => ends.set(name, resolve));
      }),
    end: (name) => ends.get(name)?.(),
  };
}

/** Until a condition holds: what goes through a socket takes its turns. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}

nested('a run within another one has its own slot, and others that it is lent, one after the other', async () => {
  const jobs = pLimit(2);
  const outer = await OuterRun.open(jobs);
  if (!outer) throw new Error('no socket could be made');
  const inner = new InnerRun(outer.folder);
  const { start, end, begun } = works(inner);
  try {
    // The slot of the command that the inner run is.
    let endOwn: () => void = () => undefined;
    void jobs(() => new Promise<void>((resolve) => (endOwn = resolve)));
    const all = ['a', 'b', 'c', 'd'].map(start);
    await until(() => begun.length === 2);
    await until(() => jobs.activeCount === 2 && jobs.pendingCount === 2);
    assert.equal(begun, ['a', 'b'], 'its own slot, and the only other one');
    end('b');
    await until(() => begun.length === 3);
    end('a');
    await until(() => begun.length === 4);
    assert.equal(begun, ['a', 'b', 'c', 'd']);
    end('c');
    end('d');
    await Promise.all(all);
    await until(() => jobs.activeCount === 1);
    endOwn();
    // What it is no longer using is its own again.
    const again = start('e');
    await until(() => begun.length === 5);
    end('e');
    await again;
  } finally {
    inner.close();
    outer.close();
  }
});

nested('without the run around it there is no limit of it either', async () => {
  const outer = await OuterRun.open(pLimit(1));
  if (!outer) throw new Error('no socket could be made');
  const inner = new InnerRun(outer.folder);
  const { start, end, begun } = works(inner);
  outer.close();
  const all = ['a', 'b', 'c'].map(start);
  await until(() => begun.length === 3);
  // That it has ended is known by now.
  const later = ['d', 'e'].map(start);
  assert.equal(begun, ['a', 'b', 'c']);
  await until(() => begun.length === 5);
  for (const name of begun) end(name);
  await Promise.all([...all, ...later]);
  inner.close();
});

nested('without a temporary folder an inner run is one of its own', async () => {
  const before = process.env['TMPDIR'];
  process.env['TMPDIR'] = '/dev/null/none';
  try {
    assert.is(await OuterRun.open(pLimit(1)), undefined);
  } finally {
    if (before === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = before;
  }
});

nested.run();
