// Output line by line: what is one line, how long a line may be, and what waits while another process has the terminal.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { lineOutput } from '../../../scripts/tasks/output/lines.ts';
import { Mask } from '../../../scripts/tasks/output/mask.ts';

const test = suite('tasks/output/lines');

function open() {
  const lines: string[] = [];
  const held: string[] = [];
  const output = lineOutput({
    mask: new Mask(),
    line: (name, stream, line) => void lines.push(`${name} ${stream} ${line}`),
    say: (line) => void lines.push(`said ${line}`),
    opened: (name) => void lines.push(`opened ${name}`),
    held: () => {
      held.push('taken');
      return () => void held.push('back');
    },
  });
  const channel = (name: string, mute = false) => {
    const one = output.open(name, { mute, background: false });
    return {
      out: (text: string | Buffer) => void one.write('stdout', Buffer.from(text)),
      err: (text: string) => void one.write('stderr', Buffer.from(text)),
      end: () => one.end(),
    };
  };
  return { output, channel, held, taken: () => lines.splice(0) };
}

test('whole lines as they come, each stream for itself, and the rest at the end', () => {
  const { channel, taken, output } = open();
  const a = channel('a');
  a.out('one\ntw');
  a.err('err');
  a.out('o\n\nthree');
  assert.equal(taken(), ['opened a', 'a stdout one', 'a stdout two', 'a stdout ']);
  a.end();
  assert.equal(taken(), ['a stdout three', 'a stderr err']);
  const b = channel('b', true);
  b.out('never\n');
  b.end();
  assert.equal(taken(), ['opened b']);
  assert.is(output.lastShown(), 'a');
});

test('a character that comes in two pieces is one', () => {
  const { channel, taken } = open();
  const a = channel('a');
  const [first, second] = [Buffer.from('ü').subarray(0, 1), Buffer.from('ü').subarray(1)];
  a.out(first);
  a.out(second);
  a.out('\n');
  assert.equal(taken(), ['opened a', 'a stdout ü']);
});

test('a line of more than 64 KiB is handed on in parts, and nothing of it is lost', () => {
  const most = 64 * 1024;
  for (const [length, early] of [
    [most - 1, []],
    [most, []],
    [most + 1, [most]],
  ] as const) {
    const { channel, taken } = open();
    const a = channel('a');
    a.out('x'.repeat(length));
    const sizes = (): number[] =>
      taken()
        .filter((line) => line.startsWith('a '))
        .map((line) => line.length - 'a stdout '.length);
    assert.equal(sizes(), early);
    a.out('\n');
    assert.equal(sizes(), [length - (early[0] ?? 0)]);
  }
});

test('while another process has the terminal all of it waits, in its order', () => {
  const { output, channel, held, taken } = open();
  const a = channel('a');
  a.out('before\n');
  taken();
  const [first, second] = [output.hold(), output.hold()];
  assert.equal(held, ['taken']);
  a.out('within\n');
  output.say('by the way');
  const b = channel('b');
  b.err('other\n');
  first();
  assert.equal([taken(), held], [[], ['taken']]);
  second();
  assert.equal(held, ['taken', 'back']);
  assert.equal(taken(), ['a stdout within', 'said by the way', 'opened b', 'b stderr other']);
  a.out('after\n');
  assert.equal(taken(), ['a stdout after']);
  output.hold()();
  assert.equal(held, ['taken', 'back', 'taken', 'back']);
});

test.run();
