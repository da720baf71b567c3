import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { CreationError } from '../../scripts/base/errors.ts';
import { findSum } from '../../scripts/tools/sums.ts';
import { sha256 } from './publisher.ts';

const test = suite('checksum files');
const [a, b] = [sha256('a'), sha256('b')];

test('a sum alone', () => {
  assert.is(findSum(a, 'tool'), a);
  assert.is(findSum(`${a.toUpperCase()}\n`, 'tool'), a);
});

test('lines of sum and name, with folders, asterisks and Windows line ends', () => {
  assert.is(findSum(`${b}  other\n${a}  tool\n`, 'tool'), a);
  assert.is(findSum(`${b}  _dist/tool.sha256\n${a}  _dist/tool\n`, 'tool'), a);
  assert.is(findSum(`${b} *other\r\n${a} *tool\r\n`, 'tool'), a);
});

test('what has no such sum is refused', () => {
  for (const text of ['', '<html>not found</html>', `${a}  other`, `${a.slice(1)}  tool`]) {
    assert.throws(
      () => findSum(text, 'tool'),
      (error: unknown) => error instanceof CreationError,
    );
  }
});

test.run();
