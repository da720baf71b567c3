// The steps of a plan as a tree.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { tree } from '../../../../scripts/cli/commands/up/view.ts';

const plan = suite('cli: the tree of steps');

plan('each step stands once, below the deepest step that it needs', () => {
  const steps = [
    { name: 'a' },
    { name: 'b', needs: ['a'] },
    { name: 'c', needs: ['a', 'b'] },
    { name: 'd', needs: ['a'] },
    { name: 'e' },
  ];
  assert.equal(tree(steps), ['  a', '  ├─ b', '  │  └─ c  (and a)', '  └─ d', '  e']);
});

plan('how deep a step is, is the longest way to it', () => {
  const steps = [
    { name: 'a' },
    { name: 'b', needs: ['a'] },
    { name: 'c', needs: ['b'] },
    { name: 'd', needs: ['b', 'c'] },
  ];
  assert.equal(tree(steps), ['  a', '  └─ b', '     └─ c', '        └─ d  (and b)']);
});

plan.run();
