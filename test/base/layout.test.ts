import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { character } from '../characters.ts';
import { brief, fit, plain, truncate, width, wrap } from '../../scripts/base/layout.ts';

const test = suite('text');

test('a text that is longer than some sentences keeps both ends', () => {
  assert.is(brief('one\n two'), 'one two');
  assert.is(brief('x'.repeat(1_000)), 'x'.repeat(1_000));
  const cut = brief(`first ${'日'.repeat(100_000)} last`);
  assert.ok(cut.length <= 1_001);
  assert.ok(cut.startsWith('first ') && cut.endsWith(' last') && cut.includes('…'));
});

test('wide characters take two cells, escape sequences and combining marks none', () => {
  assert.is(width('etcd'), 4);
  assert.is(width('日本'), 4);
  assert.is(width('e\u0301'), 1);
  assert.is(width('👩‍👩‍👧'), 2);
  assert.is(width('\x1b[31mred\x1b[39m'), 3);
});

test('truncation puts an ellipsis in place of what does not fit', () => {
  assert.is(truncate('kube-apiserver', 14, '…'), 'kube-apiserver');
  assert.is(truncate('kube-apiserver', 6, '…'), 'kube-…');
  assert.is(truncate('kube-apiserver', 8, '...'), 'kube-...');
  assert.is(truncate('日本語', 5, '…'), '日本…');
  assert.is(truncate('日本語', 4, '…'), '日…');
  assert.is(truncate('kube', 1, '…'), '…');
  assert.is(truncate('kube', 0, '…'), '');
  assert.is(truncate('kube', 2, '...'), '');
});

test('fit fills up with spaces, and shortens in the middle', () => {
  assert.is(fit('etcd', 6, '…'), 'etcd  ');
  assert.is(fit('日本語', 6, '…'), '日本語');
  assert.is(fit('日本語です', 8, '…'), '日本…す ');
  assert.is(fit('namespace team-7', 12, '…'), 'namesp…eam-7');
  assert.is(fit('namespace team-7', 12, '...'), 'names...am-7');
  assert.is(fit('team-7', 6, '…'), 'team-7');
  assert.is(fit('', 2, '…'), '  ');
});

test('truncation never exceeds its cells, whatever the text', () => {
  fc.assert(
    fc.property(fc.string({ unit: character }), fc.nat(20), (text, cells) => {
      assert.ok(width(truncate(plain(text), cells, '…')) <= cells);
    }),
  );
});

test('fit takes exactly its cells, whatever the text', () => {
  fc.assert(
    fc.property(fc.string({ unit: character }), fc.integer({ min: 3, max: 20 }), (text, cells) => {
      assert.is(width(fit(plain(text), cells, '…')), cells);
    }),
  );
});

test('what others wrote becomes one harmless line', () => {
  assert.is(plain('\x1b[31mred\x1b[0m\x1b[2J\x07'), 'red');
  assert.is(plain('a\tb  '), 'a  b');
  assert.is(plain('first\n   second\r\nthird\n'), 'first second third');
  assert.is(plain('10 %\r20 %\r100 %\r'), '10 % 20 % 100 %');
  assert.is(plain('\x1b]8;;https://example.org\x07link\x1b]8;;\x07'), 'link');
  assert.is(plain('\r'), '');
});

test('no control character survives', () => {
  fc.assert(
    fc.property(fc.string({ unit: character }), (text) => {
      assert.not.match(plain(text), /\p{Cc}/u);
    }),
  );
});

test('wrapping breaks between words and keeps long ones whole', () => {
  assert.equal(wrap('one two three'.split(' '), 7), ['one two', 'three']);
  assert.equal(wrap(['/a/very/long/path', 'x'], 5), ['/a/very/long/path', 'x']);
  assert.equal(wrap([], 5), ['']);
  assert.equal(wrap(['ab', 'cd', 'e'], 5), ['ab cd', 'e']);
  assert.equal(wrap(['ab', 'cd', 'e'], 4), ['ab', 'cd e']);
});

test.run();
