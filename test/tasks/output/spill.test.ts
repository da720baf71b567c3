// Output that is held back: in order, whole, and in memory only as far as it is little.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Spill } from '../../../scripts/tasks/output/spill.ts';

const test = suite('tasks/output/spill');

function drained(spill: Spill): [stream: string, text: string][] {
  const shown: [string, string][] = [];
  spill.drain((stream, chunk) => {
    const last = shown.at(-1);
    if (last?.[0] === stream) last[1] += chunk.toString('latin1');
    else shown.push([stream, chunk.toString('latin1')]);
  });
  return shown;
}

test('what is held comes in its order, once', () => {
  const spill = new Spill();
  spill.add('stdout', Buffer.from('a'));
  spill.add('stderr', Buffer.from('b'));
  spill.add('stdout', Buffer.from('c'));
  assert.equal(drained(spill), [
    ['stdout', 'a'],
    ['stderr', 'b'],
    ['stdout', 'c'],
  ]);
  assert.equal(drained(spill), []);
});

test('more than there is room for goes through a file, and nothing is lost', () => {
  const spill = new Spill();
  const block = (letter: string, size = 300_000): Buffer => Buffer.alloc(size, letter);
  for (const round of [1, 2]) {
    for (const letter of 'abcd') spill.add('stdout', block(letter));
    spill.add('stderr', block('e', 1));
    for (const letter of 'fghij') spill.add('stdout', block(letter));
    spill.add('stderr', block('k'));
    const shown = drained(spill);
    assert.equal(
      shown.map(([stream, text]) => [stream, text.length, text.replace(/(.)\1*/g, '$1')]),
      [
        ['stdout', 1_200_000, 'abcd'],
        ['stderr', 1, 'e'],
        ['stdout', 1_500_000, 'fghij'],
        ['stderr', 300_000, 'k'],
      ],
      String(round),
    );
  }
});

test('what is little once more stays in memory after a file was drained', () => {
  const spill = new Spill();
  const size = 1024 * 1024;
  for (let round = 0; round < 3; round++) {
    spill.add('stdout', Buffer.alloc(size, 'a'));
    spill.add('stdout', Buffer.alloc(1, 'b'));
    const shown: number[] = [];
    spill.drain((_, chunk) => void shown.push(chunk.length));
    // From a file it comes in pieces.
    assert.ok(shown.length >= 16 && Math.max(...shown) <= 64 * 1024, String(shown.length));
    spill.add('stdout', Buffer.alloc(size, 'a'));
    const kept: number[] = [];
    spill.drain((_, chunk) => void kept.push(chunk.length));
    assert.equal(kept, [size]);
  }
});

test.run();
