// Where a command runs, and the folders that it cannot run in.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type World, createWorld } from '../../world.ts';

const command = suite<World>('tasks: commands');

command.before.each((context) => void Object.assign(context, createWorld()));
command.after.each((context) => context.close());

const at = (dir: string): string => `tasks: [{name: default, actions: [{cmd: pwd, dir: ${dir}}]}]\n`;

command('in its folder, which may hold variables; without one where the run is', async ({ folder, run, write }) => {
  write('sub/file', '');
  const inside = await run(`variables: [{name: D, default: sub}]\n${at('"${D}"')}`);
  assert.is(inside.error, undefined);
  assert.match(inside.stdout, /\/sub\n$/);
  assert.is(
    (await run('tasks: [{name: default, actions: [{cmd: pwd}]}]\n')).stdout.split('/').at(-1),
    `${folder.split('/').at(-1)}\n`,
  );
});

command(
  'a folder that is absent, or a file, is refused in words before a shell fails on it',
  async ({ run, write }) => {
    write('sub/file', '');
    for (const dir of ['absent', 'sub/file']) {
      const { failures, error } = await run(at(dir)).catch((thrown: unknown) => ({ failures: [], error: thrown }));
      const message = [...failures.map((one) => one.message), error instanceof Error ? error.message : ''].join('\n');
      assert.match(message, new RegExp(`there is no folder \\S*/${dir}`));
    }
  },
);

command('a NUL character is refused in words, and the command is not repeated in them', async ({ run }) => {
  const { failures } = await run('tasks: [{name: default, actions: [{cmd: "echo s3cret\\0"}]}]\n');
  assert.equal(
    failures.map(({ message }) => message),
    ['its command or environment holds a NUL character, which no process can get'],
  );
});

command.run();
