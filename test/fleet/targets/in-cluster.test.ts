// The connection of a pod: its token is renewed in a file, which a process that lives for weeks has to see.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { HoistError } from '../../../scripts/base/errors.ts';
import { systemClock } from '../../../scripts/engine/clock.ts';
import { inClusterConnection } from '../../../scripts/fleet/targets/in-cluster.ts';
import { thrown } from '../../kube/helpers.ts';

const test = suite<{ folder: string }>('fleet/targets/in-cluster');

const env = { KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '6443' };

test.before.each((context) => {
  context.folder = mkdtempSync(join(tmpdir(), 'hoist-account-'));
  writeFileSync(join(context.folder, 'token'), 'first\n');
  writeFileSync(join(context.folder, 'ca.crt'), 'authority');
});
test.after.each(({ folder }) => rmSync(folder, { recursive: true }));

test('a renewed token is read within a minute, and at once where the one before is refused', async ({ folder }) => {
  let now = 0;
  const { connection, token } = await inClusterConnection(env, { ...systemClock, now: () => now }, folder);
  assert.equal(connection, { server: 'https://[fd00::1]:6443', ca: 'authority' });
  writeFileSync(join(folder, 'token'), 'second');
  now = 59_000;
  assert.is(await token(), 'first');
  now = 60_000;
  assert.is(await token(), 'second');
  writeFileSync(join(folder, 'token'), 'third');
  assert.is(await token('first'), 'second', 'another request was refused with an older one');
  assert.is(await token('second'), 'third');
});

test('while the file is away, the token that is known is sent', async ({ folder }) => {
  const { token } = await inClusterConnection(env, systemClock, folder);
  rmSync(join(folder, 'token'));
  assert.is(await token('first'), 'first');
});

test('what is no pod is named', async ({ folder }) => {
  assert.match(
    (await thrown(HoistError, inClusterConnection({}, systemClock, folder))).message,
    /KUBERNETES_SERVICE_HOST/,
  );
  rmSync(join(folder, 'token'));
  assert.match(
    (await thrown(HoistError, inClusterConnection(env, systemClock, folder))).message,
    /service account cannot be read/,
  );
});

test.run();
