// Which flags each form of `hoist sync` takes: what it does not read is refused, all of it at once.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseArguments } from '../../../../scripts/cli/arguments.ts';
import { commands } from '../../../../scripts/cli/commands.ts';
import { type Form, argumentsOf, syncFlags } from '../../../../scripts/cli/commands/sync/flags.ts';
import type { HoistError } from '../../../../scripts/base/errors.ts';

const test = suite('cli/commands/sync/flags');

async function refused(form: Form, argv: readonly string[]): Promise<HoistError | undefined> {
  const spec = await commands.find(({ name }) => name === 'sync')?.load();
  if (spec === undefined) throw new Error('no sync');
  const args = parseArguments(spec, argv) as unknown as Parameters<typeof argumentsOf>[1];
  try {
    assert.equal(argumentsOf(form, args), { flags: args.flags, operands: args.operands });
    return undefined;
  } catch (error) {
    return error as HoistError;
  }
}

test('what a form reads passes, given or not', async () => {
  assert.is(await refused('hub', []), undefined);
  assert.is(await refused('hub', ['--rollout', '1', '--dry-run', '--allow-delete', 'Namespace']), undefined);
  assert.is(await refused('hubWatch', ['--shard', '1/2', '--interval', '5m']), undefined);
});

test('what it does not read is named with what it does read; a list, a value and a switch', async () => {
  const error = await refused('hubWatch', ['--rollout', '1', '--label', 'a=b', '--max-failures', '2']);
  assert.equal(error?.message.split('\n').sort(), [
    '`hoist sync --hub --watch` does not read --label',
    '`hoist sync --hub --watch` does not read --max-failures',
    '`hoist sync --hub --watch` does not read --rollout',
  ]);
  assert.match(error?.hint ?? '', /^It reads --.*--shard, --namespace/);
  assert.not.match(error?.hint ?? '', '--rollout');
});

test('each flag is taken as often as its help says', () => {
  for (const flag of syncFlags) {
    const many = 'many' in flag && flag.many;
    if (flag.help.includes('again for more')) assert.is(many, true, flag.name);
  }
});

test.run();
