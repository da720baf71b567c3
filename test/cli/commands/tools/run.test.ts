// `hoist tools`: what is pinned and what is installed, and names that are none.

import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Place, createPlace } from '../../invoke.ts';

const test = suite<Place>('cli/commands/tools/run');
test.before.each((context) => void Object.assign(context, createPlace()));
test.after.each((context) => context.close());

test('what is pinned, and what is installed of it', async ({ invoke }) => {
  const text = await invoke('tools', []);
  assert.is(text.code, 0);
  assert.match(text.stdout, /^tool {21}pinned {3}found\n/);
  assert.match(text.stdout, /^kube-apiserver +v?\d\S* +/m);
  const { tools } = JSON.parse((await invoke('tools', ['list', '--output', 'json'])).stdout) as {
    tools: { name: string }[];
  };
  assert.ok(tools.some(({ name }) => name === 'etcd'));
  assert.match(
    (await invoke('tools', ['fetch', 'kubectll'])).error,
    /there is no tool "kubectll"; (did you mean|there are: )/,
  );
  assert.match((await invoke('tools', ['prun'])).error, 'tools cannot "prun"; did you mean "prune"?');
  const pruned = await invoke('tools', ['prune']);
  assert.equal([pruned.code, pruned.stdout.startsWith('0 removed, 0')], [0, true], pruned.stdout);
  const json = JSON.parse((await invoke('tools', ['prune', '--output', 'json'])).stdout) as object;
  assert.equal(json, { type: 'pruned', removed: [], busy: [] });
});

test('what is there needs no fetching; what is used is shown then, unless nobody wants to know', async ({
  invoke,
  folder,
  write,
}) => {
  write('tool', '#!/bin/sh\necho unknown\n');
  chmodSync(join(folder, 'tool'), 0o755);
  const names = ['ETCD', 'KUBE_APISERVER', 'KUBE_CONTROLLER_MANAGER', 'KUBE_SCHEDULER', 'KWOK'];
  const env = Object.fromEntries(names.map((name) => [`HOIST_TOOL_${name}`, join(folder, 'tool')]));
  for (const argv of [['fetch'], ['fetch', 'etcd']]) {
    const { code, stdout, error } = await invoke('tools', argv, env);
    assert.is(code, 0, error);
    assert.match(stdout, new RegExp(`^etcd +\\S+ +\\?  explicit  ${folder}/tool$`, 'm'));
    assert.match(stdout, /^helm /m);
  }
  assert.is((await invoke('tools', ['fetch', '--quiet'], env)).stdout, '');
  assert.is((await invoke('tools', ['fetch', '-o', 'json'], env)).stdout, '');
  assert.match((await invoke('tools', ['list'], { PATH: '' })).stdout, /^etcd {21}\S+ +not installed$/m);
});

test('what other versions have left goes, with what it took', async ({ invoke, write }) => {
  write('cache/hoist/tools/etcd/0.0.1-linux-amd64/etcd', 'x'.repeat(2048));
  const { stdout } = await invoke('tools', ['prune']);
  assert.match(stdout, /^removed \S+\/etcd\/0\.0\.1-linux-amd64\n1 removed, 2 KiB\n$/);
  write('cache/hoist/tools/etcd/0.0.1-linux-amd64/etcd', 'x');
  const { removed } = JSON.parse((await invoke('tools', ['prune', '-o', 'json'])).stdout) as {
    removed: { bytes: number }[];
  };
  assert.equal(
    removed.map(({ bytes }) => bytes),
    [1],
  );
});

test.run();
