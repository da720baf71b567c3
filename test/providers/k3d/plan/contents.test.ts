// Which files count as part of a cluster by their content, and which are only data.

import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ConfigError } from '../../../../scripts/base/errors.ts';
import { contentsOf } from '../../../../scripts/providers/k3d/plan/contents.ts';
import { parseNativeConfig } from '../../../../scripts/settings/k3d/native.ts';

const test = suite<{ folder: string }>('k3d contents', { folder: '' });

test.before.each((context) => {
  context.folder = mkdtempSync(join(tmpdir(), 'hoist-contents-'));
});
test.after.each(({ folder }) => rmSync(folder, { recursive: true, force: true }));

const HEAD = 'apiVersion: k3d.io/v1alpha5\nkind: Simple\n';

test('a change of each file that a native config names is seen, and names the file', async ({ folder }) => {
  mkdirSync(join(folder, 'etc'));
  const files = ['copied.yaml', 'registries.yaml', 'mounted.yaml', 'etc/policy.yaml'];
  for (const file of files) writeFileSync(join(folder, file), 'one');
  const text = `${HEAD}files:
  - {source: copied.yaml, destination: /a}
registries: {config: registries.yaml}
volumes:
  - {volume: '${folder}/mounted.yaml:/etc/m.yaml', nodeFilters: ['server:*']}
  - {volume: '${folder}/etc:/etc/own/', nodeFilters: ['server:*']}
options:
  k3s:
    extraArgs:
      - {arg: --kube-apiserver-arg=audit-policy-file=/etc/own/policy.yaml, nodeFilters: ['server:*']}
`;
  const native = await parseNativeConfig(join(folder, 'k3d.yaml'), text, {});
  const look = (): Promise<Record<string, string>> => contentsOf({ native, volumes: [], k3sArgs: [] }, true, folder);
  let before = await look();
  assert.is(Object.keys(before).length, 4);
  const sum = createHash('sha256').update('one').digest('hex');
  assert.equal([...new Set(Object.values(before))], [sum.slice(0, 16)]);
  for (const file of files) {
    writeFileSync(join(folder, file), 'two');
    const after = await look();
    const changed = Object.keys(after).filter((key) => after[key] !== before[key]);
    assert.equal(changed, [`content of ${join(folder, file)}`]);
    before = after;
  }
  const elsewhere = await contentsOf({ native, volumes: [], k3sArgs: [] }, false, folder);
  assert.is(Object.keys(elsewhere).length, 2);
});

test('data, folders and what a component writes do not count', async ({ folder }) => {
  mkdirSync(join(folder, 'data'));
  writeFileSync(join(folder, 'audit.log'), 'x');
  writeFileSync(join(folder, 'data', 'log'), 'x');
  writeFileSync(join(folder, 'big'), Buffer.alloc(2 ** 20 + 1));
  const volumes = ['audit.log:/var/audit.log', 'data:/data', 'big:/big', 'gone:/gone'].map((one) => ({
    value: `${folder}/${one}`,
    nodes: [],
  }));
  const k3sArgs = ['audit-log-path=/var/audit.log', 'log-file=/data/log'].map((flag) => ({
    arg: `--kube-apiserver-arg=${flag}`,
    nodes: [],
    where: '',
  }));
  assert.equal(await contentsOf({ native: undefined, volumes, k3sArgs }, true, folder), {});
  const named = [{ value: 'volume:/x', nodes: [] }];
  assert.equal(await contentsOf({ native: undefined, volumes: named, k3sArgs }, true, folder), {});
});

test('registries as text are part of the config; a file that is not there is refused with its line', async ({
  folder,
}) => {
  const inline = await parseNativeConfig(
    join(folder, 'k3d.yaml'),
    `${HEAD}registries:\n  config: |\n    mirrors: {}\n    configs: {}\n`,
    {},
  );
  assert.equal(await contentsOf({ native: inline, volumes: [], k3sArgs: [] }, true, folder), {});
  const gone = await parseNativeConfig(join(folder, 'k3d.yaml'), `${HEAD}registries: {config: gone.yaml}\n`, {});
  try {
    await contentsOf({ native: gone, volumes: [], k3sArgs: [] }, true, folder);
    assert.unreachable();
  } catch (error) {
    assert.instance(error, ConfigError);
    assert.match((error as ConfigError).message, /k3d\.yaml:3:\d+: .*gone\.yaml cannot be read/);
  }
});

test.run();
