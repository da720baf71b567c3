// An --env-file: what it sets, what is set already, and what of that Node itself has read from it.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ConfigError } from '../../scripts/base/errors.ts';
import { environment } from '../../scripts/cli/settings-input.ts';
import { type Place, createPlace, ioIn } from './invoke.ts';

const test = suite<Place>('cli/settings-input');
test.before.each((context) => void Object.assign(context, createPlace()));
test.after.each((context) => context.close());

/** These variables of the result. */
const of = (env: NodeJS.ProcessEnv, ...names: string[]): (string | undefined)[] => names.map((name) => env[name]);

test('without a file the environment is as it is', ({ folder }) => {
  const io = ioIn(folder, { A: '1' });
  assert.is(environment(undefined, io), io.env);
});

test('what is set already wins, and all else is kept', ({ folder, write }) => {
  write('e/.env', 'A=file\nB=file\n');
  const env = environment('e/.env', ioIn(folder, { A: 'mine', C: 'mine' }));
  assert.equal(of(env, 'A', 'B', 'C', 'HOME'), ['mine', 'file', 'mine', `${folder}/home`]);
});

test('what Node has read of it in its own way is no wish of the user', ({ folder, write }) => {
  // Of this line Node makes `x`.
  write('.env', 'A=x#y\nB=plain\n');
  for (const [set, A] of [
    ['other', 'other'],
    ['x', 'x#y'],
    ['x#y', 'x#y'],
  ] as const)
    assert.equal(of(environment('.env', ioIn(folder, { A: set, B: 'plain' })), 'A', 'B'), [A, 'plain']);
});

test('a file that is not there, and lines that are none, are named', ({ folder, write }) => {
  const refused = (file: string): string => {
    try {
      environment(file, ioIn(folder));
    } catch (error) {
      assert.instance(error, ConfigError);
      return (error as Error).message;
    }
    return '';
  };
  assert.match(refused('none.env'), /^--env-file none\.env: cannot be read: /);
  write('odd.env', 'A=1\nwhat is this\n');
  assert.match(refused('odd.env'), /^odd\.env:2\b/);
});

test.run();
