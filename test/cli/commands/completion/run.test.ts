// `hoist completion`: every command and flag is in each script.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { runCompletion } from '../../../../scripts/cli/commands/completion/run.ts';
import type { Io } from '../../../../scripts/cli/command.ts';
import { commands } from '../../../../scripts/cli/commands.ts';
import { UsageError } from '../../../../scripts/base/errors.ts';
import { createPlace } from '../../invoke.ts';
import { scriptOf } from './shells.ts';

const test = suite('cli/commands/completion');

test('every command, flag and verb is in each script', async () => {
  for (const shell of ['bash', 'zsh', 'fish']) {
    const script = await scriptOf(shell);
    for (const { name, load } of commands) {
      assert.match(script, name);
      const { flags, offers } = await load();
      for (const flag of flags) assert.match(script, shell === 'fish' ? `-l ${flag.name}` : `--${flag.name}`);
      for (const verb of offers?.verbs ?? []) assert.match(script, verb);
    }
  }
});

test('the verbs that shells offer are those of the help', async () => {
  for (const { load } of commands) {
    const { name, usage, offers } = await load();
    // The help of sync describes its verbs below.
    if (name === 'sync') continue;
    for (const verb of offers?.verbs ?? []) assert.match(usage, new RegExp(`(^|\\| )${verb}\\b`), name);
  }
});

test('another shell is refused with the nearest name', async () => {
  for (const [operands, message] of [
    [['zhs'], 'there is no completion for "zhs"; did you mean "zsh"?'],
    [[], 'completion takes the name of one shell'],
    [['bash', 'zsh'], 'completion takes the name of one shell'],
  ] as const) {
    try {
      await runCompletion(operands, commands, {} as Io);
      assert.unreachable();
    } catch (error) {
      assert.instance(error, UsageError);
      assert.match((error as UsageError).message, message);
    }
  }
});

test('the command prints a script, or the names that a script asks for', async () => {
  const place = createPlace();
  try {
    const script = await place.invoke('completion', ['bash']);
    assert.equal([script.code, script.stdout], [0, await scriptOf('bash')]);
    place.write('tasks.yaml', 'tasks: [{ name: mine, actions: [] }]\n');
    const names = await place.invoke('completion', ['--names', 'tasks', 'run', '']);
    assert.equal([names.code, names.stdout], [0, 'mine\n'], names.error);
    assert.is((await place.invoke('completion', ['--names', 'things'])).code, 2);
  } finally {
    place.close();
  }
});

test.run();
