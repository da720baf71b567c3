// Which paths the rules of a .helmignore leave out, by helm's own reading of them.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readHelmIgnore } from '../../../../scripts/services/helm/charts/helmignore.ts';

const test = suite('services/helm/charts/helmignore');

/** Rules, with files that they leave out and files that they keep; a folder ends with a slash. */
const table: [rules: string, out: string, kept: string][] = [
  ['', 'templates/.hidden', 'a .a deep/templates/.b templates/a'],
  ['# a.txt\n\n   \n', '', 'a.txt #'],
  ['  a.txt  ', 'a.txt deep/a.txt', 'a.txtx xa.txt a-txt'],
  ['a**', '', 'a ab a**'],
  ['logs/', 'logs/ deep/logs/', 'logs deep/logs'],
  ['/top', 'top', 'deep/top'],
  ['deep/a', 'deep/a', 'a x/deep/a deep/ab'],
  ['*.tmp', 'a.tmp deep/b.tmp .tmp', 'a.tmpx tmp'],
  ['deep/*', 'deep/a deep/b/', 'deep/b/c deep'],
  ['?.md', 'a.md', 'ab.md .md'],
  ['[a-c].md', 'a.md c.md', 'd.md -.md'],
  ['[^a-c].md', 'd.md', 'a.md'],
  [String.raw`\*.md`, '*.md', 'a.md'],
  [String.raw`a\[1].md`, 'a[1].md', 'a1.md'],
  ['a(b)+$|{c}.md', 'a(b)+$|{c}.md', 'ab.md'],
  ['!a', 'b deep/b', 'a deep/a'],
  ['!logs/', 'logs a', 'logs/'],
];

test('each rule leaves out what it matches, and nothing else', () => {
  for (const [rules, out, kept] of table) {
    const ignores = readHelmIgnore(rules);
    const is = (path: string): boolean => ignores(path.replace(/\/$/, ''), path.endsWith('/'));
    for (const path of out.split(' ').filter(Boolean)) assert.is(is(path), true, `${rules}: ${path}`);
    for (const path of kept.split(' ').filter(Boolean)) assert.is(is(path), false, `${rules}: ${path}`);
  }
});

test.run();
