// The table of settings within a page: between its two marks, and nowhere else.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { withSettingsTable } from '../../scripts/settings/settings-table.ts';

const test = suite('settings/settings-table');

const START = '<!-- settings: written by `npm run schema` -->';
const END = '<!-- /settings -->';

test('the table takes the place of what stands between the marks, from the first character of a page on', () => {
  const page = withSettingsTable(`${START}\nold\n${END}\nafter\n`);
  assert.ok(page.startsWith(`${START}\n\n| setting`));
  assert.ok(page.endsWith(` |\n\n${END}\nafter\n`));
  assert.not(page.includes('old'));
  assert.is(withSettingsTable(page), page);
});

test('each line is as wide as the others, and says a default or how it is found', () => {
  const rows = withSettingsTable(`${START}${END}`)
    .split('\n')
    .filter((line) => line.startsWith('|'));
  assert.is(new Set(rows.map((row) => row.length)).size, 1);
  const defaultOf = (key: string): string | undefined =>
    rows
      .find((row) => row.startsWith(`| \`${key}\` `))
      ?.split(' | ')
      .at(-1)
      ?.replace(/\|$/, '')
      .trim();
  assert.equal(['agents', 'name', 'tuning', 'concurrency'].map(defaultOf), [
    'from CPUs and memory',
    '`dev`',
    '`true`',
    '2 for each CPU, 4 to 16',
  ]);
  assert.match(rows[1] ?? '', /^\| -{3,} \| -{3,} \| -{3,} \| -{3,} \|$/);
});

test('a page without both marks, in their order, is refused', () => {
  for (const page of ['', START, END, `a ${END}`, `${END} ${START}`])
    assert.throws(() => withSettingsTable(page), 'no place');
});

test.run();
