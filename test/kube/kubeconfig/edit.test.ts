import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import { draws } from '../../draws.ts';
import { ConfigError } from '../../../scripts/base/errors.ts';
import { merge, MINE, oddKubeconfig, remove } from './odd.ts';

const test = suite('kubeconfig texts');

test('a file of kind, before and after', () => {
  const before = `apiVersion: v1
clusters:
- cluster:
    certificate-authority-data: QUJD
    server: https://127.0.0.1:41231 # kind
  name: kind-a
contexts:
- context:
    cluster: kind-a
    user: kind-a
  name: kind-a
current-context: kind-a
kind: Config
preferences: {}
users:
- name: kind-a
  user:
    client-certificate-data: QUJD
    client-key-data: QUJD
`;
  const after = `apiVersion: v1
clusters:
- cluster:
    certificate-authority-data: QUJD
    server: https://127.0.0.1:41231 # kind
  name: kind-a
- name: hoist-dev
  cluster:
    server: https://127.0.0.1:36443
    certificate-authority-data: QUJD
contexts:
- context:
    cluster: kind-a
    user: kind-a
  name: kind-a
- name: hoist-dev
  context:
    cluster: hoist-dev
    user: hoist-dev
    extensions:
      - name: hoist
        extension:
          undo: '{"current":" kind-a"}'
current-context: hoist-dev
kind: Config
preferences: {}
users:
- name: kind-a
  user:
    client-certificate-data: QUJD
    client-key-data: QUJD
- name: hoist-dev
  user:
    token: abc
`;
  assert.fixture(merge(before), after);
  assert.fixture(remove(after) ?? '', before);
});

test('no file: a whole one, and none again', () => {
  const text = merge(undefined);
  assert.equal(Object.keys(parse(text) as object), [
    'apiVersion',
    'kind',
    'clusters',
    'contexts',
    'users',
    'current-context',
  ]);
  assert.is(remove(text), undefined);
  assert.is(remove(merge('')), '');
});

test('whatever way a file is written in: removing what was merged gives the same bytes', () => {
  fc.assert(
    fc.property(oddKubeconfig, fc.boolean(), (text, setCurrent) => {
      assert.is(remove(merge(text, 'hoist-dev', { setCurrent })), text);
    }),
    { numRuns: draws(400) },
  );
});

test('merging twice is merging once', () => {
  fc.assert(
    fc.property(oddKubeconfig, (text) => {
      const once = merge(text);
      assert.is(merge(once), once);
    }),
    { numRuns: draws(150) },
  );
});

test('every line that was there is still there, in order', () => {
  fc.assert(
    fc.property(oddKubeconfig, (text) => {
      const merged = merge(text).split('\n');
      let at = 0;
      for (const line of text.split('\n')) {
        // Flow collections and the current context change within their line, as empty values do.
        if (/[[\]{}]|current-context|: *(null|~)|""|^\s*(null|$)/.test(line)) continue;
        // What follows the last entry of a mapping in braces needs a comma before it.
        const bare = (one: string): string => one.trimEnd().replace(/,$/, '');
        const found = merged.findIndex((other, i) => i >= at && bare(other) === bare(line));
        assert.ok(found >= 0, `lost: ${JSON.stringify(line)} of ${JSON.stringify(text)}`);
        at = found + 1;
      }
    }),
    { numRuns: draws(150) },
  );
});

test('several clusters may go in any order, and the file is as before', () => {
  const names = ['hoist-a', 'hoist-b', 'hoist-c'];
  fc.assert(
    fc.property(oddKubeconfig, fc.shuffledSubarray(names, { minLength: 3 }), (text, order) => {
      let current: string | undefined = names.reduce((merged, name) => merge(merged, name), text);
      for (const name of order) current = remove(current ?? '', name);
      assert.is(current, text);
    }),
    { numRuns: draws(150) },
  );
});

test('the current context comes back, unless its context is gone or another one was chosen', () => {
  const before = `current-context: mine # as always\n${MINE}`;
  const merged = merge(before);
  assert.match(merged, 'current-context: hoist-dev # as always\n');
  assert.is(remove(merged), before);
  const gone = merged.replace('- name: mine\n', '- name: renamed\n');
  assert.match(remove(gone) ?? '', 'current-context: "" # as always\n');
  const chosen = merged.replace('current-context: hoist-dev', 'current-context: other');
  assert.match(remove(chosen) ?? '', 'current-context: other # as always\n');
});

test('a context that is not made the current one leaves that alone', () => {
  const before = `current-context: mine\n${MINE}`;
  assert.match(merge(before, 'hoist-dev', { setCurrent: false }), 'current-context: mine\n');
});

