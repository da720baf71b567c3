// An embedded cluster that is stopped overnight: its processes end, its data is there in the morning.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { SMALL, type World, createWorld } from './hoist.ts';

const stopped = suite<{ world: World }>('embedded: stopped and started', { world: undefined as unknown as World });

stopped.before((context) => {
  context.world = createWorld();
  context.world.write('config/cluster.yaml', SMALL);
});
stopped.after(({ world }) => world.close());

stopped('nothing to stop or start', async ({ world }) => {
  for (const command of ['stop', 'start']) {
    const { code, stderr } = await world.hoist([command]);
    assert.is(code, 2);
    assert.match(stderr, 'there is no cluster "small"; there are none');
  }
});

stopped('stop ends the processes and keeps the data', async ({ world }) => {
  const made = await world.hoist(['up', '--quiet']);
  assert.is(made.code, 0, made.stderr);
  assert.ok(world.processes().length >= 5);
  const { code, stdout, stderr } = await world.hoist(['stop']);
  assert.is(code, 0, stderr);
  assert.match(stdout, 'stopped cluster "small" (embedded); its data is kept');
  assert.equal(world.processes(), []);
  assert.match((await world.hoist(['stop'])).stdout, 'is stopped already');
  assert.match((await world.hoist(['status'])).stdout, /small {2}stopped/);
});

stopped('start goes on with the recorded plan, whatever the settings say now', async ({ world }) => {
  const { code, stdout, stderr } = await world.hoist(['start'], { AGENTS: '7' });
  assert.is(code, 0, stderr);
  assert.match(stdout, /cluster small is ready: .*\n +found +etcd does not run/);
  assert.ok(world.processes().length >= 5);
  const status = await world.hoist(['status', '--output', 'json']);
  const { clusters } = JSON.parse(status.stdout) as { clusters: { state: string; nodes: unknown[] }[] };
  assert.is(clusters[0]?.state, 'running');
  assert.not.equal(clusters[0]?.nodes.length, 8);
  // The settings that made it find everything as they left it: nothing is created again.
  const again = await world.hoist(['up']);
  assert.match(again.stdout, /changes +unchanged/);
});

stopped('start of what runs says so; one dead process is brought back', async ({ world }) => {
  assert.match((await world.hoist(['start'])).stdout, /found +it ran already/);
  const state = JSON.parse(readFileSync(join(world.state, 'hoist/clusters/small/state.json'), 'utf8')) as {
    processes: Record<string, { pid: number }>;
  };
  process.kill(state.processes['kube-scheduler']?.pid ?? 0, 'SIGKILL');
  const { code, stdout } = await world.hoist(['start']);
  assert.is(code, 0);
  assert.match(stdout, /found +kube-scheduler does not run\n/);
});

stopped(
  'what a killed run left suspended is named by status, continued by up, and ended by down',
  async ({ world }) => {
    const suspend = (): void => {
      const state = JSON.parse(readFileSync(join(world.state, 'hoist/clusters/small/state.json'), 'utf8')) as {
        processes: Record<string, { pid: number }>;
      };
      process.kill(state.processes['kube-apiserver']?.pid ?? 0, 'SIGSTOP');
    };
    suspend();
    const status = await world.hoist(['status']);
    assert.match(status.stdout, /small {2}degraded/);
    assert.match(status.stdout.replace(/\s+/g, ' '), 'suspended by a run that is at work, or that was killed');
    const up = await world.hoist(['up']);
    assert.is(up.code, 0, up.stderr);
    assert.match((await world.hoist(['status'])).stdout, /small {2}running/);
    suspend();
    assert.is((await world.hoist(['down', 'small'])).code, 0);
    assert.equal(world.processes(), []);
  },
);

stopped.run();
