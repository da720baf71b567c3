// The processes of a step: all of them end with it, with what they have started themselves, and nothing new begins.

import { once } from 'node:events';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { groupLives } from '../../scripts/host/group.ts';
import { Children } from '../../scripts/shell/children.ts';

const test = suite('shell/children');

test('what still runs is ended and counted; what has ended is not', async () => {
  const children = new Children();
  const short = children.spawn(process.execPath, ['-e', ''], { stdio: 'ignore' });
  await once(short, 'exit');
  const long = children.spawn('sh', ['-c', 'sleep 60 & echo up; wait'], { stdio: ['ignore', 'pipe', 'ignore'] });
  const ended = once(long, 'exit');
  await once(long.stdout as NodeJS.ReadableStream, 'data');
  const { pid = 0 } = long;
  assert.is(groupLives(pid), true);
  assert.is(await children.end(), 1);
  await ended;
  assert.is(groupLives(pid), false, 'what it has started ends, too');
  assert.is(await children.end(), 0);
});

test('a step that is over starts nothing', async () => {
  const children = new Children();
  await children.end();
  assert.throws(() => children.spawn('sh', ['-c', ':'], {}), /the step is over/);
});

test('one that cannot be started is no child', async () => {
  const children = new Children();
  const failed = children.spawn('/nowhere/at-all', [], {});
  const [error] = (await once(failed, 'error')) as [NodeJS.ErrnoException];
  assert.is(error.code, 'ENOENT');
  assert.is(await children.end(), 0);
});

test('kill leaves no time', async () => {
  const children = new Children();
  const stubborn = children.spawn('sh', ['-c', 'trap "" TERM; echo up; while :; do sleep 1; done'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const ended = once(stubborn, 'exit');
  await once(stubborn.stdout as NodeJS.ReadableStream, 'data');
  children.kill();
  assert.equal(await ended, [null, 'SIGKILL']);
  await children.end();
});

test('the listener for the end of hoist is there as long as somebody has children', async () => {
  const before = process.listenerCount('exit');
  const [one, other] = [new Children(), new Children()];
  assert.is(process.listenerCount('exit'), before + 1);
  await one.end();
  assert.is(process.listenerCount('exit'), before + 1);
  await other.end();
  assert.is(process.listenerCount('exit'), before);
});

test.run();
