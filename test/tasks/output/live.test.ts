import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { liveOutput } from '../../../scripts/tasks/output/live.ts';
import { Mask } from '../../../scripts/tasks/output/mask.ts';

const live = suite('tasks: output on a terminal');

function open(mixed: boolean, colour = false) {
  let shown = '';
  let holds = 0;
  const mask = new Mask();
  const output = liveOutput(mask, {
    print: (text) => void (shown += text),
    hold() {
      holds++;
      return () => {
        holds--;
      };
    },
    mixed,
    colour,
    prefixCells: () => 12,
    ellipsis: '…',
  });
  const write = (channel: ReturnType<typeof output.open>, text: string): void =>
    void channel.write('stdout', Buffer.from(text));
  return { output, mask, write, shown: () => shown, holds: () => holds };
}

const options = { mute: false, background: false };

live('lines of several actions each say whose they are, in a colour of their own', () => {
  const { output, write, shown } = open(true, true);
  const one = output.open('build web', options);
  const two = output.open('build the whole api', options);
  write(one, 'a\nhal');
  write(two, 'b\n');
  write(one, 'f\nrest');
  one.end();
  two.end();
  assert.is(
    shown(),
    '\x1b[36mbuild web |\x1b[0m a\n\x1b[33mbuild the w… |\x1b[0m b\n\x1b[36mbuild web |\x1b[0m half\n\x1b[36mbuild web |\x1b[0m rest\n',
  );
});

live('ten names have colours of their own, the next one the first again; a name keeps its colour', () => {
  const { output, write, shown } = open(true, true);
  const names = Array.from({ length: 11 }, (_, at) => `n${at}`);
  for (const name of [...names, 'n0', 'n10']) write(output.open(name, options), 'x\n');
  const codes = Array.from(shown().matchAll(/\x1b\[(\d+)m(n\d+) \|/g), ([, code, name]) => `${name} ${code}`);
  const all = [36, 33, 35, 32, 34, 96, 93, 95, 92, 94, 36];
  assert.equal(codes, [...names.map((name, at) => `${name} ${all[at]}`), 'n0 36', 'n10 36']);
});

live('one after another, a heading says what runs', () => {
  const { output, write, shown } = open(false);
  const one = output.open('build', options);
  write(one, 'a\n');
  one.end();
  output.open('test', options).end();
  assert.is(shown(), '> build\na\n> test\n');
});

live('of what a command writes, the terminal obeys colours alone', () => {
  const { output, write, shown } = open(true);
  const one = output.open('a\x1b]0;b\x07', options);
  write(
    one,
    '\x1b[31mred\x1b[0m \x1b]0;title\x07\x1b]52;c;ZXZpbA==\x1b\\\x1b]8;;http://evil\x1b\\link\x1b]8;;\x1b\\\n',
  );
  write(one, '\x1b[2J\x1b[1;1Htop\x1b[?1049h\x1bc\u009b2J\u202eturned\n');
  write(one, '10 %\r20 %\r100 %\r\n');
  write(one, '\x1bP+q544e\x1b\\\x05\x0e\x9d');
  one.end();
  const lines = shown().split('\n');
  assert.equal(lines.slice(0, 3), ['a | \x1b[31mred\x1b[0m link\x1b[0m', 'a | topturned', 'a | 100 %']);
  assert.is(lines[3], 'a | ');
});

live('while an action has the terminal nothing is shown, and all of it afterwards', () => {
  const { output, write, shown, holds } = open(true);
  const one = output.open('one', options);
  const release = output.hold();
  const other = output.hold();
  assert.is(holds(), 1);
  write(one, 'a\n');
  output.say('by the way');
  release();
  assert.is(shown(), '');
  other();
  assert.is(holds(), 0);
  assert.is(shown(), 'one | a\nby the way\n');
});

live('secrets are covered in lines, prefixes and headings', () => {
  const { output, mask, write, shown } = open(true);
  mask.add('s3cret');
  const one = output.open('use s3cret', options);
  write(one, 'it is s3c');
  write(one, 'ret\n');
  one.end();
  assert.is(shown(), 'use *** | it is ***\n');
});

live.run();
