// Completion scripts, sourced by the shells that there are.

import { spawnSync } from 'node:child_process';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { runCompletion } from '../../../../scripts/cli/commands/completion/run.ts';
import type { Io } from '../../../../scripts/cli/command.ts';
import { commands } from '../../../../scripts/cli/commands.ts';
import { UsageError } from '../../../../scripts/base/errors.ts';

const test = suite('cli/commands/completion');

async function scriptOf(shell: string): Promise<string> {
  let text = '';
  const stdout = { write: (part: string) => (text += part) !== '' };
  await runCompletion([shell], commands, { stdout } as unknown as Io);
  return text;
}

const has = (shell: string): boolean => spawnSync(shell, ['-c', 'true']).status === 0;

/** What bash offers for the last of some words. */
async function offered(...words: string[]): Promise<string[]> {
  const script = `${await scriptOf('bash')}
COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}
_hoist; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr } = spawnSync('bash', ['--norc', '-c', script], { encoding: 'utf8', cwd: '/' });
  assert.is(stderr, '');
  return stdout.split('\n').filter((word) => word !== '');
}

test('bash completes commands, flags of the command, their values, and files', async () => {
  assert.equal(await offered('hoist', 'sta'), ['start', 'status']);
  assert.equal(await offered('hoist', 'up', '--pro'), ['--profile', '--provider']);
  assert.equal(await offered('hoist', 'up', '--provider', 'e'), ['embedded', 'existing']);
  assert.equal(await offered('hoist', 'stop', '--agen'), []);
  assert.ok((await offered('hoist', 'up', '--config', '/us')).includes('/usr'));
});

for (const shell of ['zsh', 'fish']) {
  const check = has(shell) ? test : test.skip;
  check(`${shell} takes its script`, async () => {
    const script = await scriptOf(shell);
    const prelude = shell === 'zsh' ? 'autoload -U compinit; compinit -D -u\n' : '';
    const { status, stderr } = spawnSync(shell, ['-c', prelude + script], {
      encoding: 'utf8',
      env: { HOME: '/nowhere', PATH: process.env['PATH'] },
    });
    assert.equal([status, stderr], [0, '']);
  });
}

test('every command and flag is in each script', async () => {
  for (const shell of ['bash', 'zsh', 'fish']) {
    const script = await scriptOf(shell);
    for (const { name, load } of commands) {
      assert.match(script, name);
      for (const flag of (await load()).flags)
        assert.match(script, shell === 'fish' ? `-l ${flag.name}` : `--${flag.name}`);
    }
  }
});

test('fish offers the choices of a flag that has some, files for any other value, and nothing for a switch', async () => {
  const script = await scriptOf('fish');
  const lines = (flag: string): string[] =>
    script
      .split('\n')
      .filter((line) => line.includes('__fish_seen_subcommand_from up') && line.includes(` -l ${flag} `));
  assert.match(lines('provider')[0] ?? '', / -x -a '[a-z0-9 ]*\bexisting\b[a-z0-9 ]*' -d /);
  assert.match(lines('config')[0] ?? '', / -r -d /);
  assert.match(lines('quiet')[0] ?? '', / -l quiet -s q -d /);
});

test('another shell is refused with the nearest name', async () => {
  try {
    await runCompletion(['zhs'], commands, {} as Io);
    assert.unreachable();
  } catch (error) {
    assert.instance(error, UsageError);
    assert.match((error as UsageError).message, 'there is no completion for "zhs"; did you mean "zsh"?');
  }
});

test.run();
