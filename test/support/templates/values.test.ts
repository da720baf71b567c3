// Values of templates: files over files, single ones over both, and all that is wrong at once.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readValues } from '../../../scripts/support/templates/values.ts';

const test = suite<{ folder: string }>('support/templates/values', { folder: '' });
test.before.each((context) => {
  context.folder = mkdtempSync(join(tmpdir(), 'values-test-'));
});
test.after.each(({ folder }) => rmSync(folder, { recursive: true, force: true }));

test('mappings are laid over each other, all else is replaced', async ({ folder }) => {
  writeFileSync(join(folder, 'a.yaml'), 'a: {x: 1, y: {z: 2}}\nlist: [1, 2]\nword: w\n');
  writeFileSync(join(folder, 'b.yaml'), 'a: {y: {q: 3}}\nlist: [3]\nword: {now: a mapping}\n');
  writeFileSync(join(folder, 'empty.yaml'), '');
  assert.equal(await readValues(['a.yaml', 'b.yaml', join(folder, 'empty.yaml')], [], folder), {
    a: { x: 1, y: { z: 2, q: 3 } },
    list: [3],
    word: { now: 'a mapping' },
  });
  writeFileSync(join(folder, 'c.yaml'), 'a: [1]\n');
  assert.equal((await readValues(['a.yaml', 'c.yaml'], [], folder))['a'], [1]);
});

test('single values: types, dots, dots that are none, and mappings that are made', async ({ folder }) => {
  writeFileSync(join(folder, 'a.yaml'), 'a: {x: 1}\nword: w\n');
  const sets = [
    ...['a.y.z=7', 'word.below=deep', 'host\\.name=h', 'on=true', 'off=false', 'none=null', 'n=-12', 'zero=0'],
    ...['text=012', 'float=1.5', 'long=1234567890123456', 'empty=', 'eq=a=b', 'nested\\.a.b=1'],
  ];
  assert.equal(await readValues(['a.yaml'], sets, folder), {
    a: { x: 1, y: { z: 7 } },
    word: { below: 'deep' },
    'host.name': 'h',
    on: true,
    off: false,
    none: null,
    n: -12,
    zero: 0,
    text: '012',
    float: '1.5',
    long: '1234567890123456',
    empty: '',
    eq: 'a=b',
    'nested.a': { b: 1 },
  });
  // A key takes over from what stood there as no mapping.
  assert.equal(await readValues([], ['a=1', 'a.b=2', 'a.c=3'], folder), { a: { b: 2, c: 3 } });
});

test('nobody reaches into what all objects share', async ({ folder }) => {
  const values = await readValues([], ['__proto__.bad=1', 'a.__proto__=1', 'constructor.prototype.bad=1'], folder);
  assert.is(({} as Record<string, unknown>)['bad'], undefined);
  assert.equal(Object.keys(values), ['a', 'constructor']);
});

test('all that cannot be read is said at once', async ({ folder }) => {
  writeFileSync(join(folder, 'list.yaml'), '- a\n');
  writeFileSync(join(folder, 'broken.yaml'), 'a: [');
  await readValues(['list.yaml', 'gone.yaml', 'broken.yaml'], ['=x', 'word'], folder).then(
    () => assert.unreachable(),
    (error: unknown) => {
      const { problems } = error as { problems: { where: string; message: string }[] };
      assert.equal(
        problems.map(({ where }) => where),
        ['list.yaml', 'gone.yaml', 'broken.yaml', '--set', '--set'],
      );
      assert.is(problems[0]?.message, 'is no mapping');
      assert.match(problems[1]?.message ?? '', /^cannot be read: /);
      assert.is(problems[3]?.message, '"=x" is not KEY=VALUE');
    },
  );
});

test.run();
