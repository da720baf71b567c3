// The lock of a cluster: its folder is the user's alone, and where it cannot be made, the error says what to do.

import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { HoistError } from '../../scripts/base/errors.ts';
import { withClusterLock } from '../../scripts/cluster/cluster-lock.ts';

const lock = suite<{ folder: string }>('cluster/cluster-lock');
lock.before.each((context) => {
  context.folder = mkdtempSync(join(tmpdir(), 'hoist-lock-'));
});
lock.after.each(({ folder }) => rmSync(folder, { recursive: true }));

const { signal } = new AbortController();

lock('the work runs, and the state is for the user alone', async ({ folder }) => {
  const stateHome = join(folder, 'state');
  assert.is(await withClusterLock('dev', { signal }, { stateHome }, () => Promise.resolve(7)), 7);
  assert.is(statSync(stateHome).mode & 0o777, 0o700);
});

lock('a state folder that cannot be made is named, with what to do', async ({ folder }) => {
  writeFileSync(join(folder, 'file'), '');
  const stateHome = join(folder, 'file/state');
  const error = await withClusterLock('dev', { signal }, { stateHome }, () => Promise.resolve()).catch(
    (thrown: unknown) => thrown,
  );
  assert.instance(error, HoistError);
  assert.match((error as HoistError).message, `the state folder ${stateHome} cannot be made: ENOTDIR`);
  assert.match((error as HoistError).hint ?? '', 'XDG_STATE_HOME');
});

lock.run();
