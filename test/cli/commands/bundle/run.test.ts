// `hoist bundle`: its actions, and the one file that each takes.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Place, createPlace } from '../../invoke.ts';

const test = suite<Place>('cli/commands/bundle/run');
test.before.each((context) => void Object.assign(context, createPlace()));
test.after.each((context) => context.close());

test('what it can do, and one file for each', async ({ invoke, write }) => {
  assert.match((await invoke('bundle', [])).error, 'bundle does nothing by itself');
  assert.match((await invoke('bundle', ['verfy'])).error, 'bundle cannot "verfy"; did you mean "verify"?');
  for (const argv of [['save'], ['save', ''], ['save', 'a', 'b'], ['verify']])
    assert.match((await invoke('bundle', argv)).error, `\`hoist bundle ${argv[0]}\` takes one file`, argv.join(' '));
  write('no.tar', 'this is no bundle');
  const { code, error } = await invoke('bundle', ['verify', 'no.tar']);
  assert.is.not(code, 0);
  assert.match(error, 'no.tar');
});

test.run();
