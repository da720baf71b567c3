// The output of actions, whole for each: who is shown when, what waits, and what the terminal's owner does not see.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Mask } from '../../../scripts/tasks/output/mask.ts';
import { type GroupedOptions, groupedOutput } from '../../../scripts/tasks/output/output.ts';

const outputs = suite('tasks: grouped output');

function world(more: Partial<GroupedOptions> = {}) {
  const shown: string[] = [];
  const mask = new Mask();
  const sink = (name: string) => (chunk: Buffer | string) => void shown.push(`${name}${chunk.toString().trimEnd()}`);
  const output = groupedOutput({ sinks: { stdout: sink(''), stderr: sink('! ') }, mask, heading: undefined, ...more });
  const open = (name: string, { mute = false, background = false } = {}) => {
    const channel = output.open(name, { mute, background });
    return {
      say: (text: string, stream: 'stdout' | 'stderr' = 'stdout') =>
        void channel.write(stream, Buffer.from(`${text}\n`)),
      end: () => channel.end(),
    };
  };
  const taken = (): string[] => shown.splice(0);
  return { output, open, taken, mask };
}

outputs('the first that has not ended is shown as it writes, the others when it is their turn', () => {
  const { open, taken, output } = world();
  const [a, b, c] = ['a', 'b', 'c'].map((name) => open(name));
  b?.say('b1');
  a?.say('a1');
  c?.say('c1');
  c?.end();
  assert.equal(taken(), ['a1']);
  a?.say('a2', 'stderr');
  a?.end();
  assert.equal(taken(), ['! a2', 'b1']);
  assert.is(output.lastShown(), 'b');
  b?.end();
  assert.equal(taken(), ['c1']);
  b?.end();
  assert.is(output.lastShown(), 'c');
});

outputs('what runs in the background is shown when it has ended, or at the end of all', () => {
  const { open, taken, output } = world();
  const server = open('server', { background: true });
  const test = open('test');
  server.say('up');
  test.say('t');
  test.end();
  assert.equal(taken(), ['t']);
  server.end();
  assert.equal(taken(), ['up']);
  const other = open('other', { background: true });
  other.say('late');
  assert.equal(taken(), []);
  output.flush();
  assert.equal(taken(), ['late']);
});

outputs('while another process has the terminal nothing is shown, and all of it afterwards', () => {
  const { open, taken, output } = world();
  const a = open('a');
  a.say('a1');
  const [first, second] = [output.hold(), output.hold()];
  a.say('a2');
  output.say('a line');
  const b = open('b');
  b.say('b1');
  assert.equal(taken(), ['a1']);
  first();
  assert.equal(taken(), []);
  second();
  assert.equal(taken(), ['! a line', 'a2']);
  output.say('now');
  assert.equal(taken(), ['! now']);
  a.end();
  assert.equal(taken(), ['b1']);
});

outputs('headings come before the first output, once; a mute action has no output of its own', () => {
  const { open, taken, output, mask } = world({ heading: (name) => `> ${name}\n` });
  mask.add('s3cret');
  const a = open('a s3cret');
  assert.equal(taken(), ['! > a ***']);
  a.say('x');
  a.end();
  assert.equal(taken(), ['x']);
  const quiet = open('quiet', { mute: true });
  quiet.say('never');
  quiet.end();
  assert.equal(taken(), ['! > quiet']);
  assert.is(output.lastShown(), 'a s3cret');
  const empty = open('empty');
  empty.end();
  assert.equal(taken(), ['! > empty']);
  assert.is(output.lastShown(), 'a s3cret', 'what wrote nothing was not shown last');
});

outputs('a CI gets its marks around each, only where they are asked for', () => {
  const ci = {
    open: (name: string) => `[${name}\n`,
    close: (name: string) => `${name}]\n`,
    tame: (text: string) => text.replaceAll('evil', 'tame'),
  };
  const folded = world({ ci, folded: true, heading: (name) => `> ${name}\n` });
  const a = folded.open('evil');
  a.say('evil text');
  a.end();
  assert.equal(folded.taken(), ['[tame', 'tame text', 'tame]']);
  const flat = world({ ci, heading: (name) => `> ${name}\n` });
  const b = flat.open('b');
  b.end();
  assert.equal(flat.taken(), ['! > b']);
});

outputs.run();
