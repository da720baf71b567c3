import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { moduleAt, scriptOf } from '../child.ts';
import { TimeoutError } from '../../scripts/base/errors.ts';
import { type LockHolder, describeHolder, withLock } from '../../scripts/host/lock.ts';

const test = suite<{ folder: string; path: string }>('lock');

test.before.each(async (context) => {
  context.folder = await mkdtemp(join(tmpdir(), 'hoist-lock-'));
  context.path = join(context.folder, 'new', 'lock');
});
test.after.each(({ folder }) => rm(folder, { recursive: true }));

/** A function for the lock to run that does nothing but give a value. */
const resolving =
  <T>(value: T) =>
  () =>
    Promise.resolve(value);

/** Starts a process that runs `body` while it holds the lock. */
function holderProcess(path: string, body: string) {
  const code = `
    import { appendFile, open, rm } from 'node:fs/promises';
    import { withLock } from ${moduleAt('scripts/host/lock.ts')};
    await withLock(${JSON.stringify(path)}, {}, async () => { ${body} });`;
  return spawn(process.execPath, scriptOf(code), {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

/** The content of a lock as this process would write it, changed. */
async function recordWith(path: string, changes: Partial<LockHolder>): Promise<string> {
  const mine = await withLock(path, {}, async () => JSON.parse(await readFile(path, 'utf8')) as LockHolder);
  return JSON.stringify({ ...mine, ...changes });
}

test('gives the result of what it ran, and leaves nothing behind', async ({ path, folder }) => {
  assert.is(await withLock(path, {}, resolving(42)), 42);
  assert.equal(await readdir(join(folder, 'new')), []);
});

test('is free again after a failure', async ({ path }) => {
  try {
    await withLock(path, {}, () => Promise.reject(new Error('inner')));
    assert.unreachable();
  } catch (error) {
    assert.is((error as Error).message, 'inner');
  }
  assert.is(await withLock(path, { timeoutMs: 0 }, resolving('free')), 'free');
});

test('is held by one at a time within a process', async ({ path }) => {
  let inside = 0;
  let most = 0;
  const use = async (): Promise<void> => {
    most = Math.max(most, ++inside);
    await new Promise((turn) => setImmediate(turn));
    inside--;
  };
  await Promise.all(Array.from({ length: 8 }, () => withLock(path, {}, use)));
  assert.is(most, 1);
});

test('names the holder to one who waits, once, and again in the error', async ({ path }) => {
  const waits: LockHolder[] = [];
  await withLock(path, {}, async () => {
    try {
      await withLock(path, { timeoutMs: 120, onWait: (holder) => waits.push(holder) }, resolving(undefined));
      assert.unreachable();
    } catch (error) {
      assert.instance(error, TimeoutError);
      assert.ok((error as Error).message.includes(`locked by process ${process.pid}, since `));
    }
  });
  assert.is(waits.length, 1);
  for (const holder of waits) {
    assert.is(holder.pid, process.pid);
    assert.match(describeHolder({ ...holder, host: 'elsewhere' }), / on elsewhere, /);
  }
});

test('a wait ends with the reason of its signal', async ({ path }) => {
  const abort = new AbortController();
  const reason = new Error('enough');
  await withLock(path, {}, async () => {
    try {
      const onWait = (): void => abort.abort(reason);
      await withLock(path, { signal: abort.signal, onWait }, resolving(undefined));
      assert.unreachable();
    } catch (error) {
      assert.is(error, reason);
    }
  });
});

test('the lock of a killed process is taken over by one at a time', async ({ path, folder }) => {
  const holder = holderProcess(
    path,
    `process.stdout.write('held'); await new Promise(() => setInterval(() => 0, 1000));`,
  );
  await once(holder.stdout, 'data');
  holder.kill('SIGKILL');
  await once(holder, 'exit');
  assert.is((JSON.parse(await readFile(path, 'utf8')) as LockHolder).pid, holder.pid);

  let inside = 0;
  let most = 0;
  const use = async (): Promise<void> => {
    most = Math.max(most, ++inside);
    await new Promise((turn) => setTimeout(turn, 1));
    inside--;
  };
  await Promise.all(Array.from({ length: 12 }, () => withLock(path, {}, use)));
  assert.is(most, 1);
  assert.equal(await readdir(join(folder, 'new')), []);
});

test('processes that die while they hold it never hold it together', async ({ path, folder }) => {
  const log = join(folder, 'log');
  await writeFile(log, '');
  const body = `
    const marker = await open(${JSON.stringify(join(folder, 'inside'))}, 'wx');
    await appendFile(${JSON.stringify(log)}, process.pid + '\\n');
    await marker.close();
    await rm(${JSON.stringify(join(folder, 'inside'))});
    process.kill(process.pid, 'SIGKILL');`;
  const holders = Array.from({ length: 4 }, () => holderProcess(path, body));
  const signals = await Promise.all(holders.map(async (holder) => ((await once(holder, 'exit')) as unknown[])[1]));
  assert.equal(signals, ['SIGKILL', 'SIGKILL', 'SIGKILL', 'SIGKILL']);
  assert.is((await readFile(log, 'utf8')).trim().split('\n').length, 4);
});

test('a takeover that was itself cut short does not stop the next one', async ({ path }) => {
  const dead = await recordWith(path, { startTime: 'of another process' });
  await writeFile(path, dead);
  await writeFile(`${path}.takeover`, dead);
  assert.is(await withLock(path, { timeoutMs: 0 }, resolving('mine')), 'mine');
});

test('a lock file cut short counts as left behind', async ({ path }) => {
  await recordWith(path, {});
  await writeFile(path, '{"pid":');
  assert.is(await withLock(path, { timeoutMs: 0 }, resolving('mine')), 'mine');
});

test('a holder whose process cannot be seen counts as alive for as long as it gives signs', async ({ path }) => {
  await writeFile(path, await recordWith(path, { place: 'another container' }));
  try {
    await withLock(path, { timeoutMs: 0 }, resolving(undefined));
    assert.unreachable();
  } catch (error) {
    assert.instance(error, TimeoutError);
  }
  const longAgo = new Date(Date.now() - 60_000);
  await utimes(path, longAgo, longAgo);
  assert.is(await withLock(path, { timeoutMs: 0 }, resolving('mine')), 'mine');
});

test('a lock that was taken over meanwhile is left to its new holder', async ({ path }) => {
  const other = await recordWith(path, { token: 'other' });
  await withLock(path, {}, () => writeFile(path, other));
  assert.is(await readFile(path, 'utf8'), other);
});

test.run();
