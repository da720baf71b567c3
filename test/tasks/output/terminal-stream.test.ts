import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { TerminalStream } from '../../../scripts/tasks/output/terminal-stream.ts';

const stream = suite('tasks: output on a terminal as it comes');

const WRITTEN =
  'a \x1b[1;38;5;9mred\x1b[0m\x1b]0;title\x07\x1b]52;c;ZXZpbA==\x1b\\ \x1b[2J\x1b[1;1H10 %\r20 %\r\n\x1bP+q54\x1b\\漢字\x1b]8;;x\x1b\\end\n';
const SHOWN = 'a \x1b[1;38;5;9mred\x1b[0m 10 %\r20 %\r\n漢字end\n';

stream('colours and carriage returns are left, wherever it is cut', () => {
  const bytes = Buffer.from(WRITTEN);
  for (let cut = 0; cut <= bytes.length; cut++) {
    const one = new TerminalStream();
    assert.is(one.push(bytes.subarray(0, cut)) + one.push(bytes.subarray(cut)), SHOWN, String(cut));
  }
});

stream('a sequence that never ends is not kept for ever', () => {
  const one = new TerminalStream();
  one.push(Buffer.from(`\x1b]0;${'x'.repeat(10_000)}`));
  assert.is(one.push(Buffer.from('\nshown\n')), '\nshown\n');
});

stream.run();
