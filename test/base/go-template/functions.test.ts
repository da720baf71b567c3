// The functions that Go's text/template has by itself, called as a template calls them; the results are those of Go 1.26.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { builtins } from '../../../scripts/base/go-template/functions.ts';
import { CallError } from '../../../scripts/base/go-template/template-errors.ts';

const test = suite('base/go-template/functions');

function call(name: string, ...args: unknown[]): unknown {
  const found = builtins[name];
  if (found === undefined) throw new Error(`there is no ${name}`);
  return found(...args);
}

const refused = (message: string, name: string, ...args: unknown[]): void => {
  try {
    call(name, ...args);
  } catch (error) {
    assert.instance(error, CallError);
    assert.is((error as Error).message, message);
    return;
  }
  assert.unreachable(`${name} took ${JSON.stringify(args)}`);
};

test('comparisons on either side of equal', () => {
  const table: [name: string, less: boolean, same: boolean, more: boolean][] = [
    ['eq', false, true, false],
    ['ne', true, false, true],
    ['lt', true, false, false],
    ['le', true, true, false],
    ['gt', false, false, true],
    ['ge', false, true, true],
  ];
  for (const [name, less, same, more] of table) {
    assert.equal([call(name, 1, 2), call(name, 2, 2), call(name, 3, 2)], [less, same, more], `${name} of numbers`);
    assert.equal([call(name, 'a', 'b'), call(name, 'b', 'b'), call(name, 'c', 'b')], [less, same, more], name);
  }
  assert.is(call('lt', '\uffff', '🙂'), true, 'strings are ordered by their bytes');
});

test('eq compares the first value with each other one', () => {
  assert.is(call('eq', 1, 2, 3), false);
  assert.is(call('eq', 1, 2, 1), true);
  assert.is(call('eq', true, true), true);
  assert.is(call('eq', undefined, null), false);
  refused('"eq" cannot compare a string with a number', 'eq', 'a', 1);
  refused('"eq" cannot compare a list', 'eq', [1], [1]);
  refused('"ne" cannot compare a map', 'ne', {}, new Map());
  refused('"lt" cannot order a number and a string', 'lt', 1, 'a');
  refused('"gt" cannot order a string and a number', 'gt', 1, 'a');
  refused('"lt" cannot order a boolean and a boolean', 'lt', true, false);
});

test('each takes the number of values that Go takes', () => {
  refused('"eq" needs at least 2 values, not 1', 'eq', 1);
  refused('"lt" needs 2 values, not 1', 'lt', 1);
  refused('"lt" needs 2 values, not 3', 'lt', 1, 2, 3);
  refused('"not" needs 1 value, not 0', 'not');
  refused('"not" needs 1 value, not 2', 'not', 1, 2);
  refused('"len" needs 1 value, not 0', 'len');
  refused('"len" needs 1 value, not 2', 'len', 'a', 'b');
  refused('"slice" needs 1 to 3 values, not 0', 'slice');
  refused('"slice" needs 1 to 3 values, not 4', 'slice', 'abc', 1, 2, 3);
  refused('"index" needs at least 1 value, not 0', 'index');
  refused('"printf" needs at least 1 value, not 0', 'printf');
  refused('"printf" needs a string, not a number', 'printf', 1);
});

test('len counts bytes, items and keys', () => {
  assert.equal(
    [call('len', ''), call('len', 'äb'), call('len', [1, 2]), call('len', new Map([['a', 1]])), call('len', { a: 1 })],
    [0, 3, 2, 1, 1],
  );
  refused('a number has no length', 'len', 3);
  refused('a nil has no length', 'len', undefined);
});

test('index goes down one key after the other', () => {
  assert.is(call('index', 'x'), 'x');
  assert.is(call('index', ['a', 'b'], 0), 'a');
  assert.is(call('index', ['a', 'b'], 1), 'b');
  assert.is(call('index', { a: [{ b: 7 }] }, 'a', 0, 'b'), 7);
  assert.is(call('index', { a: 1 }, 'z'), undefined);
  assert.is(call('index', 'abc', 1), 98);
  refused('index 2 is out of range', 'index', ['a', 'b'], 2);
  refused('index -1 is out of range', 'index', ['a', 'b'], -1);
  refused('a map is indexed by a string, not by a number', 'index', { a: 1 }, 1);
  refused('a list is indexed by a number, not by a string', 'index', ['a'], 'a');
  refused('a string is indexed by a number, not by a boolean', 'index', 'abc', true);
  refused('"index" cannot look into a number', 'index', 3, 0);
});

test('slice cuts strings by bytes and lists by items, up to their very end', () => {
  assert.is(call('slice', 'abcd'), 'abcd');
  assert.is(call('slice', 'abcd', 0), 'abcd');
  assert.is(call('slice', 'abcd', 4), '');
  assert.is(call('slice', 'abcd', 1, 1), '');
  assert.is(call('slice', 'abcd', 1, 4), 'bcd');
  assert.is(call('slice', 'äb', 2), 'b');
  assert.equal(call('slice', [1, 2, 3], 1, 2), [2]);
  refused('slice 5:4 is out of range', 'slice', 'abcd', 5);
  refused('slice 0:5 is out of range', 'slice', 'abcd', 0, 5);
  refused('slice -1:4 is out of range', 'slice', 'abcd', -1);
  refused('slice a:4 is out of range', 'slice', 'abcd', 'a');
  refused('slice 0:b is out of range', 'slice', 'abcd', 0, 'b');
  refused('"slice" cannot cut a map', 'slice', {});
});

test('html and urlquery escape what has a meaning there', () => {
  assert.is(call('html', `<a b="c" d='e'>&\0`), '&lt;a b=&#34;c&#34; d=&#39;e&#39;&gt;&amp;\uFFFD');
  assert.is(call('urlquery', "a b/c?d=e&f!'()*"), 'a+b%2Fc%3Fd%3De%26f%21%27%28%29%2A');
  assert.is(call('println', 'a', 1), 'a 1\n');
});

test.run();
