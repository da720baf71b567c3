// Tasks with `sources` and `generates`: what makes them run again, and what does not.

import { readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type World, createWorld, refusal } from '../world.ts';

const upToDate = suite<World>('tasks: up to date');

upToDate.before.each((context) => void Object.assign(context, createWorld()));
upToDate.after.each((context) => context.close());

const BUILD = `
variables: [{name: MODE, default: fast}, {name: OTHER, default: x}]
tasks:
  - name: default
    actions: [{task: build}, {cmd: 'echo "got $SUM"'}]
  - name: build
    sources: ['src/**/*.c']
    generates: [out/all]
    actions:
      - cmd: mkdir -p out; cat src/*.c > out/all; echo "$MODE" >> out/all; echo built
      - task: sum
  - name: sum
    actions: [{cmd: cksum < out/all, mute: true, setVariables: [{name: SUM}]}]
`;

upToDate('is passed over, said so, and what it set is known all the same', async ({ run, write }) => {
  write('src/a.c', 'a');
  const first = await run(BUILD, { quiet: false });
  assert.match(first.stdout, /^built\n/);
  const got = /got .+/.exec(first.stdout)?.[0] ?? 'nothing';
  const second = await run(BUILD, { quiet: false });
  assert.is(second.stdout, `${got}\n`);
  assert.match(second.stderr, 'build: up to date\n');
  const [step] = second.run.steps;
  assert.is(step?.outcome, 'skipped');
  assert.is(step?.reason, 'its sources have not changed');
});

upToDate('content counts, times do not; a new, a changed and a removed file each make it run', async (world) => {
  const { run, write, folder } = world;
  write('src/a.c', 'a');
  const ran = async (options = {}): Promise<boolean> => (await run(BUILD, options)).stdout.startsWith('built');
  assert.ok(await ran());
  utimesSync(join(folder, 'src/a.c'), new Date(), new Date());
  assert.not.ok(await ran(), 'touched');
  write('src/a.c', 'b');
  assert.ok(await ran(), 'changed');
  write('src/deep/c.c', 'c');
  assert.ok(await ran(), 'added');
  rmSync(join(folder, 'src/deep/c.c'));
  assert.ok(await ran(), 'removed');
  write('src/readme', 'not a source');
  assert.not.ok(await ran(), 'another file');
  write('out/all', 'by hand');
  assert.ok(await ran(), 'what it makes was changed');
  rmSync(join(folder, 'out/all'));
  assert.ok(await ran(), 'what it makes was removed');
  assert.ok(await ran({ set: new Map([['MODE', 'slow']]) }), 'a variable that it names');
  assert.not.ok(await ran({ set: new Map([['MODE', 'slow'], ['OTHER', 'y']]) }), 'a variable that it does not name'); // prettier-ignore
  assert.ok(await ran({ set: new Map([['MODE', 'slow']]), force: true }), 'force');
});

upToDate('a changed command of it, or of a task that it calls, makes it run', async ({ run, write }) => {
  write('src/a.c', 'a');
  await run(BUILD);
  assert.is((await run(BUILD.replace('echo built', 'echo made'))).stdout.split('\n')[0], 'made');
  const other = BUILD.replace('echo built', 'echo made').replace('cksum <', 'sha1sum <');
  assert.is((await run(other)).stdout.split('\n')[0], 'made');
  assert.not.match((await run(`# a comment\n${other}`)).stdout, 'made');
});

upToDate('one that failed, or made nothing, is not up to date', async ({ run, write, folder }) => {
  write('src/a.c', 'a');
  const failing = BUILD.replace('echo built', 'echo built; test ! -e fail');
  await run(failing);
  writeFileSync(join(folder, 'fail'), '');
  await run(failing, { force: true });
  rmSync(join(folder, 'fail'));
  assert.match((await run(failing)).stdout, /^built/, 'after a failure');
  const nothing = BUILD.replace('[out/all]', '[out/none]');
  assert.match((await run(nothing)).stderr, 'task "build" has made no file that matches "out/none" of its generates');
  assert.match((await run(nothing)).stdout, /^built/);
});

upToDate('a cache folder that cannot be made fails no task that succeeded', async ({ run, write, folder }) => {
  write('src/a.c', 'a');
  write('no-folder', 'a file');
  const cache = { cacheHome: join(folder, 'no-folder') };
  const { stdout, stderr } = await run(BUILD, cache);
  assert.match(stdout, /^built\ngot /);
  assert.match(stderr, /the state of task "build" cannot be kept in .*no-folder/);
  assert.match((await run(BUILD, cache)).stdout, /^built/);
});

upToDate('a pattern of sources without a file is named, and nothing is taken to be up to date', async ({ run }) => {
  const text = 'tasks: [{name: default, sources: [sorce/*], actions: [{cmd: echo ran}]}]';
  assert.match((await run(text)).stderr, 'no file matches "sorce/*" of the sources of task "default"');
  assert.is((await run(text)).stdout, 'ran\n');
});

upToDate('inputs are templates in patterns, and each set of them has a state of its own', async ({ run, write }) => {
  write('a/x', '1');
  write('b/x', '1');
  const text = `
tasks:
  - name: default
    actions: [{task: one, with: {dir: a}}, {task: one, with: {dir: b}}]
  - name: one
    inputs: {dir: {description: where}}
    sources: ['\${{ .inputs.dir }}/**']
    actions: [{cmd: 'echo "ran $INPUT_DIR"'}]
`;
  assert.is((await run(text)).stdout, 'ran a\nran b\n');
  write('b/x', '2');
  assert.is((await run(text)).stdout, 'ran b\n');
  assert.match(await refusal(run(text.replace('.inputs.dir }}/', '.inputs.dri }}/'))), 'has no input "dri"');
});

upToDate('a secret that it sets is not written to disk: it runs each time', async ({ run, read, write, folder }) => {
  write('src/a', 'a');
  const text = `
tasks:
  - name: default
    sources: [src]
    actions: [{cmd: echo x >> ran; echo s3cr3t-token, setVariables: [{name: TOKEN, sensitive: true}]}]
`;
  await run(text);
  assert.is((await run(text)).stdout, '');
  assert.is(read('ran'), 'x\nx\n');
  assert.not.ok(readdirSync(folder).includes('cache'));
});

upToDate.run();
