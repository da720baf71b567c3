// The light table of settings: by key for a command, and env variables in both spellings.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { commands } from '../../scripts/cli/commands.ts';
import { loadSettings } from '../../scripts/settings/load.ts';
import { fromEnv, optionsOf, settingOptions } from '../../scripts/settings/options.ts';

const test = suite('settings/options');

test('the HOIST_ spelling of a variable wins, and an empty one counts as none', () => {
  assert.equal(fromEnv({ AGENTS: '2', HOIST_AGENTS: '3' }, 'AGENTS'), { name: 'HOIST_AGENTS', value: '3' });
  assert.equal(fromEnv({ AGENTS: '2', HOIST_AGENTS: '' }, 'AGENTS'), { name: 'AGENTS', value: '2' });
  assert.is(fromEnv({ AGENTS: '' }, 'AGENTS'), undefined);
  assert.equal(fromEnv({ HOIST_X: 'a', HOIST_HOIST_X: 'b' }, 'HOIST_X'), { name: 'HOIST_X', value: 'a' });
});

test('every setting with a variable takes both spellings, and says which one it was', async () => {
  for (const { key, env, kind } of settingOptions) {
    const value = { text: '10m', number: '3', boolean: 'true', list: 'a', paths: 'a' }[kind];
    for (const name of env.startsWith('HOIST_') ? [env] : [env, `HOIST_${env}`]) {
      const result = await loadSettings({ env: { [name]: value }, flags: {} }).then(
        ({ sourceOf }) => sourceOf(key.split('.')),
        (error: unknown) => (error as Error).message,
      );
      assert.match(result, new RegExp(`^env ${name}(:|$)`), key);
    }
  }
});

test('keys that no setting has are refused', () => {
  assert.throws(() => optionsOf(['agents', 'agent']), /there is no setting agent$/);
  assert.equal(
    optionsOf(['name', 'provider']).map(({ key }) => key),
    ['provider', 'name'],
  );
});

test('each command reads settings that exist', async () => {
  for (const command of commands) {
    const { settings } = await command.load();
    assert.not.throws(() => optionsOf(settings), undefined, command.name);
  }
});

test.run();