test('an update changes its own entries in place and keeps what the user added to the context', () => {
  const merged = merge(MINE).replace('    user: hoist-dev\n', '    user: hoist-dev\n    namespace: team-a\n');
  const updated = merge(merged, 'hoist-dev', { cluster: { server: 'https://127.0.0.1:1' }, user: { token: 'new' } });
  const expected = merged
    .replace(
      '    server: https://127.0.0.1:36443\n    certificate-authority-data: QUJD\n',
      '    server: https://127.0.0.1:1\n',
    )
    .replace('token: abc', 'token: new');
  assert.is(updated, expected);
  assert.is(remove(updated), MINE);
});

test('an entry in a flow list is updated in place, too', () => {
  const json = '{"clusters": [{"name": "a"}], "contexts": [], "users": [], "current-context": ""}';
  const updated = merge(merge(json), 'hoist-dev', { user: { token: 'new' } });
  assert.match(updated, '"users": [{"name":"hoist-dev","user":{"token":"new"}}]');
  assert.is(remove(updated), json);
});

test('in pretty JSON each entry starts a line of its own', () => {
  const json = JSON.stringify({ clusters: [{ name: 'a' }, { name: 'b' }] }, null, 2);
  assert.match(merge(json), /\n {4}\},\n {4}\{"name":"hoist-dev"/);
  assert.is(typeof JSON.parse(merge(json)), 'object');
});

test('what another context uses stays', () => {
  const shared = merge('').replace(
    'contexts:\n',
    'contexts:\n- name: alias\n  context:\n    cluster: hoist-dev\n    user: me\n',
  );
  const left = parse(remove(shared) ?? '') as Record<'clusters' | 'contexts' | 'users', { name: string }[]>;
  assert.equal(
    left.clusters.map((e) => e.name),
    ['hoist-dev'],
  );
  assert.equal(
    left.contexts.map((e) => e.name),
    ['alias'],
  );
  assert.equal(left.users, undefined);
});

test('entries left behind by `kubectl config delete-context` are taken over, and removed', () => {
  const orphans = 'clusters:\n- name: hoist-dev\n  cluster: {server: old}\nusers:\n- name: hoist-dev\n  user: {}\n';
  assert.match(merge(orphans), 'server: https://127.0.0.1:36443');
  assert.is(remove(orphans), 'clusters: []\nusers: []\n');
});

test('nothing to remove is no change', () => {
  assert.is(remove(MINE), MINE);
  assert.is(remove(''), '');
});

test('names that YAML reads as something else are quoted', () => {
  for (const name of ['true', 'no', '123', 'a: b', '- x', '@me', 'null', '"q"']) {
    const merged = merge(MINE, name);
    assert.is((parse(merged) as Record<string, unknown>)['current-context'], name);
    assert.is(remove(merged, name), MINE);
  }
});

test('what cannot be edited safely is refused, with the place and without the text', () => {
  const table: [string, RegExp][] = [
    ['users:\n- name: a\n  user: {token: secret\n', /^config:\d+:\d+: the kubeconfig is not valid YAML \(\w+\)/],
    ['users:\n\t- token: secret\n', /^config:2:1: .*TAB/],
    ['users: []\nusers: []\n', /^config:2:1: .*DUPLICATE_KEY/],
    ['users: []\n---\nsecret: 1\n', /^config:2:1: the kubeconfig holds several documents/],
    ['- secret\n', /^config: the kubeconfig is no mapping/],
    ['secret', /^config: the kubeconfig is no mapping/],
    ['clusters: secret\n', /^config: `clusters` is no list/],
    ['users: {secret: 1}\n', /^config: `users` is no list/],
    ['x: &a []\nusers: *a\n', /^config: `users` is a YAML alias/],
    ['users: *secret\n', /^config: .*alias that leads nowhere/],
    ['current-context: [secret]\n', /^config: `current-context` is no text/],
    ['current-context: &a x\nsecret: *a\n', /^config: .*cannot be edited without touching the rest/],
    ['---\n...\n', /^config: the kubeconfig ends before it begins/],
    [
      'contexts:\n- name: hoist-dev\n  context: {cluster: secret}\n',
      /^config: .*entries named "hoist-dev" that hoist did not make/,
    ],
    ['clusters:\n- name: hoist-dev\ncontexts:\n- name: x\n  context: {cluster: hoist-dev}\n', /hoist did not make/],
  ];
  for (const [text, message] of table) {
    try {
      merge(text);
      assert.unreachable(text);
    } catch (error) {
      assert.instance(error, ConfigError, `${text}: ${String(error)}`);
      assert.match((error as ConfigError).message, message);
      assert.not.match((error as ConfigError).message, 'secret');
    }
  }
});

test("a context of this name that is not hoist's is not removed", () => {
  const foreign = 'contexts:\n- name: hoist-dev\n  context: {cluster: x}\n';
  assert.is(remove(foreign), foreign);
});

test.run();
