// Which task a name means: of the file itself, of an include, of an include of an include, and what was meant instead.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { programOf } from '../program.ts';
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

includes('a relative include of a URL stays on its server, within the escaped path of GitLab too', async () => {
  const locationsOf = async (first: string): Promise<string[]> => {
    const text = `includes: [{far: "https://x/${first}"}]\ntasks:\n${task('default', 'task: far:near:t')}`;
    const asked: string[] = [];
    const included = {
      get: (name: string): string => {
        asked.push(name);
        return asked.length === 1
          ? `includes: [{near: ../near file.yaml}]\ntasks:\n${task('t', 'cmd: x')}`
          : `tasks:\n${task('t', 'cmd: x')}`;
      },
    };
    const files = new Proxy<Record<string, string>>({}, { get: (_, name) => included.get(String(name)) });
    const program = await programOf(text, files);
    const { root } = program;
    const reference = { value: 'far:near:t', at: { source: root.source, offset: 0 } };
    assert.is((await program.find(reference, root)).name, 't');
    return asked;
  };
  assert.equal(await locationsOf('a/b/tasks.yaml?token=1'), ['a/b/tasks.yaml?token=1', 'a/near%20file.yaml?token=1']);
  const gitlab = 'api/v4/projects/7/repository/files/';
  assert.equal(await locationsOf(`${gitlab}a%2Fb%2Ftasks.yaml/raw?ref=main`), [
    `${gitlab}a%2Fb%2Ftasks.yaml/raw?ref=main`,
    `${gitlab}a%2Fnear%20file.yaml/raw?ref=main`,
  ]);
});

includes.run();
