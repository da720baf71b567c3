// What `up --plan` says of a k3d cluster: what k3d is given, value by value with its source, and the command lines.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Worlds, worldsOf } from './world.ts';

const describing = suite<Worlds>('k3d in --plan');
const worldFor = worldsOf(describing);

describing('values with their sources, the commands, and one count of agents everywhere', async (context) => {
  const one = await worldFor(context);
  writeFileSync(join(one.folder, 'k3d.yaml'), 'apiVersion: k3d.io/v1alpha5\nkind: Simple\nagents: 2\ntoken: hidden\n');
  const args = ['up', '--plan', '--k3d-config', 'k3d.yaml'];

  const { code, stdout, stderr } = await one.hoist(args);
  assert.is(code, 0, stderr);
  const lines = stdout.split('\n').map((line) => line.trim().replace(/ {2,}/g, ' | '));
  assert.ok(lines.includes('What k3d is given'));
  assert.ok(lines.includes(`agents | 2 | ${one.folder}/k3d.yaml:3:9`), stdout);
  assert.ok(lines.includes(`token | (not shown) | ${one.folder}/k3d.yaml:4:8`));
  assert.ok(lines.includes('servers | 1 | k3d.servers'));
  assert.not(stdout.includes('hidden'));
  assert.equal(
    lines.filter((line) => line.startsWith('k3d-dev-')).map((line) => line.split(' | ')[0]),
    ['k3d-dev-server-0', 'k3d-dev-agent-0', 'k3d-dev-agent-1'],
  );
  assert.not(stdout.includes('heartbeat-interval'), 'k3s has no etcd of its own with one server');

  // The command is the one that `up` runs, and the plan of the record is the same.
  const shown = lines[lines.indexOf('Commands') + 1]?.split(' | ')[0] ?? '';
  const up = await one.hoist(args.filter((arg) => arg !== '--plan'));
  assert.is(up.code, 0, up.stderr);
  const ran = one.told().find(({ argv }) => argv?.[1] === 'create')?.argv ?? [];
  assert.is(shown.replaceAll("'", ''), ['k3d', ...ran].join(' '));
  const log = readFileSync(join(one.folder, 'logs', 'runs.jsonl'), 'utf8');
  const record = JSON.parse(log.trim().split('\n').at(-1) ?? '') as { cluster: { agents: number } };
  assert.is(record.cluster.agents, 2);
  assert.not(log.includes('hidden'));

  const again = JSON.parse((await one.hoist([...args, '--output', 'json'])).stdout) as {
    given: { values: { name: string; value: string }[]; commands: string[] };
  };
  assert.equal(again.given.commands, [], 'it runs');
  assert.is(again.given.values.find(({ name }) => name === 'agents')?.value, '2');
});

describing.run();
