// `hoist up` where no engine answers: what it says before it fails, and what a plan still shows.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createWorld, type Env, type World } from '../../../world.ts';

const test = suite<{ world: World }>('up: without an engine');

test.before.each((context) => {
  context.world = createWorld('up', { DOCKER_HOST: 'unix:///nowhere/docker.sock', PROVIDER: 'k3d' });
});
test.after.each(({ world }) => world.close());

test('the first line is not about a secret that nobody has asked for', async ({ world }) => {
  const quiet = await world.hoist(['up']);
  assert.is.not(quiet.code, 0);
  assert.match(quiet.stderr, /^error: no Docker engine answers at unix:\/\/\/nowhere\/docker\.sock/);
  const verbose = await world.hoist(['up', '--verbose']);
  assert.match(
    verbose.stderr,
    'left out: secret "registry-credentials": the env variable DOCKER_CONFIG_JSON is not set',
  );
});

test('a secret of the user that has no value is always named', async ({ world }) => {
  world.write('config/cluster.yaml', 'secrets: [{name: mine, optional: true, data: {a: {env: NOT_SET}}}]\n');
  assert.match((await world.hoist(['up'])).stderr, 'left out: secret "mine": the env variable NOT_SET is not set');
});

test('a plan is shown all the same, and says what it does not know', async ({ world }) => {
  const { code, stdout, stderr } = await world.hoist(['up', '--plan']);
  assert.is(code, 0, stderr);
  assert.match(stdout, /^Situation: not known: no Docker engine answers at .*; shown as for a new cluster/m);
  assert.match(stdout, /k3d cluster create dev /);
  assert.match(stdout, /kubeconfig/);
  assert.not.match(stdout, 'docker info');
  const env: Env = { CLUSTER_NAME: 'other' };
  const json = await world.hoist(['up', '--plan', '--output', 'json'], env);
  const plan = JSON.parse(json.stdout) as { situation: { kind: string }; cluster: { name: string } };
  assert.equal([plan.situation.kind, plan.cluster.name], ['unknown', 'other']);
});

test.run();
