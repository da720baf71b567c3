// The first screen of docs/sync.md, line by line as it is written there, against two embedded clusters.

import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { binaries } from '../doubles/apiserver.ts';
import { createWorld } from './hoist.ts';

const test = suite('e2e/sync-walk');

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The commands of the document's first block, each with the exit code that its comment tells. */
function lines(): { args: string[]; code: number }[] {
  const block = /```\n([^]*?)```/.exec(readFileSync(join(root, 'docs/sync.md'), 'utf8'))?.[1] ?? '';
  return block
    .trim()
    .split('\n')
    .map((line) => {
      const [command = '', comment = ''] = line.split('#');
      const [hoist, ...args] = command.trim().split(/\s+/);
      assert.is(hoist, 'hoist', line);
      return { args, code: Number(/ends with (\d)/.exec(comment)?.[1] ?? 0) };
    });
}

(binaries() === undefined ? test.skip : test)('the walk goes as it is written', async () => {
  const world = createWorld();
  cpSync(join(root, 'examples'), join(world.folder, 'examples'), { recursive: true });
  const said: string[] = [];
  try {
    for (const { args, code } of lines()) {
      const ended = await world.hoist(args);
      assert.is(ended.code, code, `hoist ${args.join(' ')}\n${ended.stdout}${ended.stderr}`);
      if (args[0] === 'sync') said.push(ended.stdout);
    }
  } finally {
    await world.close();
  }
  const [lint = '', diff = '', first = '', again = '', moved = ''] = said;
  assert.match(lint, /2 sets, 0 errors, 0 warnings/);
  assert.match(diff, /\+ ResourceQuota team\/generous SelectorSyncSet\/gold-clusters \[contexts\/hoist-one\]/);
  assert.match(diff, /data\.text: "This is a silver cluster\."/);
  assert.match(first, /2 clusters: 2 synced .*5 created/);
  assert.match(again, /2 clusters: 2 synced .*\(5 as wanted/);
  assert.match(moved, /2 clusters: 2 synced .*1 updated, 1 deleted/);
});

test.run();
