// A kubeconfig as text and values: what cannot be edited safely is refused, with its place and without a word of its content.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ConfigError } from '../../../scripts/base/errors.ts';
import { assertSays, indexIn, listNode, parseConfig } from '../../../scripts/kube/kubeconfig/document.ts';

const test = suite('kube/kubeconfig/document');

function refused(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    assert.instance(error, ConfigError);
    const [{ where, message } = { where: '', message: '' }] = (error as ConfigError).problems;
    return `${where}: ${message}`;
  }
  throw new Error('it was taken');
}
const says = (text: string): string => refused(() => parseConfig(text, 'kc'));

const TEXT =
  'apiVersion: v1\nclusters:\n- name: a\n  cluster: {server: s}\n- odd\n- {name: b}\ncontexts: []\nusers:\ncurrent-context: a\nextensions: 1\n';

test('lists, the current context, and all other keys', () => {
  const { lists, currentContext, rest, root } = parseConfig(TEXT, 'kc');
  assert.equal(lists, { clusters: [{ name: 'a', cluster: { server: 's' } }, { name: 'b' }], contexts: [], users: [] });
  assert.equal([currentContext, rest], ['a', { apiVersion: 'v1', extensions: 1 }]);
  assert.is.not(root, undefined);
  assert.is(parseConfig('current-context: 7\n', 'kc').currentContext, '');
});

test('a file without content is an empty one', () => {
  for (const text of ['', '\n', '# only a comment\n', '---\n']) {
    const { root, lists } = parseConfig(text, 'kc');
    assert.equal([root, lists.users], [undefined, []], JSON.stringify(text));
  }
});

test('what cannot be edited is refused', () => {
  assert.match(
    says('a: 1\nb: }\n'),
    /^kc:2:4: the kubeconfig is not valid YAML \(UNEXPECTED_TOKEN\); it is left as it is$/,
  );
  assert.match(says('a: [1\n'), /^kc:\d+:\d+: the kubeconfig is not valid YAML \([A-Z_]+\); it is left as it is$/);
  assert.match(says('a: 1\n---\nb: 2\n'), /^kc:2:1: the kubeconfig holds several documents/);
  assert.is(says('...\n'), 'kc: the kubeconfig ends before it begins (`...`)');
  for (const text of ['- a\n', 'text\n', '~\n', '7\n']) assert.is(says(text), 'kc: the kubeconfig is no mapping', text);
  assert.is(says('users: {a: 1}\n'), 'kc: `users` is no list');
  assert.is(says('clusters: text\n'), 'kc: `clusters` is no list');
  assert.match(says('a: &x []\ncontexts: *x\n'), /`contexts` is a YAML alias/);
  assert.match(says('a: &x dev\ncurrent-context: *x\n'), /`current-context` is a YAML alias/);
  assert.match(says('a: *none\n'), /YAML alias|not valid YAML/);
});

test('entries are found by their names', () => {
  const config = parseConfig(TEXT, 'kc');
  assert.equal(
    ['a', 'b', 'c'].map((name) => indexIn(config, 'clusters', name)),
    [0, 2, -1],
  );
  assert.equal([indexIn(config, 'users', 'a'), listNode(config, 'users')], [-1, undefined]);
  assert.is(listNode(config, 'clusters')?.items.length, 3);
});

test('an edit that did more or less than it should is refused', () => {
  const want = parseConfig(TEXT, 'kc');
  assertSays(TEXT.replace('apiVersion: v1\n', '# note\napiVersion: v1\n'), want);
  for (const text of [
    TEXT.replace('server: s', 'server: t'),
    TEXT.replace('current-context: a', 'current-context: b'),
    TEXT.replace('extensions: 1', 'extensions: 2'),
  ])
    assert.match(
      refused(() => assertSays(text, want)),
      /cannot be edited without touching the rest$/,
    );
});

test.run();
