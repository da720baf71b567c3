// Edits of a YAML text by offset: lines in and out, items of flow collections, and where things end.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isMap, isSeq, parseDocument, type YAMLMap, type YAMLSeq } from 'yaml';
import {
  afterColon,
  applyEdits,
  contentEnd,
  dashes,
  eolOf,
  findPair,
  insertLines,
  lineEnd,
  lineStart,
  pairEnd,
  removeFlowItems,
  removeLines,
  type Span,
} from '../../../scripts/kube/kubeconfig/splice.ts';

const splice = suite('kube/kubeconfig/splice');

splice('edits in any order; insertions at one place in theirs', () => {
  const text = '0123456789';
  assert.is(applyEdits(text, []), text);
  assert.is(
    applyEdits(text, [
      { start: 8, end: 10, text: '' },
      { start: 2, end: 4, text: 'ab' },
      { start: 0, end: 0, text: '<' },
      { start: 5, end: 5, text: 'x' },
      { start: 5, end: 5, text: 'y' },
    ]),
    '<01ab4xy567',
  );
});

splice('lines that touch or overlap go together, with the end before them where the last has none', () => {
  const without = (text: string, ...spans: Span[]): string => applyEdits(text, removeLines(text, spans));
  const text = 'a\nb\nc';
  assert.is(without(text, [2, 4], [4, 5]), 'a');
  assert.is(without(text, [4, 5], [2, 4]), 'a');
  assert.is(without(text, [0, 4], [2, 5], [2, 4]), '');
  assert.is(without(text, [2, 5], [2, 4]), 'a');
  assert.is(without(text, [0, 2], [4, 5]), 'b');
  assert.is(without(text, [0, 2]), 'b\nc');
  assert.is(without('a\r\nb', [3, 4]), 'a');
  assert.is(without('a\nb\n', [2, 4]), 'a\n');
  assert.is(without('a', [0, 1]), '');
  assert.is(without('a'), 'a');
});

splice('ends of lines', () => {
  assert.is(eolOf('a\r\nb\n'), '\r\n');
  assert.is(eolOf('a\nb\r\n'), '\n');
  assert.is(eolOf('a'), '\n');
  const text = 'ab\ncd\nef';
  const table: [offset: number, start: number, end: number][] = [
    [0, 0, 3],
    [1, 0, 3],
    [2, 0, 3],
    [3, 3, 3],
    [4, 3, 6],
    [6, 6, 6],
    [7, 6, 8],
    [8, 6, 8],
  ];
  for (const [offset, start, end] of table)
    assert.equal([lineStart(text, offset), lineEnd(text, offset)], [start, end], String(offset));
});

splice('an empty first line ends at its feed', () => {
  assert.is(lineEnd('\na', 0), 1);
  assert.is(lineEnd('\nab\n', 1), 1);
  assert.is(lineStart('\na', 1), 1);
});

splice('whole lines in', () => {
  const put = (text: string, at: number): string => applyEdits(text, [insertLines(text, at, ['x', 'y'])]);
  assert.is(put('a\nb\n', 2), 'a\nx\ny\nb\n');
  assert.is(put('a\nb\n', 4), 'a\nb\nx\ny\n');
  assert.is(put('a\nb', 3), 'a\nb\nx\ny');
  assert.is(put('a\r\nb', 4), 'a\r\nb\r\nx\r\ny');
  assert.is(put('', 0), 'x\ny\n');
  assert.is(put('\uFEFF', 1), '\uFEFFx\ny\n');
});

splice('whole lines out', () => {
  const cut = (text: string, ...spans: Span[]): string => applyEdits(text, removeLines(text, spans));
  assert.is(cut('a\nb\nc\n', [2, 4]), 'a\nc\n');
  assert.is(cut('a\nb\nc\n', [4, 6], [0, 2]), 'b\n');
  assert.is(cut('a\nb\nc\n', [0, 4], [2, 4]), 'c\n');
  assert.is(cut('a\nb\nc\n', [0, 2], [2, 4]), 'c\n');
  assert.is(cut('a\nb\nc', [4, 5]), 'a\nb');
  assert.is(cut('a\r\nb', [3, 4]), 'a');
  assert.is(cut('a\nb\n', [2, 4]), 'a\n');
  assert.is(cut('a', [0, 1]), '');
  assert.equal(removeLines('a\n', []), []);
});

splice('items of a flow collection out, with the comma that is not needed', () => {
  const text = '[a, b , c,d]';
  const items: Span[] = [
    [1, 2],
    [4, 5],
    [8, 9],
    [10, 11],
  ];
  const without = (...gone: number[]): string =>
    applyEdits(
      text,
      removeFlowItems(items, (i) => gone.includes(i)),
    );
  assert.is(without(), text);
  assert.is(without(0), '[b , c,d]');
  assert.is(without(1), '[a , c,d]');
  assert.is(without(3), '[a, b , c]');
  assert.is(without(0, 1), '[c,d]');
  assert.is(without(1, 2), '[a,d]');
  assert.is(without(0, 2), '[b,d]');
  assert.is(without(2, 3), '[a, b]');
  assert.is(without(0, 1, 2, 3), '[]');
});

function root(text: string): YAMLMap {
  const { contents } = parseDocument(text, { keepSourceTokens: true });
  assert.ok(isMap(contents));
  return contents;
}

splice('where a key, its colon and its value end', () => {
  const of = (text: string, key = 'a'): (string | undefined)[] | undefined => {
    const pair = findPair(root(text), key);
    if (!pair) return undefined;
    const span = afterColon(pair);
    return [span && text.slice(...span), text.slice(0, pairEnd(pair))];
  };
  assert.equal(of('a: b # note\n'), [' b', 'a: b']);
  assert.equal(of('a:\nb: 1\n'), ['', 'a:']);
  assert.equal(of('a:   # note\nb: 1\n'), ['', 'a:']);
  assert.equal(of('a: ""\n'), [' ""', 'a: ""']);
  assert.equal(of('a: [x, y]\n'), [' [x, y]', 'a: [x, y]']);
  assert.equal(of('a:\n- x\n- y # note\n\nb: 1\n')?.[1], 'a:\n- x\n- y');
  assert.equal(of('a:\n  c:\n    d: 1\n\n# note\nb: 1\n')?.[1], 'a:\n  c:\n    d: 1');
  assert.equal(of('{a, b: 1}'), [undefined, '{a']);
  assert.is(of('b: 1\n'), undefined);
  assert.is(findPair(undefined, 'a'), undefined);
  assert.is(of('1: x\n', '1'), undefined, 'a number is no name');
});

splice('the end of what a node says', () => {
  const end = (text: string): string => text.slice(0, contentEnd(root(text)));
  assert.is(end('a: 1\n\n# note\n'), 'a: 1');
  assert.is(end('a: {b: 1}\n'), 'a: {b: 1}');
  assert.is(end('{a: 1 } # x\n'), '{a: 1 }');
  assert.is(end('a:\n- b: 1\n  c:\n- d:\n'), 'a:\n- b: 1\n  c:\n- d:');
});

splice('the dashes of a block list', () => {
  const list = (text: string): YAMLSeq => {
    const value = findPair(root(text), 'a')?.value;
    assert.ok(isSeq(value));
    return value;
  };
  assert.equal(dashes(list('a:\n- x\n# note\n- y\n')), [3, 14]);
  assert.equal(dashes(list('a:\n  - x\n')), [5]);
  assert.equal(dashes(list('a: [x]\n')), []);
});

splice.run();
