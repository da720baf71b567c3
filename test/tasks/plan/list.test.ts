// What --list shows of tasks and their inputs, of includes and of those that include each other.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { listMarkdown, listTasks, listText } from '../../../scripts/tasks/plan/list.ts';
import { programOf } from '../program.ts';

const list = suite('tasks: list');

const ROOT = `
includes: [{lib: "https://x/lib"}]
tasks:
  - {name: build, description: "Builds\\n  it all ", inputs: {zone: {default: "eu\\nmore", description: where}, must: {required: true}, has: {required: true, default: x}, any: {default: ""}}}
  - {name: hidden, internal: true}
  - {name: default}
`;
const shown = async (
  all: boolean,
  included: Record<string, string>,
  root = ROOT,
): Promise<{ text: string; markdown: string; warned: string[] }> => {
  const warned: string[] = [];
  const lists = await listTasks(await programOf(root, included), all, (message) => warned.push(message));
  return { text: listText(lists), markdown: listMarkdown(lists), warned };
};

list("the file's own tasks with their inputs", async () => {
  const { text, markdown } = await shown(false, {});
  assert.is(
    text,
    `build    Builds it all
           --with zone=eu  where
           --with must=… (required)
           --with has=x
           --with any=…
default
`,
  );
  assert.is(
    markdown,
    '| Name | Description |\n|------|-------------|\n| **build** | Builds it all |\n| **default** |  |\n',
  );
});

list('includes below it, each once on a way, five deep at most; one that cannot be had is reported', async () => {
  const lib = 'includes: [{own: "https://x/lib"}, {back: "https://x/other"}]\ntasks: [{name: say}]';
  const other = 'includes: [{lib: "https://x/lib"}]\ntasks: [{name: other}]';
  const { text, warned } = await shown(true, { lib, other });
  assert.equal(
    text.split('\n').filter((line) => line.startsWith('lib')),
    ['lib:say', 'lib:back:other'],
  );
  assert.equal(warned, []);
  const broken = await shown(true, {});
  assert.match(broken.warned[0] ?? '', /^include "lib" is not listed: /);
  const deep = Object.fromEntries(
    Array.from({ length: 9 }, (_, at) => [
      at === 0 ? 'lib' : `d${at}`,
      `includes: [{i: "https://x/d${at + 1}"}]\ntasks: [{name: t${at}}]`,
    ]),
  );
  const names = (await shown(true, deep)).text.match(/\bt\d/g);
  assert.equal(names, ['t0', 't1', 't2', 't3', 't4']);
});

list('a file without a task lists nothing', async () => {
  assert.is((await shown(false, {}, 'tasks: [{name: x, internal: true}]')).text, '');
});

list.run();
