// Who is late, and why: ten of them by name, the others by their number.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { stragglersError } from '../../../scripts/kube/apply/stragglers.ts';

const test = suite('kube/apply/stragglers');

test('up to ten are listed, of more it is said how many there are', () => {
  const lines = (count: number): string[] => {
    const late = Array.from({ length: count }, (_, i) => ({ name: `n${i}`, why: 'slow' }));
    return stragglersError('nodes', 'after 30 s', late).message.split('\n');
  };
  assert.equal(lines(1), ['nodes not ready after 30 s:', '  n0: slow']);
  assert.equal([lines(10).length, lines(10).at(-1)], [11, '  n9: slow']);
  assert.equal([lines(12).length, lines(12).at(-1)], [12, '  and 2 more']);
  const cause = new Error('why');
  assert.is(stragglersError('nodes', 'x', [], cause).cause, cause);
});

test.run();
