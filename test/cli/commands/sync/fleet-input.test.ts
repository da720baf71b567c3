// The fleet that files and contexts name: at least one cluster, and contexts are clusters of their own namespace.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readFleet } from '../../../../scripts/cli/commands/sync/fleet-input.ts';
import type { FleetOptions } from '../../../../scripts/cli/commands/sync/options.ts';
import type { HostContext } from '../../../../scripts/context.ts';
import { failureOf } from '../../../failure.ts';
import { setText } from './fleet-place.ts';

const test = suite<{ folder: string }>('cli/commands/sync/fleet-input', { folder: '' });
test.before.each((context) => {
  context.folder = mkdtempSync(join(tmpdir(), 'hoist-fleet-'));
  writeFileSync(join(context.folder, 'set.yaml'), setText('one', '{k: v}'));
});
test.after.each(({ folder }) => rmSync(folder, { recursive: true, force: true }));

const read = (folder: string, names: readonly string[]) =>
  readFleet(
    ['set.yaml'],
    { contexts: names.map((name) => ({ name, labels: { fleet: 'test' } })) } as unknown as FleetOptions,
    { cwd: folder, env: { HOME: folder } } as unknown as HostContext,
  );

test('contexts are clusters, in their order', async ({ folder }) => {
  const { clusters, sets } = await read(folder, ['b', 'a']);
  assert.equal(
    clusters.map(({ id, namespace, name, labels, where }) => [id, namespace, name, labels, where]),
    [
      ['contexts/b', 'contexts', 'b', { fleet: 'test' }, 'context b'],
      ['contexts/a', 'contexts', 'a', { fleet: 'test' }, 'context a'],
    ],
  );
  assert.is(sets.length, 1);
  assert.is((await read(folder, ['a'])).clusters.length, 1);
});

test('without a cluster it says what names one', async ({ folder }) => {
  assert.match(await failureOf(read(folder, [])), 'there is no cluster: the files hold no ClusterDeployment');
});

test.run();
