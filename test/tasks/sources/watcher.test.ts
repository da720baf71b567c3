// Bursts of changes in folders: which ones are reported, once, and until when.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { systemClock } from '../../../scripts/engine/clock.ts';
import { Watcher } from '../../../scripts/tasks/sources/watcher.ts';

const test = suite<{ folder: string; watcher: Watcher }>('tasks/sources/watcher');
test.before.each((context) => {
  context.folder = mkdtempSync(join(tmpdir(), 'hoist-watcher-'));
  for (const name of ['a', 'b']) mkdirSync(join(context.folder, name));
  context.watcher = new Watcher(systemClock);
});
test.after.each(({ folder, watcher }) => {
  watcher.close();
  rmSync(folder, { recursive: true });
});

const signal = new AbortController().signal;

/** Whether it has not resolved after some turns of the event loop. */
async function waits(changed: Promise<void>): Promise<boolean> {
  let over = false;
  void changed.then(() => (over = true));
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
  return !over;
}

test('a change is reported once, to who waits and to who comes later', async ({ folder, watcher }) => {
  watcher.look([join(folder, 'a'), join(folder, 'gone')]);
  const first = watcher.changed(signal);
  assert.ok(await waits(first), 'nothing has happened');
  writeFileSync(join(folder, 'a/file'), '1');
  writeFileSync(join(folder, 'a/file'), '2');
  await first;
  writeFileSync(join(folder, 'a/file'), '3');
  await new Promise((resolve) => setTimeout(resolve, 150));
  await watcher.changed(signal);
  const next = watcher.changed(signal);
  assert.ok(await waits(next), 'of the same burst');
  writeFileSync(join(folder, 'a/more'), '');
  await next;
});

test('folders that are looked at no more report nothing, those that stay and new ones do', async ({
  folder,
  watcher,
}) => {
  watcher.look([join(folder, 'a')]);
  watcher.look([join(folder, 'a'), join(folder, 'b')]);
  const of = async (name: string): Promise<void> => {
    const changed = watcher.changed(signal);
    writeFileSync(join(folder, name, 'file'), '');
    await changed;
  };
  await of('a');
  await of('b');
  watcher.look([join(folder, 'b')]);
  const next = watcher.changed(signal);
  writeFileSync(join(folder, 'a/file'), '1');
  await new Promise((resolve) => setTimeout(resolve, 150));
  assert.ok(await waits(next));
  rmSync(join(folder, 'b'), { recursive: true });
  await next;
});

test('rejects with the reason of its signal, at once where that is aborted already', async ({ watcher }) => {
  const stop = new AbortController();
  const changed = watcher.changed(stop.signal);
  stop.abort(new Error('enough'));
  for (const rejected of [changed, watcher.changed(stop.signal)])
    assert.is(await rejected.catch((error: unknown) => (error as Error).message), 'enough');
});

test('what is no folder that can be watched is an error', ({ folder, watcher }) => {
  assert.throws(() => watcher.look([join(folder, 'a\0')]));
});

test.run();
