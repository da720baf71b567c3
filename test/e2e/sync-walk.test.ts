// The walks of docs/sync.md, line by line as they are written there, against embedded clusters.

import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, readFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { binaries } from '../doubles/apiserver.ts';
import { createWorld, type World } from './hoist.ts';
import { until } from './sync-world.ts';

const test = suite('e2e/sync-walk');

const root = fileURLToPath(new URL('../..', import.meta.url));

interface Line {
  program: string;
  args: string[];
  code: number;
  comment: string;
}

/** The commands of the block below a heading, each with the exit code that its comment tells. */
function lines(heading: string): Line[] {
  const [, section = ''] = readFileSync(join(root, 'docs/sync.md'), 'utf8').split(`## ${heading}\n`);
  const block = /```\n([^]*?)```/.exec(section)?.[1] ?? '';
  return block
    .trim()
    .split('\n')
    .map((line) => {
      const [command = '', comment = ''] = line.split('#');
      const [program = '', ...args] = command.trim().split(/\s+/);
      return { program, args, code: Number(/ends with (\d)/.exec(comment)?.[1] ?? 0), comment };
    });
}

async function walk(heading: string, page?: (world: World, line: Line) => Promise<void>): Promise<string[]> {
  const world = createWorld();
  cpSync(join(root, 'examples'), join(world.folder, 'examples'), { recursive: true });
  const said: string[] = [];
  try {
    for (const line of lines(heading)) {
      const { program, args, code } = line;
      if (program === 'kubectl') {
        execFileSync(program, args, { cwd: world.folder, env: world.env, stdio: 'pipe' });
      } else if (args.includes('--watch')) await page?.(world, line);
      else {
        const ended = await world.hoist(args);
        assert.is(ended.code, code, `hoist ${args.join(' ')}\n${ended.stdout}${ended.stderr}`);
        if (args[0] === 'sync') said.push(ended.stdout);
      }
    }
  } finally {
    await world.close();
  }
  return said;
}

(binaries() === undefined ? test.skip : test)('the walk goes as it is written', async () => {
  const [lint = '', diff = '', first = '', again = '', moved = ''] = await walk('In a minute');
  assert.match(lint, /3 sets, 0 errors, 0 warnings/);
  assert.match(diff, /\+ ResourceQuota team\/generous SelectorSyncSet\/gold-clusters \[contexts\/hoist-one\]/);
  assert.match(diff, /data\.text: "This is a silver cluster\."/);
  assert.match(first, /2 clusters: 2 synced .*7 created/);
  assert.match(again, /2 clusters: 2 synced .*\(7 as wanted/);
  assert.match(moved, /2 clusters: 2 synced .*1 updated, 1 deleted/);
});

const hasKubectl = spawnSync('kubectl', ['version', '--client'], { stdio: 'ignore' }).status === 0;

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

/** The page is asked for what it shows, and the signal of Ctrl-C ends it. */
async function look(world: World, { args, comment }: Line): Promise<void> {
  const [, written = ''] = /http:\/\/127\.0\.0\.1:(\d+);/.exec(comment) ?? [];
  // Somebody may have that one here.
  const port = String(await freePort());
  const { child, ended } = world.start(args.map((arg) => (arg === written ? port : arg)));
  interface State {
    states?: { synced?: number };
  }
  const state = (): Promise<State> =>
    fetch(`http://127.0.0.1:${port}/state`)
      .then(async (answer) => (await answer.json()) as State)
      .catch((): State => ({}));
  try {
    await until('the page shows all clusters as synced', async () => (await state()).states?.synced === 20);
  } finally {
    child.kill('SIGINT');
  }
  assert.is((await ended).code, 130);
}

(binaries() === undefined || !hasKubectl ? test.skip : test)('the walk with a hub goes as it is written', async () => {
  const [, adopted = '', first = '', diff = '', back = '', gone = '', status = ''] = await walk(
    'A hub in a minute',
    look,
  );
  assert.match(adopted, /20 clusters adopted/);
  assert.match(first, /20 clusters: 20 synced .* created/);
  assert.match(diff, /\+ ResourceQuota team\/generous[^]*20 clusters: 20 differ, 1 difference/);
  assert.match(back, /20 clusters: 20 synced .*1 created/);
  assert.match(gone, /20 clusters: 20 synced .* deleted/);
  assert.match(status, /20 clusters: 20 synced, 0 held, 0 failed/);
});

test.run();
