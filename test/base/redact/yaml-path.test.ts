// Values at paths of JSON and YAML: each kind of node, and every other byte as it was.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { hideAtPaths } from '../../../scripts/base/redact/yaml-path.ts';

const paths = suite('base/redact/yaml-path');

const hide = (text: string, wanted: string | string[], path = 'a.yaml'): string =>
  hideAtPaths(text, {
    path,
    paths: [wanted].flat().map((one) => ({ wanted: one, rule: one })),
    hide: (rule, secret) => `<${rule}:${secret}>`,
  });

paths('JSON', () => {
  const table: [text: string, wanted: string, expected: string][] = [
    ['{"a": "x", "b": "x"}', 'a', '{"a": "<a:x>", "b": "x"}'],
    ['{"a":{"b":["x","y"]}}', 'a.b.1', '{"a":{"b":["x","<a.b.1:y>"]}}'],
    ['{"a":["x","y"]}', 'a.*', '{"a":["<a.*:x>","<a.*:y>"]}'],
    ['{"a":{"k":1},"b":{"k":2}}', '*.k', '{"a":{"k":"<*.k:1>"},"b":{"k":"<*.k:2>"}}'],
    ['{"a":{"b":1}}', 'a', '{"a":"<a:{"b":1}>"}'],
    ['[ {"a":"x"} ,{"a":"y"}]\n', '0.a', '[ {"a":"<0.a:x>"} ,{"a":"y"}]\n'],
    ['{"a":"q\\"x"}', 'a', '{"a":"<a:q"x>"}'],
    ['{"a":-1.5e3,"b":true}', 'a', '{"a":"<a:-1.5e3>","b":true}'],
    ['{"a":[],"b":{},"c":"x"}', 'c', '{"a":[],"b":{},"c":"<c:x>"}'],
    ['{"a":1}', 'a.b', '{"a":1}'],
    ['{"a":1}', 'b', '{"a":1}'],
    ['{}', 'a', '{}'],
    [' \n{"a" : "x"\t}\r\n', 'a', ' \n{"a" : "<a:x>"\t}\r\n'],
    ['{"\\u0061":"x"}', 'a', '{"\\u0061":"<a:x>"}'],
  ];
  for (const [text, wanted, expected] of table) assert.is(hide(text, wanted, 'a.json'), expected, text);
});

paths('YAML', () => {
  const table: [text: string, wanted: string, expected: string][] = [
    ['a: x # note\nb: y\n', 'a', 'a: "<a:x>" # note\nb: y\n'],
    ["a: 'x'\n", 'a', 'a: "<a:x>"\n'],
    ['a: "x"\n', 'a', 'a: "<a:x>"\n'],
    ['a:\n- x\n- y\n', 'a.1', 'a:\n- x\n- "<a.1:y>"\n'],
    ['a:\n- x\n- y\n', 'a.*', 'a:\n- "<a.*:x>"\n- "<a.*:y>"\n'],
    ['a:\n  b: 1\nc: 2\n', 'a', 'a:\n  "<a:b: 1>"\nc: 2\n'],
    ['a: |\n  x\n  y\nb: 1\n', 'a', 'a: "<a:|\n  x\n  y>"\nb: 1\n'],
    ['a: {b: x, c: y}\n', 'a.b', 'a: {b: "<a.b:x>", c: y}\n'],
    ['a: x\n---\na: y\n', 'a', 'a: "<a:x>"\n---\na: "<a:y>"\n'],
    ['1: x\n', '1', '1: "<1:x>"\n'],
    ['a: x\n', 'a.b', 'a: x\n'],
    ['', 'a', ''],
  ];
  for (const [text, wanted, expected] of table) assert.is(hide(text, wanted), expected, text);
});

paths('several paths: what is within another goes with it', () => {
  assert.is(hide('{"a":{"b":"x"},"c":"y"}', ['a.b', 'a', 'c']), '{"a":"<a:{"b":"x"}>","c":"<c:y>"}');
  assert.is(hide('{"a":1,"b":2}', ['b', 'a']), '{"a":"<a:1>","b":"<b:2>"}');
});

paths('bytes of other encodings stay, and the secret is its bytes', () => {
  const bytes = Buffer.from('{"ü":"é","b":"🙂"}').toString('latin1');
  assert.is(
    hide(bytes, 'b'),
    Buffer.from(`{"ü":"é","b":"<b:${Buffer.from('🙂').toString('latin1')}>"}`).toString('latin1'),
  );
});

paths('what is neither stays, unless its name says that it is', () => {
  for (const text of ['plain words', '{"a":1', 'a: [', '{"a":1} x', '{"a" 1}', '[1 2']) {
    assert.is(hide(text, 'a', 'a.log'), text);
    for (const path of ['a.json', 'a.yaml', 'a.YML'])
      assert.throws(() => hide(text, 'a', path), /neither JSON nor YAML/, `${text} in ${path}`);
  }
});

paths.run();
