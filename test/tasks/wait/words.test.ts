import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { shellWord } from '../../../scripts/tasks/wait/words.ts';

const words = suite('tasks: fields of waits');

const CASES: [text: string, word: string][] = [
  ['127.0.0.1:${PORT}', '127.0.0.1:80'],
  [`'{.status.phase}'=Running`, '{.status.phase}=Running'],
  [`"app=$NAME" '$NAME'`, 'app=web $NAME'],
  [`"it's" 'a "b"'`, `it's a "b"`],
  [String.raw`\$NAME "\"$PORT\"" '\n'`, String.raw`$NAME "80" \n`],
  ['a\\', 'a'],
  ['$ $. $NAME.x', '$ $. web.x'],
  ['', ''],
];

words('lose quotes and backslashes, and have variables outside of single quotes replaced', () => {
  const lookup = (name: string): string | undefined => ({ NAME: 'web', PORT: '80' })[name];
  for (const [text, word] of CASES) assert.is(shellWord(text, lookup), word, text);
  for (const text of ['$NOPE', '${NOPE}'])
    assert.throws(() => shellWord(text, lookup), /^the variable "NOPE" is not set$/, text);
});

words.run();
