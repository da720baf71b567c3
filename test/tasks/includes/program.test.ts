// Which task a name means: of the file itself, of an include, of an include of an include, and what was meant instead.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type World, createWorld, refusal } from '../world.ts';

const includes = suite<World>('tasks: includes');

includes.before.each((context) => void Object.assign(context, createWorld()));
includes.after.each((context) => context.close());

const task = (name: string, ...actions: string[]): string =>
  `  - name: ${name}\n    actions:\n${actions.map((action) => `      - ${action}\n`).join('')}`;

includes('tasks of includes, of their includes, and own names with a colon', async ({ run, write }) => {
  write(
    'sub/near.yaml',
    `includes: [{far: ../far.yaml}]\ntasks:\n${task('build', 'task: local', 'task: far:build')}${task('local', 'cmd: echo near local')}`,
  );
  write('far.yaml', `tasks:\n${task('build', 'cmd: echo far')}`);
  const { stdout, error } = await run(`
includes: [{near: ./sub/near.yaml}]
tasks:
${task('default', 'task: near:build', 'task: near:far:build', 'task: own:name', 'task: local')}
${task('own:name', 'cmd: echo own')}
${task('local', 'cmd: echo root local')}
`);
  assert.is(error, undefined);
  assert.is(stdout, 'near local\nfar\nfar\nown\nroot local\n');
});

includes(
  'a wrong name is refused where it stands, with the nearest one as it would be written',
  async ({ run, write }) => {
    write('near.yaml', `tasks:\n${task('build', 'cmd: "true"')}`);
    const of = (reference: string): Promise<string> =>
      refusal(
        run(
          `includes: [{near: near.yaml}]\ntasks:\n${task('default', `task: ${reference}`)}${task('test', 'cmd: "true"')}`,
        ),
      );
    assert.match(await of('tset'), 'tasks.yaml:5:15: there is no task "tset"; did you mean "test"?');
    assert.match(await of('near:biuld'), 'there is no task "near:biuld"; did you mean "near:build"?');
    assert.match(await of('naer:build'), 'there is no include "naer" in tasks.yaml; did you mean "near"?');
    assert.match(await of('entirely-else'), /there is no task "entirely-else"(?!;)/);
  },
);

includes('the location of an include may hold variables, and says which one is missing', async ({ run, write }) => {
  write('x/near.yaml', `tasks:\n${task('build', 'cmd: echo built')}`);
  const text = `includes: [{near: "\${FOLDER}/near.yaml"}]\ntasks:\n${task('default', 'task: near:build')}`;
  assert.match(await refusal(run(text)), 'include "near" needs the variable "FOLDER", which is not set');
  assert.is((await run(`variables: [{name: FOLDER, default: x}]\n${text}`)).stdout, 'built\n');
  const gone = `variables: [{name: FOLDER, default: y}]\n${text}`;
  assert.match(await refusal(run(gone)), /include "near": .*y\/near\.yaml/);
});

includes.run();
