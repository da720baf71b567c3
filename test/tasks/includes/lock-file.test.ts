// The lock file of a task file from anybody: what it is allowed to be, and that it leads nowhere else.

import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { LockFile } from '../../../scripts/tasks/includes/lock-file.ts';
import { createWorld, refusal } from '../world.ts';

const lock = suite<{ folder: string }>('tasks: lock file', { folder: '' });
lock.before.each((context) => {
  context.folder = mkdtempSync(join(tmpdir(), 'lock-test-'));
});
lock.after.each(({ folder }) => rmSync(folder, { recursive: true, force: true }));

const URL = 'https://example.invalid/tasks.yaml';

lock('what is pinned is read again', async ({ folder }) => {
  const path = join(folder, 'tasks.yaml.lock');
  const file = await LockFile.read(path);
  file.pin(URL, 'a'.repeat(64));
  assert.is(await file.save(), true);
  assert.is((await LockFile.read(path)).sumOf(URL), 'a'.repeat(64));
});

lock('a link, to a file or to nothing yet, and a folder are refused', async ({ folder }) => {
  writeFileSync(join(folder, 'real'), '{"includes": {}}');
  mkdirSync(join(folder, 'folder.lock'));
  symlinkSync(join(folder, 'real'), join(folder, 'file.lock'));
  symlinkSync(join(folder, 'victim'), join(folder, 'nothing.lock'));
  symlinkSync('loop.lock', join(folder, 'loop.lock'));
  for (const name of ['file', 'nothing', 'loop']) {
    assert.match(await refusal(LockFile.read(join(folder, `${name}.lock`))), /is a symbolic link/);
  }
  assert.match(await refusal(LockFile.read(join(folder, 'folder.lock'))), /is no file/);
});

lock('a repository that holds its lock file as a link has nothing written outside of it', async ({ folder }) => {
  const world = createWorld();
  const server = createServer((_request, response) =>
    response.end('tasks: [{name: default, actions: [{cmd: "true"}]}]'),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const victim = join(folder, '.bash_profile');
  symlinkSync(victim, join(world.folder, 'tasks.yaml.lock'));
  const tasks = `includes: [{far: "http://127.0.0.1:${port}/$(touch x)/t.yaml"}]
tasks: [{name: default, actions: [{task: "far:default"}]}]`;
  try {
    assert.match(await refusal(world.run(tasks, { dryRun: true })), /is a symbolic link/);
    assert.is(existsSync(victim), false);
    rmSync(join(world.folder, 'tasks.yaml.lock'));
    await world.run(tasks);
    assert.match(readFileSync(join(world.folder, 'tasks.yaml.lock'), 'utf8'), /"includes"/);
  } finally {
    server.close();
    world.close();
  }
});

lock.run();
