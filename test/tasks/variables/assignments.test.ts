// `--set` and `--with` by the rules of the flag library that maru uses.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { assignments } from '../../../scripts/tasks/variables/assignments.ts';

const test = suite('tasks/variables/assignments');

const of = (...texts: string[]): Record<string, string> => Object.fromEntries(assignments('--set', texts));

test('one "=": the rest is the value, outer quotes go', () => {
  assert.equal(of('A=1', 'B=', 'C=x,y', '"D=quoted"'), { A: '1', B: '', C: 'x,y', D: 'quoted' });
  assert.equal(of('A=1', 'A=2'), { A: '2' });
});

test('several: a line of CSV where each field is a pair', () => {
  assert.equal(of('A=1,B=2'), { A: '1', B: '2' });
  assert.equal(of('"A=1,2",B=3'), { A: '1,2', B: '3' });
  assert.equal(of('"A=say ""x""",B=2'), { A: 'say "x"', B: '2' });
  assert.equal(of('a.b-c=1,_D=2'), { 'a.b-c': '1', _D: '2' });
});

test('several that give no pairs are one value', () => {
  assert.equal(of('ARGS=--a=1,2'), { ARGS: '--a=1,2' });
  assert.equal(of('URL=http://x?a=1'), { URL: 'http://x?a=1' });
  assert.equal(of('A=1,B=2,'), { A: '1,B=2,' });
  assert.equal(of('"A=1"x,B=2'), { '"A': '1"x,B=2' });
});

test('a text without "=" is refused', () => {
  assert.throws(() => of('word'), '--set needs NAME=VALUE, not "word"');
});

test.run();
