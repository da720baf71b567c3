// What a user is asked: the variable, what it is for, and what an empty answer means, but for what is secret.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { promptOf } from '../../../../scripts/cli/commands/run/ask.ts';

const test = suite('cli/commands/run/ask');

test('name, description and default', () => {
  const of = (more: Partial<Parameters<typeof promptOf>[0]>): string =>
    promptOf({ name: 'ZONE', description: undefined, default: undefined, sensitive: false, ...more });
  assert.is(of({}), 'ZONE: ');
  assert.is(of({ default: '' }), 'ZONE: ');
  assert.is(of({ description: 'where', default: 'eu' }), 'ZONE (where) [eu]: ');
  assert.is(of({ default: 'hunter2', sensitive: true }), 'ZONE [***]: ');
  assert.is(of({ default: '', sensitive: true }), 'ZONE: ');
});

test.run();
