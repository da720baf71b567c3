// The outcomes of a check: the first that holds, and a warning where none does; the selectors and templates beside them.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { firstOf, goBool, noMatch, outcomesOf } from '../../../../scripts/support/analyzers/base/outcomes.ts';

const outcomes = suite('support/analyzers/base/outcomes');

outcomes('are read in their order, with what they leave out', () => {
  assert.equal(outcomesOf({}), []);
  assert.equal(outcomesOf({ outcomes: [{ warn: { when: ' a > 1 ', message: 'm', uri: 'u' } }, { pass: {} }] }), [
    { outcome: 'warn', when: 'a > 1', message: 'm', uri: 'u' },
    { outcome: 'pass', when: '', message: '', uri: undefined },
  ]);
  assert.throws(() => outcomesOf({ outcomes: [{ passed: {} }] }), /an outcome is none of fail, warn and pass/);
});

outcomes('the first that holds counts', () => {
  const list = outcomesOf({
    outcomes: [
      { fail: { when: 'a', message: 'first' } },
      { warn: { when: 'b', message: 'second' } },
      { pass: { message: 'else', uri: 'u' } },
    ],
  });
  const verdict = (...held: string[]): unknown => firstOf(list, { holds: (when) => held.includes(when), found: 'x' });
  assert.equal(verdict('a', 'b'), { outcome: 'fail', message: 'first', uri: undefined });
  assert.equal(verdict('b'), { outcome: 'warn', message: 'second', uri: undefined });
  assert.equal(verdict(), { outcome: 'pass', message: 'else', uri: 'u' });
  assert.equal(firstOf(list, { holds: () => false, found: 'x', title: 'T', message: ({ message }) => `${message}!` }), {
    outcome: 'pass',
    message: 'else!',
    uri: 'u',
    title: 'T',
  });
  assert.is(
    firstOf(list.slice(0, 2), { holds: () => false, found: 'x' }).message,
    "None of the check's 2 outcomes matched: found x",
  );
  assert.equal(noMatch([], 'y'), {
    outcome: 'warn',
    message: 'The check has no outcomes: found y',
    reason: 'no outcome matched',
  });
});

outcomes('booleans as Go takes them', () => {
  for (const yes of ['1', 't', 'T', 'TRUE', 'true', 'True']) assert.is(goBool(yes), true, yes);
  for (const no of ['0', 'f', 'F', 'FALSE', 'false', 'False']) assert.is(goBool(no), false, no);
  for (const wrong of ['', 'yes', 'tRUE', '10']) assert.throws(() => goBool(wrong), /is neither true nor false/, wrong);
});

outcomes.run();
