// Where the commands of a spec work, and what becomes of the folders of those that are gone.

import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { procStat } from '../../../../scripts/host/group.ts';
import { makeRunFolder } from '../../../../scripts/support/collectors/host/run-folder.ts';

const test = suite<{ parent: string }>('support/collectors/host/run-folder');

test.before.each((context) => {
  context.parent = mkdtempSync(join(tmpdir(), 'run-folder-'));
});
test.after.each(({ parent }) => rmSync(parent, { recursive: true, force: true }));

test('it is private, and goes away', async ({ parent }) => {
  const folder = await makeRunFolder([parent]);
  assert.ok(folder.path.startsWith(join(parent, 'hoist-collect-')));
  assert.is(statSync(folder.path).mode & 0o777, 0o700);
  writeFileSync(join(folder.path, 'a'), 'raw');
  await folder.close();
  assert.not.ok(existsSync(folder.path));
});

test('in memory where there is room, else in the last of the places', async ({ parent }) => {
  const room = await statfs('/dev/shm').catch(() => undefined);
  const inMemory =
    room?.type === 0x01021994 && room.bavail * room.bsize >= 2 ** 30 && process.availableMemory() >= 2 ** 31;
  const folder = await makeRunFolder(['/dev/shm', parent]);
  await folder.close();
  assert.ok(folder.path.startsWith(inMemory ? '/dev/shm/' : parent), folder.path);
  // The file system of /proc is none in memory that takes files, and has no room.
  const other = await makeRunFolder(['/proc', '/nowhere', parent]);
  await other.close();
  assert.ok(other.path.startsWith(parent));
});

if (process.platform === 'linux')
  test('what killed runs have left is removed, and nothing else', async ({ parent }) => {
    const own = readlinkSync('/proc/self/ns/pid').replace(/\D/g, '');
    const dead = spawnSync('true').pid;
    const ticks = procStat(process.pid)?.startTicks ?? '';
    const make = (name: string): string => {
      mkdirSync(join(parent, name, 'output'), { recursive: true });
      writeFileSync(join(parent, name, 'output', 'secret'), 'raw');
      return name;
    };
    const left = [make(`hoist-collect-${own}-${dead}-77-abcDEF`), make(`hoist-collect-${own}-${process.pid}-1-abcDEF`)];
    const kept = [
      make(`hoist-collect-${own}-${process.pid}-${ticks}-abcDEF`),
      make(`hoist-collect-1-${dead}-77-abcDEF`),
      make(`hoist-collect-${own}-${dead}-0-abcDEF`),
      make(`hoist-collect-${own}-${dead}-77-abcDEF.more`),
      make('precious'),
    ];
    symlinkSync('precious', join(parent, `hoist-collect-${own}-${dead}-78-abcDEF`));
    const folder = await makeRunFolder([parent]);
    await folder.close();
    assert.equal(
      left.filter((name) => existsSync(join(parent, name))),
      [],
    );
    assert.equal(
      kept.filter((name) => !existsSync(join(parent, name, 'output', 'secret'))),
      [],
    );
  });

test.run();
