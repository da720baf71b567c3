// What a process that ends at once leaves behind: nothing of what was only there for a while.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { removeAtExit, withTemporaryFolder } from '../../../scripts/host/files/at-exit.ts';

const test = suite<{ folder: string }>('host/files/at-exit');
test.before.each((context) => void (context.folder = mkdtempSync(join(tmpdir(), 'hoist-exit-'))));
test.after.each(({ folder }) => rmSync(folder, { recursive: true }));

const scripts = new URL('../../../scripts/', import.meta.url).href;

/** Runs a module that ends itself in the middle of its work; its exit code. */
function run(code: string): number | null {
  const args = ['--import', 'tsx', '--input-type=module', '-e', code];
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  assert.is(stderr, '');
  return status;
}

test('what is registered goes with the process, what was taken back stays', ({ folder }) => {
  for (const name of ['a', 'b']) mkdirSync(join(folder, name, 'deep'), { recursive: true });
  for (const name of ['file', 'kept']) writeFileSync(join(folder, name), '');
  const status = run(`
    import { removeAtExit } from '${scripts}host/files/at-exit.ts';
    const at = (name) => removeAtExit(${JSON.stringify(`${folder}/`)} + name);
    at('never-made');
    at('a');
    at('file');
    at('kept')();
    at('b');
    process.exit(130);
  `);
  assert.is(status, 130);
  assert.equal(readdirSync(folder), ['kept']);
});

test('a bundle, its archive, and a file that is being written, ended in the middle', ({ folder }) => {
  const status = run(`
    import { writeAtomic } from '${scripts}host/files/files.ts';
    import { ArchiveWriter } from '${scripts}support/bundle/archive.ts';
    import { FileStore } from '${scripts}support/bundle/store.ts';
    import { readdirSync } from 'node:fs';
    const folder = ${JSON.stringify(folder)};
    const store = new FileStore(folder);
    const stored = await store.put('long', Buffer.alloc(1 << 20));
    const archive = new ArchiveWriter(folder + '/.x.tar.gz.partial', 'x', new Date());
    await archive.add('long', stored);
    void writeAtomic(folder + '/secret', Buffer.alloc(64 << 20), { mode: 0o600 });
    const look = () => {
      if (readdirSync(folder).some((name) => name.endsWith('.tmp'))) process.exit(130);
      setImmediate(look);
    };
    look();
  `);
  assert.is(status, 130);
  assert.equal(
    readdirSync(folder).filter((name) => name !== 'secret'),
    [],
  );
});

test('a temporary folder is there for as long as the work, whatever comes of that', async ({ folder }) => {
  let seen = '';
  const done = await withTemporaryFolder(join(folder, 'work-'), (path) => {
    seen = path;
    writeFileSync(join(path, 'file'), '');
    return Promise.resolve(existsSync(path));
  });
  assert.is(done, true);
  assert.ok(seen.startsWith(join(folder, 'work-')));
  const failed = withTemporaryFolder(join(folder, 'work-'), () => Promise.reject(new Error('no')));
  assert.is(await failed.catch((error: unknown) => (error as Error).message), 'no');
  assert.equal(readdirSync(folder), []);
});

test('nothing listens for the end of the process while there is nothing to remove', ({ folder }) => {
  const before = process.listenerCount('exit');
  const first = removeAtExit(join(folder, 'a'));
  const second = removeAtExit(join(folder, 'b'));
  assert.is(process.listenerCount('exit'), before + 1);
  first();
  second();
  assert.is(process.listenerCount('exit'), before);
});

test.run();
