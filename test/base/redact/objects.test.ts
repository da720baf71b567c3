// The data of Secrets in each notation, whatever stands between its entries, and how long a text is waited for.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { OBJECT_RULES } from '../../../scripts/base/redact/objects.ts';
import type { Match, View } from '../../../scripts/base/redact/view.ts';

const objects = suite('base/redact/objects');

/** What the rules say of the first `data` in the text. */
function found(text: string, final = true): Match {
  const view: View = { text, final, prose: false, kind: '' };
  const [kind, data] = OBJECT_RULES;
  for (let at = 0; at < text.length; at++) {
    if (/^kin/i.test(text.slice(at, at + 3))) kind?.find(view, at);
    const match = /^dat/i.test(text.slice(at, at + 3)) ? data?.find(view, at) : undefined;
    if (match) return match;
  }
  return undefined;
}

/** The texts that are hidden, and the secrets where they are others. */
function hidden(text: string): string[] {
  const match = found(text);
  if (!match || 'more' in match) return [];
  return match.spans.map(({ start, end, value }) => {
    const shown = text.slice(start, end);
    return value === undefined ? shown : `${shown} is ${value}`;
  });
}

objects('JSON', () => {
  const table: [text: string, expected: string[]][] = [
    ['"kind":"Secret","data":{"x":"aGk=","y":"","z":"YQ=="}', ['aGk= is hi', 'YQ== is a']],
    ['"kind":"SecretList","data":{"x":"aGk="}', ['aGk= is hi']],
    ['"kind":"Secret","stringData":{"x":"hi"}', ['hi']],
    ['"data":{ "x" : "aGk=" ,\n "y":"YQ==" } ,"kind":"Secret"', ['aGk= is hi', 'YQ== is a']],
    ['"data":{"x":"aGk="},"type":"kubernetes.io/tls"', ['aGk= is hi']],
    ['"data":{"x":"aGk="},"type":"helm.sh/release.v1"', ['aGk= is hi']],
    ['"kind":"Secret","data":{"x":"aGk="', ['aGk= is hi']],
    ['"kind":"Secret","data":{"x":"aG', ['aG is h']],
    ['"kind":"ConfigMap","data":{"x":"aGk="}', []],
    ['"kind":"Secret","data":{"x":7}', []],
    ['"kind":"Secret","data":{"x" "aGk="}', []],
    ['"kind":"Secret","data":{"x":\'aGk=\'}', []],
    ['"kind":"Secret","data":{\'x\':"aGk="}', []],
    ['"kind":"Secret","data":{}', []],
    ['"kind":"Secret","my.data":{"x":"aGk="}', []],
    ['"kind":"Secret","my_stringData":{"x":"hi"}', []],
    [`"data":{"x":"aGk="},${'"a":1,'.repeat(60)}"kind":"Secret"`, ['aGk= is hi']],
    [`"data":{"x":"aGk="},${'"a":1,'.repeat(70)}"kind":"Secret"`, []],
  ];
  for (const [text, expected] of table) assert.equal(hidden(text), expected, text);
});

objects('YAML: comments, blank lines, blocks and quotes', () => {
  const table: [text: string, expected: string[]][] = [
    ['kind: Secret\ndata:\n  x: aGk=\n  y: "YQ=="\nz: 1', ['aGk= is hi', 'YQ== is a']],
    ["kind: Secret\ndata:\n  'x': 'aGk='  \r\n  y: YQ==\n", ['aGk= is hi', 'YQ== is a']],
    ['kind: Secret\ndata:\n  # note: this\n\n  x: aGk=\n  # the end\n', ['aGk= is hi']],
    ['kind: Secret\nstringData:\n  x: |-\n    a\n    b\n  y: >2\n    c\n  z: d\n', ['a\n    b', 'c', 'd']],
    ['kind: Secret\ndata:\n  x: |\n  y: YQ==\n', ['YQ== is a']],
    ['kind: Secret\ndata:\n  x: ""\n  y: \'\'\n  z: YQ==', ['YQ== is a']],
    ['  data:\n    x: aGk=\n  kind: Secret\n', ['aGk= is hi']],
    ['- data:\n    x: aGk=\n  kind: Secret\n', ['aGk= is hi']],
    ['kind: Secret\ndata:\n  x: aGk=\n  y\n', []],
    ['kind: Secret\ndata:\n  x: aGk=\n  - y\n', []],
    ['kind: Secret\ndata:\nz: 1', []],
    ['kind: Secret\nx data:\n  x: aGk=\n', []],
    ['kind: ConfigMap\ndata:\n  x: aGk=\n', []],
  ];
  for (const [text, expected] of table) assert.equal(hidden(text), expected, text);
});

objects('flow of YAML, and maps as Go prints them', () => {
  const table: [text: string, expected: string[]][] = [
    ['kind: Secret\nstringData: {a: b, \'c\': \'d e\', "f": "g"}', ['b', 'd e', 'g']],
    ['kind: Secret\ndata: {a: YQ==, b: "", c: aGk=}', ['YQ== is a', 'aGk= is hi']],
    ['kind: Secret\ndata: {}', []],
    ['kind: ConfigMap\ndata: {a: YQ==}', []],
    ['StringData:map[a:b c:d]', ['a:b c:d']],
    ['StringData: map[a:b', ['a:b']],
    ['StringData:map[]', []],
    ['Data:map[a:b]', []],
  ];
  for (const [text, expected] of table) assert.equal(hidden(text), expected, text);
});

objects('a text that goes on is waited for, as far as an object can say what it is', () => {
  const waits = (text: string): unknown => {
    const match = found(text, false);
    return match && 'more' in match ? match.more : match !== undefined;
  };
  for (const text of [
    '"data":{"x":"aGk="',
    '"data":{',
    '"data":{"x',
    '"data":{"x":',
    '"data":{"x":"a',
    '"data":{"x":"aGk=",',
  ])
    assert.is(waits(`a ${text}`), 3, text);
  assert.is(waits('a "stringData":{"x":"a'), 3);
  const json = '"data":{"x":"aGk="}';
  assert.is(waits(json + ' '.repeat(499)), 1);
  assert.is(waits(json + ' '.repeat(500)), false);
  assert.is(waits('StringData:map[a:b'), 0);
  assert.is(waits('StringData:map[a:b]'), true);
  const flow = 'kind: Secret\ndata: {a: YQ==}';
  assert.is(waits(flow + ' '.repeat(254)), 13);
  assert.is(waits(flow + ' '.repeat(255)), true);
  assert.is(waits('kind: Secret\ndata:\n  x: a'), 13);
  assert.is(waits('kind: Secret\ndata:\n  x: a\nz: 1\n'), true);
});

objects.run();
