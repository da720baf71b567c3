// Where a command runs, and the folders that it cannot run in.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { pretend } from '../../pretend.ts';
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

const SECRET = (variable: string, action: string): string =>
  `variables: [{name: V${variable}}]\ntasks: [{name: default, actions: [{cmd: say s3cret-word, setVariables: [{name: V${action}}]}, {cmd: say got $V}]}]\n`;

command('what it sets is secret where the variable or the action says so', async ({ run }) => {
  const shown = async (variable: string, action: string): Promise<string> =>
    (await run(SECRET(variable, action), { start: pretend().start })).stdout;
  assert.is(await shown('', ''), 's3cret-word\ngot s3cret-word\n');
  for (const [variable, action] of [
    [', sensitive: true', ''],
    ['', ', sensitive: true'],
    [', sensitive: true', ', sensitive: true'],
  ] as const)
    assert.is(await shown(variable, action), 'got ***\n', variable + action);
});

command('what it sets must match the pattern of the variable, or of the action before that', async ({ run }) => {
  const result = async (variable: string, action: string, text = 'abc'): Promise<string> => {
    const { failures, stdout } = await run(SECRET(variable, action).replace('s3cret-word', text), {
      start: pretend().start,
    });
    return failures[0]?.message ?? stdout.split('\n')[1] ?? '';
  };
  assert.is(await result(', pattern: "^x?$"', ', pattern: "^a"'), 'got abc');
  assert.is(await result('', ', pattern: "^b"'), 'its output "abc" does not match the pattern "^b" of variable "V"');
  assert.is(
    await result('', ', sensitive: true, pattern: "^b"'),
    'its output does not match the pattern "^b" of variable "V"',
  );
  for (const length of [80, 81]) {
    const message = await result('', ', pattern: "^b"', 'a'.repeat(length));
    assert.match(message, length > 80 ? `"${'a'.repeat(79)}…"` : `"${'a'.repeat(80)}"`);
  }
});

command('attempts: as many as are asked for, each counted, and the end of the last one', async ({ run }) => {
  const of = async (action: string) => {
    const { start, ran } = pretend();
    const { failures, run: record } = await run(`tasks: [{name: default, actions: [{${action}}]}]\n`, { start });
    return [ran.length, record.steps[0]?.attempts, record.steps[0]?.outcome, failures[0]?.exitCode];
  };
  assert.equal(await of('cmd: fail 7'), [1, 1, 'failed', 7]);
  assert.equal(await of('cmd: fail 7, maxRetries: 2'), [3, 3, 'failed', 7]);
  assert.equal(await of('cmd: fail 7 1, maxRetries: 2'), [2, 2, 'done', undefined]);
  assert.equal(await of('cmd: fail 7, maxRetries: 0'), [1, 1, 'failed', 7]);
  assert.equal(await of('cmd: fail 7, retry: {attempts: 2}'), [2, 2, 'failed', 7]);
  assert.equal(await of('cmd: hang, timeout: 20ms, maxRetries: 3'), [1, 1, 'failed', 124]);
});

command('a command that a signal ended has the code that shells give it', async ({ run }) => {
  for (const [signal, code] of [
    ['HUP', 129],
    ['QUIT', 131],
    ['KILL', 137],
    ['USR1', 138],
    ['TERM', 143],
  ] as const) {
    const { failures } = await run(`tasks: [{name: default, actions: [{cmd: "kill -${signal} $$"}]}]\n`);
    const [failure] = failures;
    assert.equal(
      [failure?.message, failure?.exitCode, failure?.details.exitCode, failure?.details.signal],
      [`was ended by SIG${signal}`, code, code, `SIG${signal}`],
    );
  }
});

command('a folder that only the run makes is none of a dry one', async ({ run }) => {
  const { error, failures } = await run(at('absent'), { dryRun: true });
  assert.equal([error, failures], [undefined, []]);
});

command(
  'of what it wrote the last 20 lines are kept for its failure, of a mute or secret one none',
  async ({ run }) => {
    const lines = async (more: string): Promise<number | undefined> => {
      const cmd = `${Array.from({ length: 25 }, (_, one) => `say ${one}`).join('; ')}; fail 3`;
      const text = `variables: [{name: V}]\ntasks: [{name: default, actions: [{cmd: "${cmd}"${more}}]}]\n`;
      const { failures } = await run(text, { start: pretend().start });
      return failures[0]?.details.lastLines.length;
    };
    assert.is(await lines(''), 20);
    assert.is(await lines(', mute: true'), 0);
    assert.is(await lines(', setVariables: [{name: V}]'), 20);
    assert.is(await lines(', setVariables: [{name: V, sensitive: true}]'), 0);
  },
);

command.run();
