// A settings file as a tree, and where in it each setting stands.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ConfigError } from '../../scripts/base/errors.ts';
import { parseSettingsFile } from '../../scripts/settings/yaml.ts';

const test = suite('settings/yaml');

const treeOf = async (text: string): Promise<unknown> => (await parseSettingsFile('c.yaml', text)).tree;

async function refused(text: string): Promise<string[]> {
  try {
    await parseSettingsFile('c.yaml', text);
  } catch (error) {
    assert.instance(error, ConfigError);
    return (error as ConfigError).problems.map(({ where, message, excerpt }) => `${where} ${message}|${excerpt ?? ''}`);
  }
  return [];
}

test('what is commented out is none, and `x-` holds what anchors refer to, at the top alone', async () => {
  assert.equal(await treeOf('x-a: &a {k: 1}\nname:\nk3d:\n  image:\n  x-b: 1\n  ports: [~]\nlist: [~, 1]\nb: *a\n'), {
    k3d: { 'x-b': 1, ports: [null] },
    list: [null, 1],
    b: { k: 1 },
  });
  assert.equal(await treeOf('a:\n  b:\n    c:\n'), { a: { b: { c: null } } });
  assert.equal(await treeOf('x-a: &a {k: 1, l: 2}\nb:\n  <<: *a\n  k: 3\n'), { b: { k: 3, l: 2 } });
  for (const text of ['', '# nothing\n', '{}\n', 'x-a: 1\n'])
    assert.equal(await treeOf(text).catch(() => 'refused'), {}, text);
});

test('where a setting stands: its value, its key, or the nearest above it', async () => {
  const text = '\n  name: dev\n  k3d:\n    ports:\n      - 80\n      -  port: 81\n    image:\n  "agents" : 2\n';
  const { locate } = await parseSettingsFile('c.yaml', text);
  const table: [path: (string | number)[], at: 'key' | 'value', where: string][] = [
    [['name'], 'value', '2:9'],
    [['name'], 'key', '2:3'],
    [['agents'], 'value', '8:14'],
    [['agents'], 'key', '8:3'],
    [['k3d'], 'value', '4:5'],
    [['k3d'], 'key', '3:3'],
    [['k3d', 'ports'], 'key', '4:5'],
    [['k3d', 'ports', 0], 'value', '5:9'],
    [['k3d', 'ports', 1], 'value', '6:10'],
    [['k3d', 'ports', 1, 'port'], 'value', '6:16'],
    [['k3d', 'ports', 1, 'port'], 'key', '6:10'],
    [['k3d', 'ports', 9], 'value', '5:7'],
    [['k3d', 'none'], 'value', '4:5'],
    [['k3d', 'none', 'deeper'], 'key', '4:5'],
    [['none'], 'value', '2:3'],
    [[], 'value', '2:3'],
  ];
  for (const [path, at, where] of table)
    assert.is(locate(path, at).where, `c.yaml:${where}`, `${path.join('.')} ${at}`);
  assert.is(locate(['name']).excerpt, '  2 |   name: dev\n              ^');
  const empty = await parseSettingsFile('c.yaml', '');
  assert.is(empty.locate(['name']).where, 'c.yaml:1:1');
});

test('a line that looks secret is not shown', async () => {
  const { locate } = await parseSettingsFile('c.yaml', 'password: hunter2\nname: dev\n');
  assert.equal([locate(['password']).where, locate(['password']).excerpt], ['c.yaml:1:11', '']);
});

test('what is no mapping, no YAML, or two documents', async () => {
  assert.equal(await refused('- a\n'), [
    'c.yaml:1:1 must be a mapping of settings, like "name: dev"|  1 | - a\n      ^',
  ]);
  assert.match((await refused('text\n'))[0] ?? '', /^c\.yaml:1:1 must be a mapping/);
  assert.match(
    (await refused('a: 1\n---\nb: 2\n'))[0] ?? '',
    /^c\.yaml:2:1 begins a second document; a settings file is one\|/,
  );
  const [first = ''] = await refused('a: 1\nb: }\n');
  assert.match(first, /^c\.yaml:2:4 /);
  assert.not.match(first, / at line /);
  assert.is((await refused('a: {\nb: }}\n')).length > 0, true);
});

test.run();
