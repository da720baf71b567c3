import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ConfigError } from '../../scripts/base/errors.ts';
import { bundleRedactor, namedValues } from '../../scripts/support/redaction.ts';
import type { Item } from '../../scripts/support/types.ts';

const redaction = suite('support/redaction');

const item = (spec: object, line = 1): Item =>
  ({ spec, place: { file: 'r.yaml', line, column: 2 } }) as unknown as Item;
const values = (...list: unknown[]): Item => item({ name: 'x', removals: { values: list } });

redaction('values of six and more characters that a Redactor names are secret everywhere', () => {
  assert.equal(namedValues([values('12345', '123456', 7, null), item({}), item({ removals: {} })]), ['123456']);
  const redactor = bundleRedactor([values('swordfish', 'short')], { tokenize: false, values: ['of-hoist-itself'] });
  const shown = redactor.text('a swordfish, a short one, of-hoist-itself');
  assert.not.match(shown, /swordfish|of-hoist-itself/);
  assert.match(shown, 'short');
});

redaction('what a Redactor selects is hidden in files; one that cannot be used is refused with its place', () => {
  const custom = item({ name: 'y', removals: { regex: [{ redactor: 'number (?P<mask>\\d+)' }] } });
  const hidden = bundleRedactor([custom], { tokenize: false }).buffer('a.txt', Buffer.from('number 4711\n'));
  assert.not.match(hidden.toString(), '4711');
  const plain = bundleRedactor([], { tokenize: false }).buffer('a.txt', Buffer.from('number 4711\n'));
  assert.is(plain.toString(), 'number 4711\n');
  const broken = (line: number): Item => item({ name: 'z', removals: { regex: [{ redactor: '(' }] } }, line);
  try {
    bundleRedactor([broken(3), custom, broken(7)], { tokenize: false });
    assert.unreachable();
  } catch (error) {
    assert.instance(error, ConfigError);
    assert.equal(
      (error as ConfigError).problems.map(({ where }) => where),
      ['r.yaml:3:2', 'r.yaml:7:2'],
    );
  }
});

redaction.run();
