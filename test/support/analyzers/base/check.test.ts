// The files of a bundle as checks see them: what is missing, what cannot be read, and lists that are none.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { failureOf } from '../../../failure.ts';
import {
  BadCheck,
  Files,
  MissingFile,
  number,
  record,
  string,
  text,
  texts,
} from '../../../../scripts/support/analyzers/base/check.ts';

const test = suite('support/analyzers/base/check');

function filesOf(texts: Readonly<Record<string, string>>): { files: Files; reads: string[] } {
  const reads: string[] = [];
  const reader = {
    list: () => Object.keys(texts),
    read(path: string) {
      reads.push(path);
      return Promise.resolve(texts[path] === undefined ? undefined : Buffer.from(texts[path]));
    },
  };
  return { files: new Files(reader, 0), reads };
}

test('the items of a list, the members of an array, and none of anything else', async () => {
  const { files } = filesOf({
    list: '{"items":[{"kind":"A"}]}',
    array: '[{"kind":"B"}]',
    null: 'null',
    text: '"items"',
    number: '7',
    other: '{"items":3}',
    object: '{"kind":"C"}',
  });
  assert.equal(await files.items('list'), [{ kind: 'A' }]);
  assert.equal(await files.items('array'), [{ kind: 'B' }]);
  for (const path of ['null', 'text', 'number', 'other', 'object']) assert.equal(await files.items(path), [], path);
});

test('a file is read once, and says what is wrong with it', async () => {
  const { files, reads } = filesOf({ good: '{"a":1}', bad: '{' });
  await files.json('good');
  assert.equal(await files.json('good'), { a: 1 });
  assert.equal(reads, ['good']);
  assert.match(await failureOf(files.json('bad')), 'bad cannot be read: ');
  assert.instance(await files.json('bad').catch((error: unknown) => error), BadCheck);
  assert.instance(await files.text('gone').catch((error: unknown) => error), MissingFile);
});

test('paths by a pattern, but for some', () => {
  const { files } = filesOf({ 'a/x.json': '', 'a/y.json': '', 'b/x.json': '' });
  assert.equal(files.matching('a/*.json'), ['a/x.json', 'a/y.json']);
  assert.equal(files.matching('*/*.json', ['*/y*', 'b/*']), ['a/x.json']);
});

test('values of a spec in the shape that is wanted, or empty', () => {
  const spec = { a: 'x', b: 0, c: false, d: null, e: ['1', 2], f: { g: 1 } };
  assert.equal(
    ['a', 'b', 'c', 'd', 'e', 'none'].map((key) => text(spec, key)),
    ['x', '0', 'false', '', '', ''],
  );
  assert.equal([texts(spec, 'e'), texts(spec, 'a')], [['1', '2'], []]);
  assert.equal([record(spec.f), record(null), record(spec.e), record('x')], [{ g: 1 }, {}, {}, {}]);
  assert.equal([number(3), number('3'), string('s'), string(3)], [3, 0, 's', '']);
});

test.run();
