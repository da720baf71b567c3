// A process that is killed takes along what it started, and leaves no folder.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, watch, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { moduleAt, scriptOf } from '../child.ts';
import { groupLives } from '../../scripts/host/group.ts';

const test = suite<{ parent: string }>('host/keeper');

test.before.each((context) => {
  context.parent = mkdtempSync(join(tmpdir(), 'hoist keeper-'));
});
test.after.each(({ parent }) => rmSync(parent, { recursive: true, force: true }));

/** Two groups, each with a child in the background; the first one is released where that is asked for. */
const SCRIPT = `
import { spawn } from 'node:child_process';
import { Keeper } from ${moduleAt('scripts/host/keeper.ts')};
const [folder, how] = process.argv.slice(1);
const command = ['-c', 'sleep 1000 & wait'];
const cwd = how === 'unwritten' ? folder : undefined;
const start = () => spawn('/bin/sh', command, { cwd, detached: true, stdio: ['ignore', 'inherit', 'ignore'] });
const groups = [start(), start()].map((child) => child.pid);
const keeper = new Keeper(folder);
if (how !== 'unwritten') for (const group of groups) keeper.watch(group);
if (how === 'released') keeper.release(groups[0]);
if (how === 'closed') {
  for (const group of groups) keeper.release(group);
  keeper.close();
}
process.stdout.write(JSON.stringify(groups));
if (how === 'closed') setImmediate(() => process.exit());
`;

/** Resolves when the keeper has been told of the groups. */
async function start(folder: string, how = ''): Promise<{ child: ChildProcess; groups: number[] }> {
  const args = [...scriptOf(SCRIPT), folder, how];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const said = await new Promise<string>((resolve) =>
    child.stdout.on('data', (chunk: Buffer) => resolve(String(chunk))),
  );
  return { child, groups: JSON.parse(said) as number[] };
}

async function gone(parent: string, folder: string): Promise<void> {
  await new Promise<void>((done) => {
    const watcher = watch(parent, () => look());
    const look = (): void => {
      if (existsSync(folder)) return;
      watcher.close();
      done();
    };
    look();
  });
}

function folderIn(parent: string): string {
  const folder = join(parent, "a 'quoted' -folder");
  mkdirSync(folder);
  writeFileSync(join(folder, 'file'), 'raw');
  return folder;
}

test('killed: the groups die, with their children, and the folder is removed', async ({ parent }) => {
  const folder = folderIn(parent);
  const { child, groups } = await start(folder);
  assert.ok(existsSync(folder));
  assert.equal(groups.map(groupLives), [true, true]);
  // All that could write into the pipe has ended.
  const closed = once(child, 'close');
  child.kill('SIGKILL');
  await closed;
  await gone(parent, folder);
});

(process.platform === 'linux' ? test : test.skip)(
  'killed before it could write the groups: what stands in the folder dies all the same',
  async ({ parent }) => {
    const folder = folderIn(parent);
    const { child, groups } = await start(folder, 'unwritten');
    assert.equal(groups.map(groupLives), [true, true]);
    const closed = once(child, 'close');
    child.kill('SIGKILL');
    await closed;
    await gone(parent, folder);
  },
);

test('a group that was released goes on', async ({ parent }) => {
  const folder = folderIn(parent);
  const { child, groups } = await start(folder, 'released');
  child.kill('SIGKILL');
  await gone(parent, folder);
  const [kept = 0, killed = 0] = groups;
  // The signal was sent before the folder went; that its processes are gone takes a moment more.
  for (let tries = 0; groupLives(killed) && tries < 500; tries++) await sleep(20);
  const lives = groups.map(groupLives);
  process.kill(-kept, 'SIGKILL');
  assert.equal(lives, [true, false]);
});

test('closed: nothing is killed', async ({ parent }) => {
  const { child, groups } = await start(join(parent, 'none'), 'closed');
  await once(child, 'exit');
  const lives = groups.map(groupLives);
  for (const group of groups) process.kill(-group, 'SIGKILL');
  assert.equal(lives, [true, true]);
});

test.run();
