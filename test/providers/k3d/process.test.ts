// The real `hoist` against the doubles: what a user sees, and that the process ends by itself.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createWorld, fixture, type World } from './world.ts';

const BIN = fileURLToPath(new URL('../../../bin/hoist', import.meta.url));
const hoist = suite<{ world: World }>('hoist up on k3d, as a process');

hoist.after.each(({ world }) => world.close());

function start(world: World): ChildProcess {
  const config = join(world.folder, 'cluster.yaml');
  writeFileSync(config, 'name: dev\nprovider: k3d\nagents: 0\nmergeKubeconfig: false\nk3d: {caches: false}\n');
  const logs = join(world.folder, 'logs');
  const env = Object.fromEntries(Object.entries({ ...world.env, DEPLOY_LOG_DIR: logs }).filter(([, value]) => value));
  return spawn(process.execPath, [BIN, 'up', '--config', config], { env, stdio: ['ignore', 'pipe', 'pipe'] });
}

async function ended(child: ChildProcess): Promise<{ code: unknown; text: string }> {
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const [code] = (await once(child, 'close')) as unknown[];
  return { code, text };
}

hoist(
  'k3s ends: its own line, where the logs are, exit code 5, and nothing keeps the process alive',
  async (context) => {
    context.world = await createWorld({ HOIST_DOUBLE_SERVER_LOG: fixture('server-bad-flag') });
    const { code, text } = await ended(start(context.world));
    assert.is(code, 5, text);
    assert.match(text, /k3s ended on k3d-dev-server-0: .*no-such-flag/);
    assert.match(text, /diagnostics/);
    assert.equal([...context.world.engine.containers.keys()], []);
  },
);

hoist('Ctrl-C in mid-create ends it with 130; what is left is listed', async (context) => {
  context.world = await createWorld({ HOIST_DOUBLE_HANG: 'start' });
  const child = start(context.world);
  const end = ended(child);
  while (!context.world.engine.containers.has('k3d-dev-server-0'))
    await new Promise((resolve) => setTimeout(resolve, 20));
  child.kill('SIGINT');
  const { code, text } = await end;
  assert.is(code, 130, text);
  assert.equal(await context.world.provider.list(), ['dev']);
});

hoist.run();
