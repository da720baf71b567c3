// JSON without loss: each integer comes back digit by digit, and all else as JSON itself has it.

import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseExact, stringifyExact } from '../../../scripts/kube/manifests/exact-json.ts';

const json = suite('kube: JSON without loss');

json('what refers to itself is an error, not an endless text', () => {
  const own: Record<string, unknown> = {};
  own['own'] = own;
  assert.throws(
    () => stringifyExact(own),
    (error: unknown) => error instanceof TypeError,
  );
});

json('integers of any size come back, whatever is around them', () => {
  const large = fc.bigInt().filter((value) => !Number.isSafeInteger(Number(value)));
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { maxDepth: 3 },
      large,
      fc.string(),
      fc.constantFrom('int:', 'int:1', '"int:', '\\u0069nt:12345678901234567890', '12345678901234567890'),
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie('tree')),
      fc.dictionary(fc.string(), tie('tree'), { noNullPrototype: true }),
    ),
  }));
  fc.assert(
    fc.property(tree, (value) => {
      assert.equal(parseExact(stringifyExact(value)), value);
    }),
  );
});

json('numbers that are no integers stay what JavaScript makes of them', () => {
  const text = '[1234567890123456789, 1234567890123456789.5, 1234567890123456789e2, 0.12345678901234567890, -0]';
  assert.equal(parseExact(text), [
    1234567890123456789n,
    1234567890123456800,
    1.2345678901234568e20,
    0.12345678901234568,
    -0,
  ]);
});

json('what is no JSON is refused where it stands in the text given', () => {
  assert.throws(() => parseExact('{"a": 1234567890123456789, "b": x}'), /position 32|"b": x/);
});

json('what is undefined is left out, as JSON does', () => {
  assert.is(stringifyExact({ a: undefined, b: [undefined, 1n] }), '{"b":[null,1]}');
});

json.run();
