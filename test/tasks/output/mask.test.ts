// Secrets are masked in texts and streams, however a stream is cut.

import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { draws } from '../../draws.ts';
import { Mask } from '../../../scripts/tasks/output/mask.ts';

const mask = suite('tasks: mask');

function masked(secrets: readonly string[], chunks: readonly string[]): string {
  const one = new Mask();
  for (const secret of secrets) one.add(secret);
  const stream = one.stream();
  return Buffer.concat([...chunks.map((chunk) => stream.push(Buffer.from(chunk))), stream.flush()]).toString();
}

mask('longest first, also where a shorter one ends with a chunk', () => {
  assert.is(masked(['secret', 'secret-long'], ['a secret', '-long b secret', 'x']), 'a *** b ***x');
  assert.is(masked(['p4ssw0rd'], ['p4s', 'sw0', 'rd p4ss']), '*** p4ss');
});

mask('encodings of a secret, and each line of a long one', () => {
  const base64 = Buffer.from('p4ssw0rd').toString('base64');
  assert.not.match(masked(['p4ssw0rd'], [`x ${base64} y`]), base64);
  assert.is(masked(['first line\nsecond line'], ['second line\n']), '***\n');
});

mask('the cuts of a stream change nothing', () => {
  const letters = fc.string({ unit: fc.constantFrom('a', 'b', 'ü'), minLength: 4, maxLength: 7 });
  const texts = fc.array(fc.string({ unit: fc.constantFrom('a', 'b', 'ü', ' '), maxLength: 9 }), { maxLength: 8 });
  fc.assert(
    fc.property(fc.array(letters, { minLength: 1, maxLength: 3 }), texts, (secrets, chunks) => {
      const whole = masked(secrets, [chunks.join('')]);
      assert.is(masked(secrets, chunks), whole);
      for (const secret of secrets) assert.not.ok(whole.includes(secret));
    }),
    { numRuns: draws(500) },
  );
});

mask('thousands of secrets that begin alike', () => {
  const token = (i: number): string => `eyJhbGciOiJIUzI1NiJ9.${i.toString(36).padStart(8, '0')}`;
  const one = new Mask();
  for (let i = 0; i < 3_000; i++) {
    one.add(token(i));
    // Between two secrets there is output.
    assert.is(one.text(`${token(i)} ${token(i + 1)}`), `*** ${token(i + 1)}`);
  }
  const stream = one.stream();
  const text = Buffer.from(`eyJhbGciOiJIUzI1NiJ9.none ${token(7)} `.repeat(2_000));
  let shown = '';
  for (let at = 0; at < text.length; at += 4_096) shown += stream.push(text.subarray(at, at + 4_096)).toString();
  assert.is(shown + stream.flush().toString(), 'eyJhbGciOiJIUzI1NiJ9.none *** '.repeat(2_000));
});

mask.run();
