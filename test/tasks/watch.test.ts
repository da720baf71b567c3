// Tasks that run again: which changes count, what a run that is outdated gets, and what goes on after a wrong file.

import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { ConfigError } from '../../scripts/base/errors.ts';
import { type WatchOptions, watchTasks } from '../../scripts/tasks/watch.ts';
import { type World, createWorld, refusal } from './world.ts';

const test = suite<World>('tasks/watch');
test.before.each((context) => void Object.assign(context, createWorld()));
test.after.each((context) => context.close());

type Run = WatchOptions['run'];

/** Watches until it is ended; `says` resolves at the next line with that text, and gives the lines since the last one. */
async function watching(world: World, text: string, run: Run = () => Promise.resolve()) {
  world.write('tasks.yaml', text);
  const stop = new AbortController();
  const lines: string[] = [];
  let wake = (): void => undefined;
  const say = (line: string): void => {
    lines.push(line);
    wake();
  };
  const options = await world.options({ stdout: '', stderr: '' }, { signal: stop.signal, say });
  const refused = ({ message }: ConfigError): void => say(`refused: ${message}`);
  const ended = refusal(watchTasks(options, { run, refused })).then((why) => {
    say(`ended: ${why}`);
    return why;
  });
  return {
    async says(text: string): Promise<readonly string[]> {
      for (;;) {
        const at = lines.findIndex((line) => line.includes(text));
        if (at >= 0) return lines.splice(0, at + 1);
        assert.not.ok(lines.at(-1)?.startsWith('ended: '), lines.join('\n'));
        await new Promise<void>((resolve) => (wake = resolve));
      }
    },
    abort: () => stop.abort(new Error('enough')),
    async end(): Promise<string> {
      stop.abort(new Error('enough'));
      return ended;
    },
  };
}

const TASKS = 'tasks: [{name: default, sources: [src], generates: [src/made], actions: [{cmd: x}]}]\n';

test('runs again for a file that has another content, is new or is gone, and for none that it makes', async (world) => {
  const { write, folder } = world;
  write('src/a', '1');
  write('src/made', '1');
  let runs = 0;
  const { says, end } = await watching(world, TASKS, () => {
    runs++;
    return Promise.resolve();
  });
  assert.equal(await says('watching'), ['watching 2 files; Ctrl-C ends']);
  write('src/made', '2');
  write('src/a', '1');
  write('src/b', '2');
  assert.equal(await says('has changed'), ['src/b has changed']);
  assert.equal(await says('watching'), ['watching 3 files; Ctrl-C ends']);
  mkdirSync(join(folder, 'src/deep'));
  write('src/deep/c', '3');
  await says('src/deep/c has changed');
  await says('watching 4 files');
  rmSync(join(folder, 'src/b'));
  rmSync(join(folder, 'src/a'));
  await says('src/a and 1 more has changed');
  await says('watching 2 files');
  assert.is(runs, 4);
  assert.is(await end(), 'enough');
});

test('a run that is outdated is ended, and the next one begins after its end', async (world) => {
  world.write('src/a', '1');
  const story: string[] = [];
  const { says, end } = await watching(world, TASKS, async (_, { signal }) => {
    const own = story.push(`starts ${story.length}`);
    if (own > 1) return;
    world.write('src/a', '2');
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
    const { name, message } = signal.reason as Error;
    await new Promise((resolve) => setTimeout(resolve, 5));
    story.push(`${name}: ${message}`);
  });
  assert.equal(await says('watching'), ['src/a has changed', 'watching 2 files; Ctrl-C ends']);
  assert.equal(story, ['starts 0', 'ChangedError: src/a has changed', 'starts 2']);
  await end();
});

test('ended from outside, it waits for its run and says nothing more', async (world) => {
  world.write('src/a', '1');
  let over = false;
  const watched = await watching(world, TASKS, async (_, { signal }) => {
    setImmediate(watched.abort);
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
    await new Promise((resolve) => setTimeout(resolve, 5));
    over = true;
  });
  assert.equal(await watched.says('ended'), ['ended: enough']);
  assert.ok(over);
});

test('sources that a task names when it is reached count with their content of then; others keep theirs', async (world) => {
  world.write('src/a', '1');
  world.write('lib/b', '1');
  world.write('lib/made', '1');
  let runs = 0;
  const text = `tasks: [{name: default, sources: [src, '\${{ .variables.X }}'], generates: ['\${{ .variables.X }}/made'], actions: [{cmd: x}]}]\nvariables: [{name: X, default: lib}]\n`;
  const { says, end } = await watching(world, text, async (_, { onSources }) => {
    if (++runs > 1) return;
    world.write('src/a', '2');
    await onSources?.(['src', 'lib'], ['lib/made']);
  });
  await says('src/a has changed');
  await says('watching 3 files');
  world.write('lib/b', '2');
  assert.equal(await says('has changed'), ['lib/b has changed']);
  await says('watching 3 files');
  await end();
});

test('its task files and their files of variables count, and a wrong one is waited for', async (world) => {
  world.write('src/a', '1');
  world.write('.env', 'A=1\n');
  world.write('sub.yaml', 'tasks: [{name: t, actions: [{cmd: x}]}]\n');
  const good = `includes: [{sub: sub.yaml}]\ntasks: [{name: default, sources: [src], envPath: .env, actions: [{task: "sub:t"}]}]\n`;
  let runs = 0;
  const { says, end } = await watching(world, good, () => {
    runs++;
    return Promise.resolve();
  });
  await says('watching 4 files');
  world.write('.env', 'A=2\n');
  await says('.env has changed');
  await says('watching 4 files');
  world.write('tasks.yaml', good.replace('sub:t', 'sub:none'));
  await says('tasks.yaml has changed');
  assert.match((await says('refused: ')).join('\n'), /none/);
  assert.is(runs, 2);
  world.write('src/a', '2');
  assert.match((await says('refused: ')).join('\n'), 'src/a has changed');
  world.write('tasks.yaml', good);
  await says('watching 4 files');
  assert.is(runs, 3);
  await end();
});

test('needs sources in what would run', async (world) => {
  const { says } = await watching(world, 'tasks: [{name: default, actions: [{cmd: x}]}]\n');
  assert.match((await says('ended: ')).join('\n'), '--watch needs a task with `sources`');
});

test.run();
